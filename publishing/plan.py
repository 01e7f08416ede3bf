"""The plan of the next release: what it would add, its figures and its gate."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from domain.progress import Report, silent
from domain.schemes import Scheme
from publishing.anonymise import Anonymiser
from publishing.batch import Batch, draw_batch
from publishing.candidates import Inventory, count_inventory, read_candidates
from publishing.figures import Figures, compute_figures, compute_tally
from publishing.gate import Check, Outcome, Profile, configured_gate
from publishing.history import read_history
from publishing.measures import (
    cities_of_banks,
    measure_governance,
    measure_release,
    measure_units,
    read_governance,
    survey_units,
)
from publishing.scheme import check_frozen, current_scheme
from publishing.scheme_key import obtain_key

_ADD_PLAN = """
insert into intake.plan (digest, release, profile, checks)
select $1, $2, $3, $4::jsonb
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
        figures: What its row would say.
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
    figures: Figures
    checks: tuple[Check, ...]
    digest: str
    key: bytes

    def __repr__(self) -> str:
        return f"<Plan of release {self.release}, {self.figures.added} units>"

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that stop the release."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAIL)

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
            "deferred": len(self.batch.deferred),
            "classes": self.figures.classes,
            "smallest_class": self.figures.smallest_class,
            "held_back_percent": self.figures.held_back_percent,
            "without_consent": self.inventory.without_consent,
            "too_recent": self.inventory.too_recent,
            "passed": not self.failed,
            "checks": [check.as_json() for check in self.checks],
        }


async def plan(
    connection: Connection,
    *,
    keys: Path,
    profile: Profile = Profile.STRICT,
    at_most: int | None = None,
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
        today: The day on which collection dates are judged; by default the day in UTC.
        report: Is told the progress.

    Raises:
        Refused: Reference data are missing, the scheme differs from its frozen form, or its key
            is missing or wrong.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await make_plan(
            connection, keys=keys, profile=profile, at_most=at_most, today=today, report=report
        )


async def record_plan(connection: Connection, planned: Plan) -> None:
    """Keep ``planned`` with its measured values in the intake zone, once."""
    checks = [check.as_json() for check in planned.checks]
    await connection.execute(
        _ADD_PLAN, planned.digest, planned.release, planned.profile.value, checks
    )


async def make_plan(
    connection: Connection,
    *,
    keys: Path,
    profile: Profile,
    at_most: int | None,
    today: dt.date | None,
    report: Report,
) -> Plan:
    """Do the work of `plan` inside the running transaction."""
    today = today or dt.datetime.now(dt.UTC).date()
    gate = configured_gate()
    cutoff = gate.cutoff(today)
    scheme = current_scheme()
    await check_frozen(connection, scheme)
    history = await read_history(connection)
    release = history.newest + 1
    cities = await cities_of_banks(connection, release)
    inventory = await count_inventory(connection, cutoff)
    key = await obtain_key(connection, keys, scheme.number)
    candidates = await read_candidates(
        connection, Anonymiser(scheme, key), cutoff, total=inventory.eligible, report=report
    )
    batch = draw_batch(candidates, k=scheme.k, key=key, at_most=at_most)
    figures = compute_figures(history, batch)
    tally = compute_tally(history, batch)
    _require_reference(sorted(set(tally.released_by_bank) - set(cities)))
    survey = await survey_units(connection, batch, cutoff)
    digest = _plan_digest(profile, scheme, figures)
    governance = await read_governance(connection, history, digest, today)
    measures = {
        **measure_release(history, batch, figures, tally, cities),
        **measure_units(history, survey, cutoff),
        **measure_governance(governance, sorted(tally.released_by_bank)),
    }
    return Plan(
        release=release,
        scheme=scheme,
        profile=profile,
        synthetic=profile is Profile.SYNTHETIC or history.synthetic or survey.synthetic > 0,
        inventory=inventory,
        batch=batch,
        figures=figures,
        checks=gate.check(measures, profile),
        digest=digest,
        key=key,
    )


def _plan_digest(profile: Profile, scheme: Scheme, figures: Figures) -> str:
    text = f"cordgraph-plan-1\nprofile={profile}\nscheme={scheme.number}\n{figures.digest}\n"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _require_reference(unknown: Sequence[str]) -> None:
    if unknown:
        raise Refused(
            f"there is no reference row for the bank {', '.join(unknown)}",
            hint="Run `cordgraph reference load`, then publish again.",
        )
