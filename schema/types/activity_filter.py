"""Conditions on counts of transplants."""

from dataclasses import dataclass
from typing import Annotated

import strawberry

from loaders.activity import ActivityRecord
from schema.errors import Code, ContractError
from schema.types.region import Region

_FIRST_YEAR, _LAST_YEAR = 1000, 9999
_CERTAIN = "Matches what is certain: a cell whose whole range of years lies inside."

FromYear = Annotated[
    int | None, strawberry.argument(description=f"Only from this year on. {_CERTAIN}")
]
ToYear = Annotated[int | None, strawberry.argument(description=f"Only to this year. {_CERTAIN}")]
ActivityRegion = Annotated[
    Region | None,
    strawberry.argument(
        description="Only cells of this region. NATION: those that are not divided by region."
    ),
]


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Years, region and indication of the cells that are wanted.

    Raises:
        ContractError: A year is none, or the range is empty.
    """

    from_year: int | None = None
    to_year: int | None = None
    region: Region | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        for name, year in (("fromYear", self.from_year), ("toYear", self.to_year)):
            if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
                raise ContractError(
                    Code.INVALID_ARGUMENT,
                    f'Argument "{name}": a year has four digits, not {year}.',
                )
        if self.from_year and self.to_year and self.from_year > self.to_year:
            raise ContractError(
                Code.INVALID_ARGUMENT,
                f'Argument "fromYear" is {self.from_year}, after "toYear", which is '
                f"{self.to_year}; exchange them.",
            )

    def allows(self, record: ActivityRecord) -> bool:
        """Tell whether a cell meets all conditions: its years lie inside."""
        return (
            self.reaches(record)
            and (self.from_year or _FIRST_YEAR) <= record.year_from
            and record.year_to <= (self.to_year or _LAST_YEAR)
        )

    def reaches(self, record: ActivityRecord) -> bool:
        """Tell whether a cell meets all conditions with a part of its years."""
        return (
            (self.from_year or _FIRST_YEAR) <= record.year_to
            and record.year_from <= (self.to_year or _LAST_YEAR)
            and self.region in (None, Region(record.region))
            and (self.code is None or self.code in record.indications)
        )
