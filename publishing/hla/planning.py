"""What HLA tables the next release would have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.pool import Connection
from domain.hla import LOCI
from publishing.batch import Batch
from publishing.gate import Measure
from publishing.history import History
from publishing.hla.approvals import hla_approval
from publishing.hla.census import BankCount
from publishing.hla.count import count_genotypes, count_real
from publishing.hla.disclosure import Decision
from publishing.hla.store import add_counts, add_tables, newest_tables, read_versions
from publishing.hla.tables import Table, next_tables, tables_digest


@dataclass(frozen=True, slots=True)
class HlaPlan:
    """The HLA tables of the next release.

    Attributes:
        real: Units of the release that are not made up.
        approval: Where the approval to open HLA data is kept, or ``None``: there is none.
        tables: The tables, by locus and region.
        counts: What was counted, by locus, for the tables that say it.
        remarks: Why a locus has no table, or one of an earlier release.
    """

    real: int
    approval: str | None
    tables: tuple[Table, ...]
    counts: Mapping[str, list[BankCount]]
    remarks: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Names exactly these tables."""
        return tables_digest(self.tables)

    @property
    def measure(self) -> Measure:
        """What the gate is told: donors' units that no approval covers."""
        if not self.real:
            return Measure(0, "all units are made up")
        return Measure(self.real) if self.approval is None else Measure(0, self.approval)

    def as_json(self) -> dict[str, Any]:
        """Return what an operator is told of it, as plain data."""
        return {
            "digest": self.digest,
            "tables": [
                {
                    "locus": table.locus,
                    "region": table.region.value,
                    "groups": len(table.groups),
                    "typed": table.typed,
                    "as_of": table.as_of,
                }
                for table in self.tables
            ],
            "remarks": list(self.remarks),
        }


async def plan_hla(connection: Connection, history: History, batch: Batch) -> HlaPlan:
    """Return the HLA tables of the release that continues ``history`` with ``batch``.

    Without an approval there are none, unless all units are made up: those tell of nobody.
    """
    real = await count_real(connection, history, batch)
    approval = await hla_approval(connection)
    if real and approval is None:
        return HlaPlan(real, None, (), {}, ("no approval to open HLA data is recorded",))
    counts = await count_genotypes(connection, history, batch)
    newest = await newest_tables(connection)
    versions = await read_versions(connection)
    tables: list[Table] = []
    fresh: dict[str, list[BankCount]] = {}
    remarks: list[str] = []
    for locus in LOCI:
        decision, made = next_tables(
            locus,
            history.newest + 1,
            counts[locus],
            versions.get(locus, []),
            newest.get(locus, []),
        )
        tables += made
        if decision.fresh:
            fresh[locus] = counts[locus]
        else:
            remarks.append(_remark(locus, decision, made))
    return HlaPlan(real, approval, tuple(tables), fresh, tuple(remarks))


async def write_hla(connection: Connection, release: int, planned: HlaPlan) -> None:
    """Publish the tables of ``planned`` with ``release``; part of its transaction."""
    await add_tables(connection, release, planned.tables)
    for locus, counts in planned.counts.items():
        await add_counts(connection, release, locus, counts)


def _remark(locus: str, decision: Decision, made: list[Table]) -> str:
    kept = f"stays as of release {made[0].as_of}" if made else "has no table"
    return f"{locus} {kept}: {decision.reason}"
