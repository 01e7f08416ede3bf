"""What the gate measures on the release that is about to be made."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from database.pool import Connection
from domain.disclosure import held_back_share
from publishing.batch import Batch
from publishing.figures import Figures, Tally, worst_held_back
from publishing.gate import Measure
from publishing.history import History

# Asked of the database afresh for the units that were chosen, not taken from how they were chosen.
_SURVEY = """
select count(*) as units,
       count(*) filter (where not consent) as without_consent,
       count(*) filter (where synthetic) as synthetic,
       count(*) filter (where coalesce(collection_date, birth_date) > $2) as too_recent
from intake.raw_unit where id = any($1::bigint[])
"""

_SUBMISSIONS = """
select coalesce(sum(units_read), 0)::bigint, coalesce(sum(units_rejected), 0)::bigint
from intake.submission
where id in (select submission_id from intake.raw_unit where id = any($1::bigint[]))
"""

_CITIES = """
select code, city from open.bank where since <= $1 and (until is null or until > $1)
"""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the intake zone says of the units that a batch would publish."""

    units: int
    without_consent: int
    synthetic: int
    too_recent: int
    submitted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Governance:
    """What people decided about the release.

    Attributes:
        approvals: People who approved exactly this plan.
        days_since_last: Days since the newest release, or ``None`` before the first.
    """

    approvals: int
    days_since_last: int | None


async def survey_units(connection: Connection, batch: Batch, cutoff: dt.date) -> Survey:
    """Ask the intake zone about the units that ``batch`` would publish."""
    rows = [unit.row for members in batch.classes.values() for unit in members]
    units = await connection.fetchrow(_SURVEY, rows, cutoff)
    submissions = await connection.fetchrow(_SUBMISSIONS, rows)
    assert units is not None  # noqa: S101 - an aggregate without grouping always has a row
    assert submissions is not None  # noqa: S101
    return Survey(*units, *submissions)


async def cities_of_banks(connection: Connection, release: int) -> dict[str, str]:
    """Return the city of each bank that ``release`` knows, by code."""
    return {row[0]: row[1] for row in await connection.fetch(_CITIES, release)}


async def read_governance(
    connection: Connection, history: History, plan_digest: str, today: dt.date
) -> Governance:
    """Return what people decided about the plan with the digest ``plan_digest``."""
    approvals = await connection.fetchval(
        "select count(*) from intake.approval where plan_digest = $1", plan_digest
    )
    last = history.published_at
    return Governance(approvals, (today - last.date()).days if last else None)


def measure_release(
    history: History,
    batch: Batch,
    figures: Figures,
    tally: Tally,
    cities: Mapping[str, str],
) -> dict[str, Measure | None]:
    """Measure the release itself; ``None`` stands for a check that does not apply."""
    banks = tally.released_by_bank
    smallest_bank, fewest = min(
        ((bank, units) for bank, units in sorted(banks.items())), key=_units, default=("", 0)
    )
    added = Measure(figures.added)
    return {
        "contributors": Measure(len(banks), ", ".join(sorted(banks))),
        "cities": Measure(len({cities[bank] for bank in banks})),
        **_dominance(banks),
        "volume-first": None if history.newest else added,
        "volume-later": added if history.newest else None,
        "volume-bank": Measure(fewest, smallest_bank),
        "anonymity": Measure(figures.smallest_class),
        "differences": _smallest_difference(batch),
        "held-back": Measure(100 * held_back_share(figures.units, len(batch.deferred))),
        "held-back-bank": _worst(tally.released_by_bank, tally.held_by_bank),
        "held-back-abo": _worst(tally.released_by_abo, tally.held_by_abo),
    }


def measure_units(history: History, survey: Survey, cutoff: dt.date) -> dict[str, Measure | None]:
    """Measure what the intake zone says of the units of the batch.

    A release holds the earlier batches too, so it is synthetic if any of them is.
    """
    earlier = sum(row.units for row in history.classes) if history.synthetic else 0
    return {
        "consent": Measure(survey.without_consent),
        "origin": Measure(survey.synthetic + earlier, "in this batch and the batches it continues"),
        "lag": Measure(survey.too_recent, f"collected after {cutoff.isoformat()}"),
        "quality": _quality(survey),
    }


def measure_governance(governance: Governance, banks: Sequence[str]) -> dict[str, Measure | None]:
    """Measure what people decided."""
    days = governance.days_since_last
    return {
        "waivers": Measure(len(banks), "this version cannot record waivers yet"),
        "approvals": Measure(governance.approvals, "this version cannot record approvals yet"),
        "cadence": None if days is None else Measure(days),
    }


def _quality(survey: Survey) -> Measure | None:
    """Measure the share of accepted units in the files that the batch came in."""
    if not survey.units:
        return None
    accepted = survey.submitted - survey.rejected
    return Measure(100 * accepted / survey.submitted if survey.submitted else 0.0)


def _smallest_difference(batch: Batch) -> Measure | None:
    """Measure the smallest change of any count; an empty batch changes none.

    A change is a union of whole classes of the batch, so none is smaller than the smallest of
    them. `publishing.verification` counts them all before the release is committed.
    """
    sizes = [len(members) for members in batch.classes.values()]
    return Measure(min(sizes)) if sizes else None


def _units(pair: tuple[str, int]) -> int:
    return pair[1]


def _worst(released: Counter[str], held: Counter[str]) -> Measure:
    group, percent = worst_held_back(released, held)
    return Measure(percent, group)


def _dominance(banks: Counter[str]) -> dict[str, Measure]:
    total = banks.total()
    largest = banks.most_common(2)
    shares = [100 * units / total for _, units in largest]
    return {
        "dominance-one": Measure(sum(shares[:1]), "".join(bank for bank, _ in largest[:1])),
        "dominance-two": Measure(sum(shares), " and ".join(bank for bank, _ in largest)),
    }
