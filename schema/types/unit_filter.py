"""Conditions on units."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, TypeVar

import strawberry

from domain.cell_dose import Reach
from domain.identifiers import InvalidIdentifierError, bank_id, parse
from loaders.selections import Selection
from schema.errors import Code, ContractError, quoted
from schema.lifetime import lifetime
from schema.limits import LIMITS
from schema.types.abo_group import AboGroup
from schema.types.cell_dose_filter import REACHES, CellDoseFilter
from schema.types.processing import ProcessingMethod

T = TypeVar("T")

_KEPT = 1_024
"""Selections without conditions that are kept."""

_CERTAIN = "Matches what is certain: a unit whose whole band lies inside the range."
_FIRST_YEAR, _LAST_YEAR = 1000, 9999
_MOST = 1000.0
"""Above any band: a larger value is perhaps a count of cells, in the wrong unit."""
_FEWEST = 0.01
"""Fewest cells, in the unit of the band, for which a count of cells is taken as one of a unit."""


@strawberry.input(
    description="Conditions that a unit must meet, all of them. A condition that is left out or "
    "null matches everything; an empty list matches nothing."
)
class UnitFilter:
    """The conditions as the client gave them."""

    bank: list[str] | None = strawberry.field(
        default=None, description='Codes of banks, for instance ["BJ", "GD"].'
    )
    abo_group: list[AboGroup] | None = strawberry.field(
        default=None, description="ABO blood groups."
    )
    processing: list[ProcessingMethod] | None = strawberry.field(
        default=None, description="Processing methods."
    )
    collected_from: int | None = strawberry.field(
        default=None, description=f"Collected in this year or later. {_CERTAIN}"
    )
    collected_to: int | None = strawberry.field(
        default=None, description=f"Collected in this year or earlier. {_CERTAIN}"
    )
    tnc_at_least: float | None = strawberry.field(
        default=None, description=f"Total nucleated cells, at least, in 10^8. {_CERTAIN}"
    )
    tnc_below: float | None = strawberry.field(
        default=None, description=f"Total nucleated cells, below, in 10^8. {_CERTAIN}"
    )
    cd34_at_least: float | None = strawberry.field(
        default=None, description=f"CD34+ cells, at least, in 10^6. {_CERTAIN}"
    )
    cd34_below: float | None = strawberry.field(
        default=None, description=f"CD34+ cells, below, in 10^6. {_CERTAIN}"
    )
    volume_at_least: float | None = strawberry.field(
        default=None, description=f"Volume collected, at least, in millilitres. {_CERTAIN}"
    )
    volume_below: float | None = strawberry.field(
        default=None, description=f"Volume collected, below, in millilitres. {_CERTAIN}"
    )
    added_in: list[int] | None = strawberry.field(
        default=None, description="Numbers of the releases that published the unit first."
    )
    cell_dose: CellDoseFilter | None = strawberry.field(
        default=None,
        description="A dose of cells for a recipient that the unit reaches.",
        metadata=lifetime(since="2027-01"),
    )


UnitFilterArgument = Annotated[
    UnitFilter | None, strawberry.argument(description="Conditions that the units meet.")
]


def selection(release: int, conditions: UnitFilter | None, bank: str | None = None) -> Selection:
    """Return the selection of ``conditions`` in a release, within ``bank`` if given.

    Raises:
        ContractError: a condition holds a value that no unit can have.
    """
    if conditions is None:
        return _unconditional(release, bank)
    wanted = conditions
    return Selection(
        release=release,
        bank=_banks(wanted.bank, bank),
        abo=_listed("aboGroup", _values(wanted.abo_group)),
        processing=_listed("processing", _values(wanted.processing)),
        collected_from=_year("collectedFrom", wanted.collected_from),
        collected_to=_year("collectedTo", wanted.collected_to),
        tnc_at_least=_cells("tncAtLeast", wanted.tnc_at_least, 1e8),
        tnc_below=_cells("tncBelow", wanted.tnc_below, 1e8),
        cd34_at_least=_cells("cd34AtLeast", wanted.cd34_at_least, 1e6),
        cd34_below=_cells("cd34Below", wanted.cd34_below, 1e6),
        volume_at_least=_amount("volumeAtLeast", wanted.volume_at_least),
        volume_below=_amount("volumeBelow", wanted.volume_below),
        added_in=_releases(wanted.added_in),
        dose=None if wanted.cell_dose is None else wanted.cell_dose.dose(),
        reach=Reach.CERTAIN if wanted.cell_dose is None else REACHES[wanted.cell_dose.reach],
    )


@lru_cache(maxsize=_KEPT)
def _unconditional(release: int, bank: str | None) -> Selection:
    return Selection(release=release, bank=None if bank is None else (bank,))


def _invalid(name: str, message: str) -> ContractError:
    return ContractError(Code.INVALID_ARGUMENT, f'Filter "{name}": {message}')


def _values(members: Iterable[AboGroup] | Iterable[ProcessingMethod] | None) -> list[str] | None:
    return None if members is None else [member.name for member in members]


def _listed(name: str, values: list[T] | None) -> tuple[T, ...] | None:
    """Return the distinct ``values`` in the order given, which makes equal filters share a key."""
    if values is None:
        return None
    if len(values) > LIMITS.max_ids:
        raise _invalid(name, f"at most {LIMITS.max_ids} entries are allowed, not {len(values)}.")
    return tuple(dict.fromkeys(values))


def _banks(codes: list[str] | None, bank: str | None) -> tuple[str, ...] | None:
    listed = _listed("bank", codes)
    for code in listed or ():
        try:
            parse(bank_id(code))
        except InvalidIdentifierError:
            raise _invalid(
                "bank", f'{quoted(code)} is not a bank code. Codes look like "BJ".'
            ) from None
    if bank is None:
        return listed
    return (bank,) if listed is None or bank in listed else ()


def _releases(numbers: list[int] | None) -> tuple[int, ...] | None:
    listed = _listed("addedIn", numbers)
    for number in listed or ():
        if number < 1:
            raise _invalid("addedIn", f"releases are numbered from 1, not {number}.")
    return listed


def _year(name: str, year: int | None) -> int | None:
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _invalid(name, f"a year has four digits, not {year}.")
    return year


def _amount(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value) or value < 0:
        raise _invalid(name, f"must be a number that is not negative, not {_shown(value)}.")
    if value > _MOST:
        raise _invalid(name, f"{_shown(value)} is above {_shown(_MOST)}.")
    return value


def _cells(name: str, value: float | None, scale: float) -> float | None:
    if value is not None and value > _MOST and _FEWEST <= value / scale <= _MOST:
        raise _invalid(
            name,
            f"cells are counted in units of {scale:.0e}".replace("1e+0", "10^")
            + f", so {value:g} is far too many. Did you mean {value / scale:g}?",
        )
    return _amount(name, value)


def _shown(value: float) -> str:
    """Write a number with all its digits, so that what is just too much is not shown rounded."""
    return repr(value).removesuffix(".0")
