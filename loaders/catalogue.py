"""Everything that is published but the units themselves, in memory: the catalogue."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from database.pool import Connection
from loaders.activity import ACTIVITY, ActivityRecord, ActivityTables
from loaders.banks import BANKS, BankRecord
from loaders.class_reading import read_classes
from loaders.class_set import ClassSet
from loaders.class_table import ClassTable, Made, ReadClasses
from loaders.gate_status import GATE_STATUS, GateStatusRecord
from loaders.hla_frequencies import HlaTable, HlaTables, read_hla_tables
from loaders.indications import INDICATIONS, IndicationRecord
from loaders.judgements import JUDGEMENTS, JudgementRecord
from loaders.published_classes import PublishedClass
from loaders.releases import FILES, RELEASES, ReleaseFileRecord, ReleaseList
from loaders.selections import Selection
from loaders.statements import Pool, Statement

MadeT = TypeVar("MadeT")

_KEPT_FLAGS = 16_000_000
"""Flags of kept selections: a byte for each class and selection."""
_KEPT_SELECTIONS = 500
_KEPT_READ = 50_000
"""Classes of which something is kept as a release reads them: about a kilobyte each."""

ReferenceT = TypeVar("ReferenceT", BankRecord, IndicationRecord)
ByRelease = Mapping[int, Mapping[str, ReferenceT]]
"""Records by release and code, in the order of the codes."""


@dataclass(frozen=True, slots=True)
class FingerprintRecord:
    """A text that changes with everything that a catalogue holds."""

    fingerprint: str


FINGERPRINT = Statement("fingerprint", FingerprintRecord)


class Catalogue:
    """What all releases say of all but units; it never changes.

    Attributes:
        fingerprint: Another one for every release, every withdrawal, every file, every judgement
            and every look at the gate that found something else.
        releases: All releases, withdrawn ones included.
        classes: The batch classes of all releases.
        all_banks: The banks of all releases.
        all_indications: The indications of all releases.
        all_hla_tables: The HLA frequency tables of all releases.
        gate: The newest look at the gate; ``None`` before the first.
    """

    def __init__(
        self,
        fingerprint: str,
        releases: ReleaseList,
        classes: ClassTable,
        banks: ByRelease[BankRecord],
        indications: ByRelease[IndicationRecord],
        files: list[ReleaseFileRecord],
        gate: GateStatusRecord | None,
        judgements: list[JudgementRecord],
        activity: list[ActivityRecord],
        hla_tables: HlaTables,
    ) -> None:
        self.fingerprint = fingerprint
        self.releases = releases
        self.classes = classes
        self.all_banks = banks
        self.all_indications = indications
        self.gate = gate
        self._activity = ActivityTables(activity)
        self.all_hla_tables = hla_tables
        self._files: dict[int, list[ReleaseFileRecord]] = {}
        for file in files:
            self._files.setdefault(file.release, []).append(file)
        self._judgements: dict[int, list[JudgementRecord]] = {}
        for judgement in judgements:
            self._judgements.setdefault(judgement.release, []).append(judgement)
        self._units: dict[int, Counter[str]] = {}
        self._selected: OrderedDict[Selection, ClassSet] = OrderedDict()
        self._most_selected = min(_KEPT_SELECTIONS, 1 + _KEPT_FLAGS // (len(classes) + 1))
        self._made: dict[Callable[[PublishedClass], Any], Made[Any]] = {}
        self._made_of_read: dict[Callable[[PublishedClass, int], Any], ReadClasses[Any]] = {}
        self._made_of: dict[tuple[Callable[[Any], Any], int], Any] = {}

    def banks(self, release: int) -> Mapping[str, BankRecord]:
        """Return the banks that ``release`` reads by code, in the order of the codes."""
        return self.all_banks[release]

    def indications(self, release: int) -> Mapping[str, IndicationRecord]:
        """Return the indications that ``release`` reads by code, in the order of the codes."""
        return self.all_indications[release]

    def files(self, release: int) -> list[ReleaseFileRecord]:
        """Return the files of ``release``, ordered by path."""
        return self._files.get(release, [])

    def judgements(self, release: int) -> list[JudgementRecord]:
        """Return what judges found of ``release``, the earliest first."""
        return self._judgements.get(release, [])

    def activity(self, release: int) -> list[ActivityRecord]:
        """Return the cells of transplants that ``release`` shows, in their order."""
        return self._activity.of(release)

    def hla_tables(self, release: int) -> Sequence[HlaTable]:
        """Return the HLA frequency tables of ``release``, by locus and region; some have none."""
        return self.all_hla_tables[release]

    def units_of_bank(self, release: int, bank: str) -> int:
        """Return how many units of ``bank`` the release holds; 0 if there are none."""
        if release not in self._units:
            table = self.select(Selection(release)).cross_table([("bank", str)])
            codes = table.values[0]
            self._units[release] = Counter({codes[place]: n for (place,), n in table.cells()})
        return self._units[release][bank]

    def select(self, selection: Selection) -> ClassSet:
        """Return the classes whose units are selected; they are kept for the next who asks."""
        found = self._selected.get(selection)
        if found is None:
            found = self._selected[selection] = selection.among(self.classes)
            if len(self._selected) > self._most_selected:
                self._selected.popitem(last=False)
        else:
            self._selected.move_to_end(selection)
        return found

    def made_of_classes(self, make: Callable[[PublishedClass], MadeT]) -> Made[MadeT]:
        """Return what ``make`` makes of each class, by id; it is made once and then shared."""
        if make not in self._made:
            self._made[make] = Made(make, self.classes)
        return self._made[make]

    def made_of_read(
        self, make: Callable[[PublishedClass, int], MadeT], release: int
    ) -> Made[MadeT]:
        """Return what ``make`` makes of each class as ``release`` reads it, by id; it is shared."""
        if make not in self._made_of_read:
            self._made_of_read[make] = ReadClasses(make, self.classes, _KEPT_READ)
        return self._made_of_read[make].of(release)

    def made_of(self, make: Callable[[ReferenceT], MadeT], record: ReferenceT) -> MadeT:
        """Return what ``make`` makes of a record of this catalogue, once and then shared."""
        key = make, id(record)
        if key not in self._made_of:
            self._made_of[key] = make(record)
        made: MadeT = self._made_of[key]
        return made


async def read_fingerprint(source: Pool) -> str:
    """Return the fingerprint of what is published now."""
    (record,) = await FINGERPRINT.fetch(source)
    return record.fingerprint


async def load_catalogue(connection: Connection, known: Catalogue | None = None) -> Catalogue:
    """Read what is published, all in one state of the database.

    Args:
        connection: Not in a transaction.
        known: What was loaded before; what it has and cannot change is not read again.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await read_catalogue(connection, known)


async def read_catalogue(source: Pool, known: Catalogue | None = None) -> Catalogue:
    """Read what is published from where nothing is published meanwhile; see `load_catalogue`."""
    fingerprint = await read_fingerprint(source)
    looks = await GATE_STATUS.fetch(source)
    releases = ReleaseList(await RELEASES.fetch(source))
    if known is not None and not releases.continues(known.releases):
        known = None
    return Catalogue(
        fingerprint,
        releases,
        await read_classes(source, known.classes if known else None),
        await _read_reference(BANKS, source, releases, known.all_banks if known else {}),
        await _read_reference(
            INDICATIONS, source, releases, known.all_indications if known else {}
        ),
        await FILES.fetch(source),
        looks[0] if looks else None,
        await JUDGEMENTS.fetch(source),
        await ACTIVITY.fetch(source),
        await read_hla_tables(
            source,
            (release.number for release in releases.records),
            known.all_hla_tables if known else {},
        ),
    )


async def _read_reference(
    statement: Statement[ReferenceT],
    source: Pool,
    releases: ReleaseList,
    known: ByRelease[ReferenceT],
) -> ByRelease[ReferenceT]:
    new: dict[int, dict[str, ReferenceT]] = {
        release.number: {} for release in releases.records if release.number not in known
    }
    for record in await statement.fetch(source, max(known, default=0)):
        new[record.release][record.code] = record
    return {**known, **new}
