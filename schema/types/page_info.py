"""Where a page stands in its list."""

from collections.abc import Awaitable, Callable
from typing import Self

import strawberry

from schema.paging import Page, cursor

Finding = bool | Callable[[], Awaitable[bool]]
"""Whether something is so, or how to find out: what costs a statement is not asked in advance."""


async def _has_next(self: "PageInfo") -> bool:
    return self.follows if isinstance(self.follows, bool) else await self.follows()


async def _has_previous(self: "PageInfo") -> bool:
    return self.precedes if isinstance(self.precedes, bool) else await self.precedes()


@strawberry.type(description="Where a page stands in its list. Always exact.")
class PageInfo:
    """Relay's PageInfo."""

    follows: strawberry.Private[Finding]
    precedes: strawberry.Private[Finding]

    has_next_page: bool = strawberry.field(
        resolver=_has_next, description="Whether items follow this page."
    )
    has_previous_page: bool = strawberry.field(
        resolver=_has_previous, description="Whether items precede this page."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the page's first item; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the page's last item; null on an empty page."
    )

    @classmethod
    def around(cls, page: Page[object], scope: str, keys: list[str]) -> Self:
        """Describe ``page``, whose items have ``keys`` in the list named by ``scope``."""
        return cls.between(scope, keys, precedes=page.has_previous, follows=page.has_next)

    @classmethod
    def between(cls, scope: str, keys: list[str], *, precedes: Finding, follows: Finding) -> Self:
        """Describe a page of items with ``keys``, and what lies on either side of it."""
        return cls(
            follows=follows,
            precedes=precedes,
            start_cursor=cursor(scope, keys[0]) if keys else None,
            end_cursor=cursor(scope, keys[-1]) if keys else None,
        )
