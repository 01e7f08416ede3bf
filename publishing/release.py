"""Publishes the next release in one transaction."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from database.pool import Connection
from domain.channel import NEW_RELEASE
from domain.failures import Refused, Unavailable
from domain.progress import Report, silent
from publishing.activity.writing import write_activity_table
from publishing.approvals import COMMANDS, Kind
from publishing.audit import record
from publishing.gate import Profile
from publishing.history import newest_release
from publishing.hla.planning import write_hla
from publishing.hla.verification import verify_hla
from publishing.lock import hold_intake, hold_open_zone
from publishing.losses import losses_of
from publishing.open_zone import add_batch_classes, add_classes, add_origins, add_units
from publishing.plan import Plan, make_plan, record_plan
from publishing.scheme import freeze
from publishing.scheme_key import record_fingerprint
from publishing.staleness import refuse_stale
from publishing.verification import verify_release
from publishing.withdrawal import carry_out

LICENCE = "CC-BY-4.0"
"""Licence of the data of every release, as an SPDX identifier."""

_ADD_RELEASE = """
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
    held_back_percent, digest, bank_held_back_percent, abo_held_back_percent, losses)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""

# A role that may not analyze is told so by a notice, and the server does it by itself soon.
_ANALYZE = "analyze open.unit, open.batch_class, open.unit_class, intake.unit_map"


@dataclass(frozen=True, slots=True)
class Published:
    """A release that was committed.

    Attributes:
        number: Its number.
        added: Units that its batch added.
        withdrawn: Units of earlier batches that it left out.
        deferred: Units that were considered and wait.
        units: Units of the release, all batches.
        classes: Classes of the release, all batches.
        synthetic: Whether it says that it holds synthetic units.
        digest: Its digest; see docs/digest.md.
    """

    number: int
    added: int
    withdrawn: int
    deferred: int
    units: int
    classes: int
    synthetic: bool
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


async def publish(
    connection: Connection,
    *,
    keys: Path,
    profile: Profile = Profile.STRICT,
    at_most: int | None = None,
    without: Collection[str] = (),
    today: dt.date | None = None,
    report: Report = silent,
) -> Published:
    """Publish the next release, wholly or not at all; takes what `plan` takes.

    Raises:
        Refused: What `plan` refuses; nothing new to publish; the gate fails.
        Unavailable: Another publication or an intake is running.
    """
    before = await newest_release(connection)
    # Every statement must see what was committed before the locks were granted.
    async with connection.transaction(isolation="read_committed"):
        await hold_open_zone(connection)
        await hold_intake(connection)
        if await newest_release(connection) != before:
            raise Unavailable(
                f"release {before + 1} was published while this one waited",
                hint=f"Look at it with `cordgraph release show {before + 1}` before publishing.",
            )
        planned = await make_plan(
            connection,
            keys=keys,
            profile=profile,
            at_most=at_most,
            without=without,
            today=today,
            report=report,
        )
        await _require_success(connection, planned)
        await _write(connection, planned, report)
        await verify_release(connection, planned.release, k=planned.scheme.k)
        await verify_hla(connection, planned.release)
        await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, str(planned.release))
    await connection.execute(_ANALYZE)
    return Published(
        number=planned.release,
        added=planned.figures.added,
        withdrawn=planned.figures.withdrawn,
        deferred=len(planned.batch.deferred),
        units=planned.figures.units,
        classes=planned.figures.classes,
        synthetic=planned.synthetic,
        digest=planned.figures.digest,
    )


async def _require_success(connection: Connection, planned: Plan) -> None:
    if planned.empty:
        waiting = len(planned.batch.deferred)
        raise Refused(
            f"nothing new to publish: {waiting:,} units wait for their class to reach "
            f"{planned.scheme.k}, {planned.inventory.too_recent:,} are too recent, "
            f"{planned.inventory.counted_twice:,} look like one donation counted twice, "
            f"{planned.inventory.without_consent:,} have no consent",
            hint="Take in more units with `cordgraph intake`.",
        )
    if not planned.figures.units:
        raise Refused(
            f"release {planned.release} would hold no unit: all classes are being withdrawn",
            hint="Withdraw the releases themselves: `cordgraph release withdraw NUMBER`.",
        )
    if "approvals" in {check.name for check in planned.failed}:
        await refuse_stale(connection, planned)
    if planned.failed:
        sentences = "".join(f"\n  {check.sentence}" for check in planned.failed)
        raise Refused(
            f"the gate is closed for release {planned.release}:{sentences}",
            hint="`cordgraph release plan` shows every check with its reason. What is held "
            "back falls as more units are taken in: their classes grow. "
            f"`{COMMANDS[Kind.RELEASE]}` records an approval of the plan {planned.digest}.",
        )


async def _write(connection: Connection, planned: Plan, report: Report) -> None:
    scheme, figures, batch = planned.scheme, planned.figures, planned.batch
    await freeze(connection, scheme)
    await record_fingerprint(connection, scheme.number, planned.key)
    await connection.execute(
        _ADD_RELEASE,
        planned.release,
        scheme.number,
        planned.profile.value,
        planned.synthetic,
        LICENCE,
        figures.units,
        figures.added,
        figures.withdrawn,
        figures.banks,
        figures.classes,
        figures.smallest_class,
        figures.median_class,
        figures.held_back_percent,
        figures.digest,
        figures.bank_held_back_percent,
        figures.abo_held_back_percent,
        losses_of(scheme),
    )
    class_ids = await add_classes(connection, scheme.number, batch)
    ids = await add_batch_classes(connection, planned.release, batch, class_ids, figures)
    await add_units(connection, batch, ids, report)
    await add_origins(connection, scheme.number, planned.release, batch, report)
    await write_activity_table(connection, planned.activity)
    await carry_out(connection, planned.due, planned.release)
    await write_hla(connection, planned.release, planned.hla)
    await record_plan(connection, planned)
    await record(
        connection,
        "release.publish",
        f"release {planned.release}",
        {
            "plan": planned.digest,
            "digest": figures.digest,
            "added": figures.added,
            "withdrawn": figures.withdrawn,
            "profile": planned.profile.value,
            "hla": planned.hla.digest,
        },
    )
