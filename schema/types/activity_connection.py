"""Lists of counts of transplants."""

from collections.abc import Sequence
from typing import Self

import strawberry

from domain.disclosure import MINIMUM_ACTIVITY, MINIMUM_BANKS
from loaders.activity import ActivityRecord
from schema.arguments import LanguageArgument
from schema.paging import PageRequest, cursor, cut_page
from schema.types.activity import ActivityCell
from schema.types.language import Language
from schema.types.page_info import PageInfo


@strawberry.type(description="A count of transplants in a list.")
class ActivityEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Place of the cell in the list.")
    node: ActivityCell = strawberry.field(description="The cell.")


@strawberry.type(
    description="Counts of transplants, ordered by indication, year and region; cells of several "
    "indications come last. A release that was made without reports of banks has none."
)
class ActivityConnection:
    """One page of a list that is short enough to be read whole."""

    edges: list[ActivityEdge] = strawberry.field(
        description="The cells of the page with their cursors."
    )
    nodes: list[ActivityCell] = strawberry.field(description="The cells of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int = strawberry.field(description="Exact number of cells in the list.")
    units: int = strawberry.field(
        description="Units of all cells of the list, also of those on other pages: their sum."
    )
    partial_count: int = strawberry.field(
        description="Cells that meet the conditions but reach beyond the years that were asked "
        "for, so that they are not in the list. Where there are any, the list does not hold all "
        "transplants of these years: ask for more years."
    )

    @strawberry.field(description="What is counted, and what is not shown, in a sentence.")
    def note(self, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language."""
        if language is Language.ZH:
            return (
                "统计的是用于移植而出库的脐带血单位数,不是患者人数:一名患者可能使用两个单位。"
                f"每个数字至少包含{MINIMUM_BANKS}个脐血库的{MINIMUM_ACTIVITY}个单位;较小的数字合并公布。"
            )
        return (
            "Units released for transplant are counted, not patients: one may get two. Each "
            f"number has at least {MINIMUM_ACTIVITY} units of at least {MINIMUM_BANKS} banks; "
            "smaller ones are told together."
        )

    @classmethod
    def cut(
        cls,
        scope: str,
        release: int,
        records: Sequence[ActivityRecord],
        partial: int,
        request: PageRequest,
    ) -> Self:
        """Cut a page out of ``records``, in the order of their keys; ``partial`` more reach out."""
        page = cut_page(records, _key, request)
        keys = [_key(record) for record in page.items]
        cells = [ActivityCell.of(record, release) for record in page.items]
        return cls(
            edges=[
                ActivityEdge(cursor=cursor(scope, key), node=cell)
                for key, cell in zip(keys, cells, strict=True)
            ],
            nodes=cells,
            page_info=PageInfo.around(page, scope, keys),
            total_count=len(records),
            units=sum(record.units for record in records),
            partial_count=partial,
        )


def _key(record: ActivityRecord) -> str:
    return record.key
