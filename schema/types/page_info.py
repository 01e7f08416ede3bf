"""Where a page stands in its list."""

from typing import Self

import strawberry

from schema.paging import Cursor, Page


@strawberry.type(description="Where a page stands in its list. Always exact.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the page's first item; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the page's last item; null on an empty page."
    )

    @classmethod
    def around(cls, page: Page[object], scope: str, keys: list[str]) -> Self:
        """Describe ``page``, whose items have ``keys`` in the list named by ``scope``."""
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=str(Cursor(scope, keys[0])) if keys else None,
            end_cursor=str(Cursor(scope, keys[-1])) if keys else None,
        )
