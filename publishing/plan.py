"""The plan of the next release: what it would add, its figures and its gate."""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from domain.progress import Report, silent
from domain.schemes import Scheme
from publishing.activity.count import Terms, read_reported
from publishing.activity.measures import measure_activity
from publishing.activity.published import read_published
from publishing.activity.table import ActivityTable, make_table
from publishing.anonymise import Anonymiser, Candidate
from publishing.audit import record
from publishing.batch import Batch, draw_batch
from publishing.candidates import Inventory, count_inventory, read_candidates
from publishing.duplicates import find_duplicates
from publishing.figures import Figures, compute_figures
from publishing.gate import Check, Gate, Outcome, Profile, configured_gate
from publishing.gate_status import write_gate_status
from publishing.groups import tally_release
from publishing.history import read_history
from publishing.hla.planning import HlaPlan, plan_hla
from publishing.measures import (
    cities_of_banks,
    measure_governance,
    measure_release,
    measure_units,
    named_banks,
    read_governance,
    survey_units,
)
from publishing.own import refuse_mirror
from publishing.reference import reference_digest
from publishing.scheme import scheme_in_force
from publishing.scheme_freeze import require_approved
from publishing.scheme_key import obtain_key
from publishing.withdrawal import Due, due_withdrawals

_ADD_PLAN = """
insert into intake.plan (digest, release, profile, checks, summary)
select $1, $2, $3, $4::jsonb, $5::jsonb
where not exists (select from intake.plan
                  where digest = $1 and release = $2 and profile = $3 and checks = $4::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next release would be.

    Attributes:
        release: Its number.
        scheme: Levels of its batch.
        profile: How strictly the gate is applied.
        synthetic: Whether it would say that it holds synthetic units.
        inventory: Units that no release has published.
        batch: Units that it adds and units that wait.
        due: Withdrawals that it carries out, and those that lack approvals.
        at_most: Most new units that take part, or ``None`` for all.
        without: Banks of which no new unit takes part.
        figures: What its row would say.
        activity: The table of transplants that it would show.
        hla: Its HLA frequency tables.
        checks: The gate.
        digest: Names exactly this plan; it is what approvals are given to.
        key: Key of the scheme; never shown.
    """

    release: int
    scheme: Scheme
    profile: Profile
    synthetic: bool
    inventory: Inventory
    batch: Batch
    due: Due
    at_most: int | None
    without: tuple[str, ...]
    figures: Figures
    activity: ActivityTable
    hla: HlaPlan
    checks: tuple[Check, ...]
    digest: str
    key: bytes

    def __repr__(self) -> str:
        return f"<Plan of release {self.release}, {self.figures.added} units>"

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that stop the release."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAIL)

    @property
    def empty(self) -> bool:
        """Whether the release would be the same as the one before."""
        return not self.batch.classes and not self.figures.withdrawn

    def as_json(self) -> dict[str, Any]:
        """Return what an operator may see of the plan, without any unit, as plain data."""
        return {
            "release": self.release,
            "scheme": self.scheme.number,
            "profile": self.profile.value,
            "synthetic": self.synthetic,
            "digest": self.digest,
            "units": self.figures.units,
            "added": self.figures.added,
            "withdrawn": self.figures.withdrawn,
            "at_most": self.at_most,
            "without": list(self.without),
            "deferred": len(self.batch.deferred),
            "classes": self.figures.classes,
            "smallest_class": self.figures.smallest_class,
            "held_back_percent": self.figures.held_back_percent,
            "release_digest": self.figures.digest,
            "without_consent": self.inventory.without_consent,
            "too_recent": self.inventory.too_recent,
            "counted_twice": self.inventory.counted_twice,
            "activity": self.activity.figures(),
            "hla": self.hla.as_json(),
            "passed": not self.failed,
            "checks": [check.as_json() for check in self.checks],
        }


async def plan(
    connection: Connection,
    *,
    keys: Path,
    profile: Profile = Profile.STRICT,
    at_most: int | None = None,
    without: Collection[str] = (),
    today: dt.date | None = None,
    report: Report = silent,
) -> Plan:
    """Return what `publishing.release.publish` would do now.

    Writes nothing but, before the first release of a scheme, the file of its key.

    Args:
        connection: An operator's connection, outside a transaction.
        keys: Directory of the key files.
        profile: How strictly the gate is applied.
        at_most: Most new units that take part, or ``None`` for all; units that wait from
            earlier always do.
        without: Codes of banks of which no unit takes part: they wait, whatever their number.
        today: The day on which collection dates are judged; by default the day in UTC.
        report: Is told the progress.

    Raises:
        Refused: Reference data are missing, the scheme differs from its frozen form, or its key
            is missing or wrong.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await make_plan(
            connection,
            keys=keys,
            profile=profile,
            at_most=at_most,
            without=without,
            today=today,
            report=report,
        )


async def record_plan(connection: Connection, planned: Plan) -> None:
    """Keep ``planned`` with its measured values in the intake zone, once, and log it.

    What everybody may know of its gate is written beside the releases.
    """
    values = planned.as_json()
    checks = values.pop("checks")
    async with connection.transaction():
        added = await connection.execute(
            _ADD_PLAN, planned.digest, planned.release, planned.profile.value, checks, values
        )
        if added != "INSERT 0 0":
            details = {"digest": planned.digest, "profile": planned.profile.value}
            await record(connection, "release.plan", f"release {planned.release}", details)
        failed = [check.name for check in planned.failed]
        held_back = planned.figures.held_back_percent
        considered = planned.figures.units + len(planned.batch.deferred)
        await write_gate_status(
            connection, planned.release, failed, held_back if considered else None
        )


async def make_plan(
    connection: Connection,
    *,
    keys: Path,
    profile: Profile,
    at_most: int | None,
    without: Collection[str],
    today: dt.date | None,
    report: Report,
) -> Plan:
    """Do the work of `plan` inside the running transaction."""
    await refuse_mirror(connection)
    today = today or dt.datetime.now(dt.UTC).date()
    gate = configured_gate()
    cutoff = gate.cutoff(today)
    scheme = await scheme_in_force(connection)
    await require_approved(connection, scheme, profile)
    due = await due_withdrawals(connection, profile)
    history = await read_history(connection, due.classes)
    release = history.newest + 1
    cities = await cities_of_banks(connection, release)
    suspects = await find_duplicates(connection)
    inventory = await count_inventory(connection, cutoff, suspects)
    key = await obtain_key(connection, keys, scheme.number)
    candidates = await read_candidates(
        connection,
        Anonymiser(scheme, key),
        cutoff,
        suspects,
        total=inventory.eligible,
        report=report,
    )
    candidates = _leave_out(candidates, without, scheme)
    batch = draw_batch(candidates, k=scheme.k, key=key, at_most=at_most)
    tally = await tally_release(connection, history, batch)
    figures = compute_figures(history, batch, tally)
    _require_reference(sorted(set(tally.released_by_bank) - set(cities)))
    survey = await survey_units(connection, history, batch, cutoff)
    activity = await _activity(connection, release, gate, today)
    made_up = survey.synthetic + activity.synthetic_units
    synthetic = profile is Profile.SYNTHETIC or history.synthetic or made_up > 0
    reference = await reference_digest(connection, release)
    hla = await plan_hla(connection, history, batch)
    digest = _plan_digest(profile, scheme, figures, activity, hla, reference, synthetic=synthetic)
    governance = await read_governance(connection, history, due, digest, today)
    measures = {
        **measure_release(history, batch, figures, tally, cities),
        **measure_units(history, batch, survey, cutoff, made_up),
        **measure_activity(activity),
        **measure_governance(governance, named_banks(history, batch)),
        "hla-approval": hla.measure,
    }
    return Plan(
        release=release,
        scheme=scheme,
        profile=profile,
        synthetic=synthetic,
        inventory=inventory,
        batch=batch,
        due=due,
        at_most=at_most,
        without=tuple(sorted(without)),
        figures=figures,
        activity=activity,
        hla=hla,
        checks=gate.check(
            measures, profile, only_withdraws=figures.withdrawn > 0 and not batch.classes
        ),
        digest=digest,
        key=key,
    )


async def _activity(
    connection: Connection, release: int, gate: Gate, today: dt.date
) -> ActivityTable:
    terms = Terms(today, gate.activity_lag_days, gate.activity_patience_days)
    reported = await read_reported(connection, release, terms)
    return make_table(release, reported, await read_published(connection))


def _plan_digest(
    profile: Profile,
    scheme: Scheme,
    figures: Figures,
    activity: ActivityTable,
    hla: HlaPlan,
    reference: str,
    *,
    synthetic: bool,
) -> str:
    """Name everything that the release would say, and the limits that it was held to."""
    lines = [
        "cordgraph-plan-6",
        f"profile={profile}",
        f"scheme={scheme.number}",
        f"synthetic={synthetic}",
        f"withdrawn={figures.withdrawn}",
        f"held_back_percent={figures.held_back_percent}",
        f"held_back_percent_bank={figures.bank_held_back_percent}",
        f"held_back_percent_abo={figures.abo_held_back_percent}",
        f"gate={configured_gate().digest}",
        f"reference={reference}",
        f"activity={activity.digest}",
        f"hla={hla.digest}",
        f"release={figures.digest}",
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("ascii")).hexdigest()


def _leave_out(
    candidates: list[Candidate], without: Collection[str], scheme: Scheme
) -> list[Candidate]:
    """Return the candidates of other banks; only where classes name banks does k stay whole."""
    if not without:
        return candidates
    if not scheme.bank:
        raise Refused(
            f"scheme {scheme.number} does not publish banks, so that none can be left out",
            hint="Publish without --without.",
        )
    return [unit for unit in candidates if unit.unit_class.bank not in without]


def _require_reference(unknown: Sequence[str]) -> None:
    if unknown:
        raise Refused(
            f"there is no reference row for the bank {', '.join(unknown)}",
            hint="Run `cordgraph reference load`, then publish again.",
        )
