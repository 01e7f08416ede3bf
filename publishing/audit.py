"""The audit log: who did what when; rows are only ever added, in the transaction of the deed."""

import datetime as dt
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.pool import Connection

_RECORD = """
insert into intake.audit_log (action, subject, details, account) values ($1, $2, $3, $4)
"""

_READ = """
select * from (
    select id, at, actor, account, action, subject, details from intake.audit_log
    where $1::timestamptz is null or at >= $1
    order by id desc limit $2
) newest order by id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes:
        id: Its number; numbers ascend, and one of a transaction that failed is missing.
        at: When it was written.
        actor: Role of the database session.
        account: Account of the operating system, or ``None`` where it is not known.
        action: What was done, for instance ``release.publish``.
        subject: What it was done to, for instance ``release 3``.
        details: Further facts; never a unit and never a secret.
    """

    id: int
    at: dt.datetime
    actor: str
    account: str | None
    action: str
    subject: str
    details: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "account": self.account,
            "action": self.action,
            "subject": self.subject,
            "details": self.details,
        }


async def record(
    connection: Connection, action: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add a line to the log; it is there exactly if the running transaction commits.

    Args:
        connection: An operator's connection, inside the transaction of what was done.
        action: What was done, as ``thing.verb``.
        subject: What it was done to.
        details: Further facts as plain data; never a unit and never a secret.
    """
    await connection.execute(_RECORD, action, subject, dict(details or {}), _account())


async def read_log(
    connection: Connection, *, since: dt.datetime | None = None, at_most: int | None = None
) -> list[Entry]:
    """Return the entries from ``since`` on, oldest first; at most so many of the newest."""
    return [Entry(*row) for row in await connection.fetch(_READ, since, at_most)]


def _account() -> str:
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # an account that only the kernel knows, as in a container
        return str(number)
