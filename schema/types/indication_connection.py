"""Lists of indications."""

from collections.abc import Sequence
from typing import Self

import strawberry

from schema.paging import PageRequest, cursor, cut_page
from schema.types.indication import Indication
from schema.types.page_info import PageInfo


@strawberry.type(description="An indication in a list.")
class IndicationEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Place of the indication in the list.")
    node: Indication = strawberry.field(description="The indication.")


@strawberry.type(description="A list of indications.")
class IndicationConnection:
    """One page of a list that is short enough to be read whole."""

    edges: list[IndicationEdge] = strawberry.field(
        description="The indications of the page with their cursors."
    )
    nodes: list[Indication] = strawberry.field(description="The indications of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int = strawberry.field(description="Exact number of indications in the list.")

    @classmethod
    def cut(cls, scope: str, indications: Sequence[Indication], request: PageRequest) -> Self:
        """Cut a page out of all indications, which are ordered by code."""
        page = cut_page(indications, _key, request)
        keys = [_key(indication) for indication in page.items]
        return cls(
            edges=[
                IndicationEdge(cursor=cursor(scope, key), node=indication)
                for key, indication in zip(keys, page.items, strict=True)
            ],
            nodes=list(page.items),
            page_info=PageInfo.around(page, scope, keys),
            total_count=len(indications),
        )


def _key(indication: Indication) -> str:
    return indication.code
