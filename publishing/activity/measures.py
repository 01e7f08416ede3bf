"""What the gate measures on the table of activity."""

from publishing.activity.holding import Version, by_bank, change_of, total
from publishing.activity.table import ActivityTable
from publishing.gate import Measure


def measure_activity(table: ActivityTable) -> dict[str, Measure | None]:
    """Measure the smallest new cell or change; ``None`` if the table says nothing new."""
    units: list[int] = []
    banks: list[int] = []
    for version, earlier in table.new_versions():
        units += [total(version), *(abs(total(version) - total(old)) for old in earlier)]
        banks += [_banks(version), *(len(change_of(old, version)) for old in earlier)]
    if not units:
        return {"activity": None, "activity-banks": None}
    about = f"{len(table.added):,} new cells, {len(table.renewed):,} changed"
    return {"activity": Measure(min(units), about), "activity-banks": Measure(min(banks))}


def _banks(version: Version) -> int:
    return len(by_bank(version))
