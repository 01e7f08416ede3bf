"""Lists of banks."""

from collections.abc import Sequence
from typing import Self

import strawberry

from schema.paging import PageRequest, cursor, cut_page
from schema.types.bank import Bank
from schema.types.page_info import PageInfo


@strawberry.type(description="A bank in a list.")
class BankEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Place of the bank in the list.")
    node: Bank = strawberry.field(description="The bank.")


@strawberry.type(description="A list of banks.")
class BankConnection:
    """One page of a list that is short enough to be read whole."""

    edges: list[BankEdge] = strawberry.field(
        description="The banks of the page with their cursors."
    )
    nodes: list[Bank] = strawberry.field(description="The banks of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int = strawberry.field(description="Exact number of banks in the list.")

    @classmethod
    def cut(cls, scope: str, banks: Sequence[Bank], request: PageRequest) -> Self:
        """Cut a page out of all banks, which are ordered by code."""
        page = cut_page(banks, _key, request)
        keys = [_key(bank) for bank in page.items]
        return cls(
            edges=[
                BankEdge(cursor=cursor(scope, key), node=bank)
                for key, bank in zip(keys, page.items, strict=True)
            ],
            nodes=list(page.items),
            page_info=PageInfo.around(page, scope, keys),
            total_count=len(banks),
        )


def _key(bank: Bank) -> str:
    return bank.code
