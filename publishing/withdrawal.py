"""Withdrawal: what is taken back, planned first, approved, and then left out for good.

Only whole batch classes are withdrawn, each at least k units: a single row that disappeared
between two releases would tell on the one person behind it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from publishing.approvals import Kind, approvals_of, needed_approvals
from publishing.audit import record
from publishing.gate import Profile

_LONGEST_REASON = 500

_PENDING = """
select w.id, w.digest, w.cause, w.reason, w.release, w.planned_at,
       coalesce(array_agg(c.batch_class order by c.batch_class)
                filter (where b.withdrawn is null), '{}'),
       coalesce(sum(b.units) filter (where b.withdrawn is null), 0)::integer
from intake.withdrawal w
left join intake.withdrawal_class c on c.withdrawal = w.id
left join open.batch_class b on b.id = c.batch_class
where w.cancelled_at is null and w.done_at is null
group by w.id order by w.id
"""

_ADD = """
insert into intake.withdrawal (digest, cause, reason, release) values ($1, $2, $3, $4)
on conflict (digest) do nothing returning id
"""
_ADD_CLASSES = """
insert into intake.withdrawal_class (withdrawal, batch_class) select $1, unnest($2::integer[])
"""
_FINISH = "update intake.withdrawal set done_at = now(), done_in = $2 where id = any($1::bigint[])"
_LEAVE_OUT = "update open.batch_class set withdrawn = $2 where id = any($1::integer[])"
_CANCEL = """
update intake.withdrawal set cancelled_at = now()
where digest = $1 and cancelled_at is null and done_at is null
"""


class Cause(StrEnum):
    """Why something is taken back."""

    CONSENT = "consent"
    FAULT = "fault"
    WAIVER = "waiver"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is going to be taken back.

    Attributes:
        id: Its number.
        digest: Names exactly it; it is what approvals are given to.
        cause: Why.
        reason: Why, in a sentence for the record.
        release: The whole release that is withdrawn, or ``None``: classes are.
        planned_at: When it was planned.
        classes: Ids of the batch classes that are not withdrawn yet.
        units: Their units.
    """

    id: int
    digest: str
    cause: Cause
    reason: str
    release: int | None
    planned_at: dt.datetime
    classes: tuple[int, ...]
    units: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, without any unit."""
        return {
            "digest": self.digest,
            "cause": self.cause.value,
            "reason": self.reason,
            "release": self.release,
            "plannedAt": self.planned_at.isoformat(),
            "classes": len(self.classes),
            "units": self.units,
        }


@dataclass(frozen=True, slots=True)
class Due:
    """The withdrawals of classes that the next release meets.

    Attributes:
        approved: Those that it carries out.
        waiting: Those that lack approvals.
    """

    approved: tuple[Withdrawal, ...]
    waiting: tuple[Withdrawal, ...]

    @property
    def classes(self) -> list[int]:
        """The batch classes that the next release leaves out, each once, ascending."""
        return sorted({number for each in self.approved for number in each.classes})


async def record_withdrawal(
    connection: Connection, cause: Cause, reason: str, digest: str, classes: Sequence[int]
) -> Withdrawal:
    """Keep a planned withdrawal of batch classes; the same one twice is one.

    Raises:
        Refused: It was cancelled before.
    """
    return await _record(connection, (digest, cause, reason, None), classes)


async def record_release_withdrawal(
    connection: Connection, cause: Cause, reason: str, digest: str, release: int
) -> Withdrawal:
    """Keep a planned withdrawal of the whole ``release``; the same one twice is one.

    Raises:
        Refused: It was cancelled before.
    """
    return await _record(connection, (digest, cause, reason, release), ())


async def pending_withdrawals(connection: Connection) -> list[Withdrawal]:
    """Return what was planned and neither done nor cancelled, oldest first."""
    return [
        Withdrawal(row[0], row[1], Cause(row[2]), row[3], row[4], row[5], tuple(row[6]), row[7])
        for row in await connection.fetch(_PENDING)
    ]


async def due_withdrawals(connection: Connection, profile: Profile) -> Due:
    """Return the withdrawals of classes that a release under ``profile`` meets."""
    approved: list[Withdrawal] = []
    waiting: list[Withdrawal] = []
    for withdrawal in await pending_withdrawals(connection):
        if withdrawal.release is not None:
            continue
        given = await approvals_of(connection, Kind.WITHDRAWAL, withdrawal.digest)
        enough = len(given) >= needed_approvals(profile)
        (approved if enough else waiting).append(withdrawal)
    return Due(tuple(approved), tuple(waiting))


async def carry_out(connection: Connection, due: Due, release: int) -> None:
    """Leave the classes of ``due`` out from ``release`` on; part of its transaction."""
    await connection.execute(_LEAVE_OUT, due.classes, release)
    await connection.execute(_FINISH, [each.id for each in due.approved], release)
    for each in due.approved:
        await record(
            connection,
            "withdrawal.done",
            each.digest,
            {"release": release, "classes": len(each.classes), "units": each.units},
        )


async def finish(connection: Connection, withdrawal: Withdrawal) -> None:
    """Mark the withdrawal of a whole release as done."""
    await connection.execute(_FINISH, [withdrawal.id], None)


async def cancel_withdrawal(connection: Connection, digest: str) -> None:
    """Give up a planned withdrawal.

    Raises:
        Refused: None with this digest is pending.
    """
    async with connection.transaction():
        if await connection.execute(_CANCEL, digest) == "UPDATE 0":
            raise Refused(
                f"no withdrawal {digest} is pending",
                hint="`cordgraph release withdrawals` lists them.",
            )
        await record(connection, "withdrawal.cancel", digest)


def classes_digest(cause: Cause, reason: str, class_digests: Iterable[str]) -> str:
    """Return the digest that names the withdrawal of the classes with these digests."""
    digests = sorted(class_digests)
    lines = [
        "cordgraph-withdrawal-1",
        f"cause={cause}",
        f"reason={reason}",
        f"classes={len(digests)}",
        *digests,
    ]
    return _sha256(lines)


def release_withdrawal_digest(number: int, release_digest: str, cause: Cause, reason: str) -> str:
    """Return the digest that names the withdrawal of a whole release, with its public reason."""
    lines = [
        "cordgraph-release-withdrawal-1",
        f"number={number}",
        f"digest={release_digest}",
        f"cause={cause}",
        f"reason={reason}",
    ]
    return _sha256(lines)


async def _record(
    connection: Connection, row: tuple[str, Cause, str, int | None], classes: Sequence[int]
) -> Withdrawal:
    digest, cause, reason, release = row
    if not 1 <= len(reason) <= _LONGEST_REASON or not reason.isprintable():
        raise Refused(f"a reason has 1 to {_LONGEST_REASON} printable characters")
    async with connection.transaction():
        number = await connection.fetchval(_ADD, *row)
        if number is not None:
            await connection.execute(_ADD_CLASSES, number, classes)
            details = {"cause": cause, "release": release, "classes": len(classes)}
            await record(connection, "withdrawal.plan", digest, details)
        for withdrawal in await pending_withdrawals(connection):
            if withdrawal.digest == digest:
                return withdrawal
    raise Refused(
        f"this withdrawal was planned before and is done or cancelled: {digest}",
        hint="Give another reason or choose other classes to plan a new one.",
    )


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8")).hexdigest()
