"""How many units reach a dose of cells for a recipient."""

import strawberry

from domain.cell_dose import CellDose
from loaders.class_set import ClassSet
from loaders.dose_counts import DoseCount, dose_counts, total_of
from schema.batched import batched
from schema.context import Info
from schema.types.bank import Bank, banks_by_code
from schema.types.cell_dose_filter import DOSE_SOURCE
from schema.types.release import Release
from schema.weights import DOSE_BANKS

_CERTAIN = "Units that surely reach the dose: the lower end of the band does."
_POSSIBLE = (
    "Units that may reach it: a value of the band does. Those that surely do are among them. A "
    "band without an upper end may reach any dose."
)
_UNKNOWN = (
    "Units of which a count that decides was not recorded or is not published. They are neither "
    "certain nor possible."
)
_UNITS = "All units, those that fall short of the dose too."


@strawberry.type(
    name="BankCellDose",
    description="How many units of one bank reach a dose of cells.",
)
class BankCounts:
    """The counts of a bank."""

    bank_key: strawberry.Private[tuple[int, str] | None]

    certain: int = strawberry.field(description=_CERTAIN)
    possible: int = strawberry.field(description=_POSSIBLE)
    unknown: int = strawberry.field(description=_UNKNOWN)
    units: int = strawberry.field(description=_UNITS)

    bank: Bank | None = batched(
        banks_by_code,
        key="bank_key",
        description="The bank; null for units whose bank is not published.",
    )


@strawberry.type(
    name="CellDose",
    description="Exact numbers of units that reach a dose of cells for a recipient, by their "
    "published bands. Counts are those of the frozen unit (TNC_FRZN, CD34PC_FRZN), before it is "
    f"thawed. The default minimum of nucleated cells is that of a single unit in {DOSE_SOURCE}. "
    "This is no medical advice: choosing a unit takes its exact counts, its HLA match and much "
    "else that is not published.",
)
class DoseCounts:
    """The counts of a list of units."""

    counts: strawberry.Private[list[DoseCount]]
    number: strawberry.Private[int]

    weight_kg: float = strawberry.field(description="Body weight of the recipient in kilograms.")
    minimum_tnc_per_kg: float = strawberry.field(
        description="Total nucleated cells of the frozen unit for each kilogram, at least."
    )
    minimum_cd34_per_kg: float | None = strawberry.field(
        description="CD34+ cells of the frozen unit for each kilogram, at least; null where they "
        "are not looked at."
    )
    needed_tnc: float = strawberry.field(
        description="Total nucleated cells that a unit must have, in 10^8: weight times minimum."
    )
    needed_cd34: float | None = strawberry.field(
        description="CD34+ cells that a unit must have, in 10^6; null where they are not looked at."
    )
    certain: int = strawberry.field(description=_CERTAIN)
    possible: int = strawberry.field(description=_POSSIBLE)
    unknown: int = strawberry.field(description=_UNKNOWN)
    units: int = strawberry.field(description=_UNITS)

    @strawberry.field(
        description="The same for each bank that has units here, ordered by code. They add up.",
        directives=DOSE_BANKS,
    )
    def by_bank(self) -> list[BankCounts]:
        """Show the counts of the banks."""
        return [
            BankCounts(
                bank_key=None if each.bank is None else (self.number, each.bank),
                certain=each.certain,
                possible=each.possible,
                unknown=each.unknown,
                units=each.units,
            )
            for each in self.counts
        ]

    @strawberry.field(description="The release that the units are read from.")
    def release(self, info: Info) -> Release:
        """Look up the release."""
        return Release.numbered(info.context.catalogue, self.number)

    @classmethod
    def of(cls, release: int, classes: ClassSet, dose: CellDose) -> "DoseCounts":
        """Count the units of ``classes``, which ``release`` holds."""
        counts = dose_counts(classes, dose)
        total = total_of(counts)
        return cls(
            counts=counts,
            number=release,
            weight_kg=dose.weight_kg,
            minimum_tnc_per_kg=dose.tnc_per_kg,
            minimum_cd34_per_kg=dose.cd34_per_kg,
            needed_tnc=float(dose.tnc_needed),
            needed_cd34=None if dose.cd34_needed is None else float(dose.cd34_needed),
            certain=total.certain,
            possible=total.possible,
            unknown=total.unknown,
            units=total.units,
        )
