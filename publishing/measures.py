"""What the gate measures on the release that is about to be made."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from database.pool import Connection
from domain.disclosure import held_back_share
from publishing.approvals import Kind, approvals_of
from publishing.batch import Batch
from publishing.completeness import measure_completeness
from publishing.figures import Figures, Tally, worst_held_back
from publishing.gate import Measure
from publishing.history import History
from publishing.waivers import waived_banks
from publishing.withdrawal import Due

# Asked of the database afresh for the units that were chosen, not taken from how they were chosen.
_SURVEY = """
select count(*) as units,
       count(*) filter (where not consent) as without_consent,
       count(*) filter (where synthetic) as synthetic,
       count(*) filter (where coalesce(collection_date, birth_date) > $2) as too_recent
from intake.raw_unit where id = any($1::bigint[])
"""

# Members of earlier batches that the release keeps although their consent has ended.
_CONSENT_ENDED = """
select count(*) from intake.raw_unit r
join intake.unit_map m on m.raw_unit_id = r.id and m.release is not null
join open.unit u on u.id = m.unit_id
join open.batch_class b on b.id = u.batch_class_id and b.withdrawn is null
where b.id <> all($1::integer[])
  and (not r.consent or exists (select from intake.published_difference d
                                where d.raw_unit_id = r.id and d.consent_ended))
"""

# Units of the batch that look like one that is published or in it, by `publishing.duplicates`.
_DUPLICATES = """
with considered as (
    select r.id, r.birth_date, r.tnc_frozen, r.hla_key, r.hla_normal,
           r.id = any($1::bigint[]) as chosen
    from intake.raw_unit r left join intake.unit_map m on m.raw_unit_id = r.id
    where r.tnc_frozen is not null and r.hla_key is not null
      and (m.release is not null or r.id = any($1::bigint[]))
)
select count(*) from considered c join (
    select birth_date, tnc_frozen, hla_key from considered
    group by birth_date, tnc_frozen, hla_key having count(*) > 1 and bool_or(chosen)
) again using (birth_date, tnc_frozen, hla_key)
where c.chosen and exists (
    select from considered o where o.birth_date = c.birth_date
    and o.tnc_frozen = c.tnc_frozen and o.hla_key = c.hla_key and o.id <> c.id
    and intake.may_be_same_type(o.hla_normal, c.hla_normal)
)
"""

_SUBMISSIONS = """
select coalesce(sum(units_read), 0)::bigint as submitted,
       coalesce(sum(units_rejected), 0)::bigint as rejected
from intake.submission
where id in (select submission_id from intake.raw_unit where id = any($1::bigint[]))
"""

_CITIES = """
select code, city from open.bank where since <= $1 and (until is null or until > $1)
"""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the intake zone says of the units that a batch would publish.

    Attributes:
        units: How many they are.
        without_consent: Those that lack consent.
        synthetic: Those that are made up.
        too_recent: Those that were collected after the last day that is eligible.
        submitted: Units of the files that they came in.
        rejected: Units of these files that were refused.
        consent_ended: Published units that the release keeps although their consent has ended.
        duplicates: Those that look like a donation that is published or in the batch.
    """

    units: int
    without_consent: int
    synthetic: int
    too_recent: int
    submitted: int
    rejected: int
    consent_ended: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Governance:
    """What people decided about the release.

    Attributes:
        approvals: People who approved exactly this plan.
        days_since_last: Days since the newest release, or ``None`` before the first.
        waived: Banks that agreed to be named.
        withdrawals: Planned withdrawals that lack approvals.
    """

    approvals: int
    days_since_last: int | None
    waived: frozenset[str]
    withdrawals: int


async def survey_units(
    connection: Connection, history: History, batch: Batch, cutoff: dt.date
) -> Survey:
    """Ask the intake zone about the units that ``batch`` would publish, and about earlier ones."""
    rows = [unit.row for members in batch.classes.values() for unit in members]
    units = await connection.fetchrow(_SURVEY, rows, cutoff)
    submissions = await connection.fetchrow(_SUBMISSIONS, rows)
    assert units is not None  # noqa: S101 - an aggregate without grouping always has a row
    assert submissions is not None  # noqa: S101
    leaving = [row.id for row in history.leaving]
    ended = await connection.fetchval(_CONSENT_ENDED, leaving)
    duplicates = await connection.fetchval(_DUPLICATES, rows)
    return Survey(**dict(units), **dict(submissions), consent_ended=ended, duplicates=duplicates)


async def cities_of_banks(connection: Connection, release: int) -> dict[str, str]:
    """Return the city of each bank that ``release`` knows, by code."""
    return {row[0]: row[1] for row in await connection.fetch(_CITIES, release)}


async def read_governance(
    connection: Connection, history: History, due: Due, plan_digest: str, today: dt.date
) -> Governance:
    """Return what people decided about the plan with the digest ``plan_digest``."""
    last = history.published_at
    return Governance(
        approvals=len(await approvals_of(connection, Kind.RELEASE, plan_digest)),
        days_since_last=(today - last.date()).days if last else None,
        waived=await waived_banks(connection),
        withdrawals=len(due.waiting),
    )


def measure_release(
    history: History,
    batch: Batch,
    figures: Figures,
    tally: Tally,
    cities: Mapping[str, str],
) -> dict[str, Measure | None]:
    """Measure the release itself; ``None`` stands for a check that does not apply."""
    banks = tally.released_by_bank
    added = Measure(figures.added)
    return {
        "contributors": Measure(len(banks), ", ".join(sorted(banks))),
        "cities": Measure(len({cities[bank] for bank in banks})),
        **_dominance(banks),
        "volume-first": None if history.newest else added,
        "volume-later": added if history.newest else None,
        "volume-bank": _smallest_bank(banks, named_banks(history, batch)),
        "anonymity": Measure(figures.smallest_class),
        "differences": _smallest_difference(history, batch),
        "held-back": Measure(100 * held_back_share(figures.units, len(batch.deferred))),
        "held-back-bank": _worst(tally.released_by_bank, tally.held_by_bank),
        "held-back-abo": _worst(tally.released_by_abo, tally.held_by_abo),
    }


def named_banks(history: History, batch: Batch) -> frozenset[str]:
    """Return the banks that a class of the release names."""
    banks = {row.bank for row in history.classes} | {cls.bank for cls in batch.classes}
    return frozenset(bank for bank in banks if bank is not None)


def measure_units(
    history: History, batch: Batch, survey: Survey, cutoff: dt.date, made_up: int
) -> dict[str, Measure | None]:
    """Measure what the intake zone says of the units of the release.

    A release holds the earlier batches too, so it is synthetic if any of them is, and a consent
    that ended counts there as well. ``made_up`` are the new units that are synthetic, in the batch
    and in the table of activity.
    """
    earlier = sum(row.units for row in history.classes) if history.synthetic else 0
    ended = "published before; see `cordgraph release withdraw-classes`"
    return {
        "consent": Measure(
            survey.without_consent + survey.consent_ended, ended if survey.consent_ended else ""
        ),
        "origin": Measure(
            made_up + earlier, "in this batch, its activity and the batches it continues"
        ),
        "lag": Measure(survey.too_recent, f"collected after {cutoff.isoformat()}"),
        "quality": _quality(survey),
        "completeness": measure_completeness(batch),
        "duplicates": Measure(survey.duplicates),
    }


def measure_governance(governance: Governance, named: frozenset[str]) -> dict[str, Measure | None]:
    """Measure what people decided about a release that names the banks ``named``."""
    days = governance.days_since_last
    missing = sorted(named - governance.waived)
    return {
        "waivers": Measure(len(missing), ", ".join(missing)),
        "approvals": Measure(governance.approvals),
        "withdrawals": Measure(governance.withdrawals),
        "cadence": None if days is None else Measure(days),
    }


def _quality(survey: Survey) -> Measure | None:
    """Measure the share of accepted units in the files that the batch came in."""
    if not survey.units:
        return None
    accepted = survey.submitted - survey.rejected
    return Measure(100 * accepted / survey.submitted if survey.submitted else 0.0)


def _smallest_difference(history: History, batch: Batch) -> Measure | None:
    """Measure the smallest change of any count; a release that changes nothing has none.

    What is added is a union of whole classes of the batch and what is left out one of whole
    classes of earlier batches, so neither is smaller than the smallest of them.
    `publishing.verification` counts them all before the release is committed.
    """
    sizes = [len(members) for members in batch.classes.values()]
    sizes += [row.units for row in history.leaving]
    return Measure(min(sizes)) if sizes else None


def _smallest_bank(banks: Counter[str], named: frozenset[str]) -> Measure | None:
    """Measure the smallest bank that is named; ``None`` without any."""
    if not named:
        return None
    smallest = min(sorted(named), key=banks.__getitem__)
    return Measure(banks[smallest], smallest)


def _worst(released: Counter[str], held: Counter[str]) -> Measure:
    group, percent = worst_held_back(released, held)
    return Measure(percent, group)


def _dominance(banks: Counter[str]) -> dict[str, Measure]:
    total = banks.total()
    largest = banks.most_common(2)
    shares = [100 * units / total for _, units in largest]
    first = largest[0][1] if largest else 0
    others = total - sum(units for _, units in largest)
    return {
        "dominance-one": Measure(sum(shares[:1]), "".join(bank for bank, _ in largest[:1])),
        "dominance-two": Measure(sum(shares), " and ".join(bank for bank, _ in largest)),
        "p-percent": Measure(100 * others / first if first else 0.0),
    }
