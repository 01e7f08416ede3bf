"""What an attacker has: all that was ever served, and what a curious insider knows besides."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from domain.disclosure import MINIMUM_CLASS
from domain.match_estimate import LocusTable
from domain.match_model import Pair
from domain.regions import Region
from tests.attacks.transplants import ServedCell, State

K = MINIMUM_CLASS
"""A number of people from 1 to 10 must never be learned."""

ATTRIBUTES = ("bank", "period", "abo", "tnc", "cd34", "volume", "processing", "added")
"""What `Values` hold, in their order; "added" is the release that added the unit."""

Values = tuple[Any, ...]


Patient = tuple[Pair, ...]
"""The two groups of a patient at A, B and DRB1."""

Bands = tuple[tuple[int, int], ...] | None
"""Begin and end for 6/6, 5/6 and 4/6; ``None`` without an estimate."""


class Recipient(NamedTuple):
    """Somebody for whom a dose of cells is asked.

    Attributes:
        weight: In kilograms.
        tnc: Cells of 10^8 that a unit must have.
        cd34: CD34+ cells of 10^6 that it must have, or ``None``.
    """

    weight: int
    tnc: Fraction
    cd34: Fraction | None

    @property
    def told(self) -> str:
        """How a finding names the recipient."""
        return f"{self.weight} kg" + (" by CD34+ too" if self.cd34 else "")


class Dosed(NamedTuple):
    """Numbers of units by how surely they reach a dose."""

    certain: int
    possible: int
    unknown: int
    units: int


class Finding(NamedTuple):
    """Something that was learned and should not have been.

    Attributes:
        place: Where, for instance ``release 3``.
        says: What was learned.
    """

    place: str
    says: str


@dataclass(frozen=True)
class Seen:
    """One release as it was served at some moment.

    Attributes:
        number: Its number.
        facts: Numbers that the release says of itself, by the names of the contract.
        units: Values by id, in the order of the pages.
        cursors: Ids and cursors in the order of the pages, by the order that was asked for.
        tables: Counts of the inventory, by dimensions and then by their values.
        total: The total of the list without a filter.
        banks: Units of each bank, as the bank says.
        doses: Units that reach a dose of cells, by recipient and bank.
        transplants: What the counts of transplants say that they add up to.
        activity: The counts of transplants.
        estimates: About how many units match each patient.
        locus_tables: The frequency tables that are served, by region and locus.
    """

    number: int
    facts: Mapping[str, Any]
    units: Mapping[str, Values]
    cursors: Mapping[str, Sequence[tuple[str, str]]]
    tables: Mapping[tuple[str, ...], Mapping[Values, int]]
    total: int
    banks: Mapping[str, int]
    doses: Mapping[tuple[Recipient, str], Dosed] = field(default_factory=dict)
    transplants: int = 0
    activity: Sequence[ServedCell] = ()
    estimates: Mapping[tuple[Patient, Region], Bands] = field(default_factory=dict)
    locus_tables: Mapping[tuple[Region, str], LocusTable] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """How a finding names the release."""
        return f"release {self.number}"


@dataclass(frozen=True)
class Answer:
    """An answer of the service, whatever it was to.

    Attributes:
        asked: Address and body of the request.
        status: HTTP status.
        headers: Names and values, as they came.
        body: The bytes.
    """

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Trace(NamedTuple):
    """What can be told from outside of how a question was answered.

    Attributes:
        status: HTTP status.
        body: The answer, with what the question named replaced.
        headers: Names of the header lines.
        cost: What a dry run says that the question costs.
        work: The statements that ran and how many rows each returned: a stopwatch that does not
            depend on the weather.
    """

    status: int
    body: str
    headers: tuple[str, ...]
    cost: str
    work: tuple[tuple[str, int], ...]


class Probe(NamedTuple):
    """The same question about something that is hidden and about nothing at all."""

    about: str
    hidden: Trace
    nothing: Trace


@dataclass(frozen=True)
class ReadersView:
    """What the API's own database role can read, for somebody who took over the API.

    Attributes:
        ids: Ids of all units in physical order.
        classes: Of each batch class its id, the release that added it, and its values.
        growth: How much each readable number grew over a small intake and over one that is larger
            by `larger` units, by its name.
        larger: By how many units the second intake was larger.
    """

    ids: Sequence[str]
    classes: Sequence[tuple[int, int, Values]]
    growth: Mapping[str, tuple[float, float]]
    larger: int


@dataclass(frozen=True)
class Insider:
    """What somebody knows who handed in units: an attack must gain nothing from it.

    Attributes:
        places: Place in the intake by public id; nobody has this, so it is the strongest attacker.
        needles: Texts that must appear nowhere: numbers of units, names of files, ids of units
            that wait, and keys.
        reports: What banks had reported of transplants when each release was made.
        regions: Part of the nation of each bank.
    """

    places: Mapping[str, int]
    needles: frozenset[str]
    reports: Mapping[int, State] = field(default_factory=dict)
    regions: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Public:
    """All that attacks work with.

    Attributes:
        first: Each release as it was served when it was new, from a mirror.
        last: Each release that is still served, as it is served now.
        gone: Releases that the list calls withdrawn.
        gate: What the service says of the next release.
        percents: Fields of the contract that are named a percentage, with their types.
        answers: Every answer that was ever received.
        probes: Pairs of questions.
        reader: What the reader's role sees, if it was looked at.
        insider: What is known besides.
    """

    first: Mapping[int, Seen]
    last: Mapping[int, Seen]
    insider: Insider
    gone: frozenset[int] = frozenset()
    gate: Mapping[str, Any] | None = None
    percents: Mapping[str, str] = field(default_factory=dict)
    answers: Sequence[Answer] = ()
    probes: Sequence[Probe] = ()
    reader: ReadersView | None = None

    @property
    def seen(self) -> list[Seen]:
        """Every look at a release: as it was when new, then as it is now."""
        return [*self.first.values(), *self.last.values()]


def small(units: Iterable[Values]) -> list[tuple[Values, int]]:
    """Return the combinations of values that fewer than k of ``units`` share, in their order."""
    counts = Counter(units)
    return sorted(((v, n) for v, n in counts.items() if 0 < n < K), key=repr)


def told(values: Values, names: Sequence[str] = ATTRIBUTES) -> str:
    """Write what ``values`` say, leaving out what is not published."""
    return " ".join(
        f"{name}={value}" for name, value in zip(names, values, strict=True) if value != "*"
    )
