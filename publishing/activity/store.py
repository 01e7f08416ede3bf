"""Puts reports into intake; they are only ever added, and the newest of a bank and year counts."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from database.pool import Connection
from publishing.activity.reading import BankYear, Reading
from publishing.activity.submission import ReportChanges
from publishing.audit import record
from publishing.intake.faults import Code, Finding, printable

_TIME = "%Y-%m-%d %H:%M:%S UTC"

_FIND = "select id, received_at from intake.activity_submission where content_sha256 = $1"

_SUPERSEDED = """
select n.submission_id from intake.newest_activity_report n
join intake.activity_report r using (bank, year)
where r.submission_id = $1 and n.submission_id <> $1
order by n.submission_id desc limit 1
"""

_NEWEST = """
select n.bank, n.year, s.synthetic, s.created_at,
       coalesce((select jsonb_object_agg(c.indication, c.units) from intake.activity_count c
                 where c.report_id = n.id), '{}')
from intake.newest_activity_report n join intake.activity_submission s on s.id = n.submission_id
"""

_ADD_SUBMISSION = """
insert into intake.activity_submission (file_name, content_sha256, synthetic, created_at,
    rows_read, rows_refused)
values ($1, $2, $3, $4, $5, $6) returning id
"""

_ADD_REPORTS = """
insert into intake.activity_report (submission_id, bank, year)
select $1, bank, year from unnest($2::text[], $3::integer[]) as r (bank, year)
order by bank, year returning id, bank, year
"""


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier submission of the same content; ``superseded_by`` holds newer reports."""

    number: int
    received_at: dt.datetime
    superseded_by: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """The newest report of a bank and year."""

    synthetic: bool
    created_at: dt.datetime | None
    counts: dict[str, int]


async def find_known(connection: Connection, sha256: str) -> Known | None:
    """Return the submission that loaded the content with this hash, if there is one."""
    row = await connection.fetchrow(_FIND, sha256)
    if row is None:
        return None
    superseded_by = await connection.fetchval(_SUPERSEDED, row["id"])
    return Known(row["id"], row["received_at"], superseded_by)


async def stored_reports(connection: Connection) -> dict[BankYear, Stored]:
    """Return the newest report of each bank and year."""
    return {
        (bank, year): Stored(synthetic, created_at, counts)
        for bank, year, synthetic, created_at, counts in await connection.fetch(_NEWEST)
    }


def objections(reading: Reading, stored: dict[BankYear, Stored]) -> Iterator[Finding]:
    """Yield why the reports must not take the place of what is stored."""
    for place in sorted(reading.reports.keys() & stored.keys()):
        there, (bank, year) = stored[place], place
        if reading.synthetic != there.synthetic and not reading.conditions.allow_removals:
            was, now = ("synthetic", "real") if there.synthetic else ("real", "synthetic")
            message = (
                f"The report of {bank} for {year} is {was}, and this one is {now}; mend "
                "SYNTHETIC, or use --allow-removals."
            )
            yield Finding(Code.ORIGIN_CHANGES, message, field="SYNTHETIC", bank=bank)
        if reading.created_at and there.created_at and reading.created_at < there.created_at:
            message = (
                f"A report of {bank} for {year} that was written at {there.created_at:{_TIME}} was "
                f"loaded, and this file is of {reading.created_at:{_TIME}}; an older report never "
                "replaces a newer one."
            )
            yield Finding(Code.OUTDATED, message, field="CREATION_TIME", bank=bank)


async def load(
    connection: Connection, reading: Reading, stored: dict[BankYear, Stored]
) -> tuple[int, ReportChanges]:
    """Store the reports that say something new; return the number of the submission."""
    submission: int = await connection.fetchval(
        _ADD_SUBMISSION,
        printable(reading.source.path.name),
        reading.source.sha256,
        reading.synthetic,
        reading.created_at,
        reading.rows_read,
        reading.rows_refused,
    )
    outcomes = {place: _outcome(reading, place, stored) for place in sorted(reading.reports)}
    new = [place for place, outcome in outcomes.items() if outcome != "unchanged"]
    await _add(connection, submission, reading, new)
    await _reject(connection, submission, reading.rejections)
    changes = ReportChanges(**Counter(outcomes.values()))
    details = {
        "content_sha256": reading.source.sha256,
        "format": reading.source.format,
        "banks": sorted(reading.rows),
        "rows_read": reading.rows_read,
        "rows_refused": reading.rows_refused,
        **asdict(changes),
    }
    await record(connection, "activity.load", f"activity submission {submission}", details)
    return submission, changes


def _outcome(reading: Reading, place: BankYear, stored: dict[BankYear, Stored]) -> str:
    there = stored.get(place)
    if there is None:
        return "added"
    same = (there.synthetic, there.counts) == (reading.synthetic, reading.reports[place])
    return "unchanged" if same else "replaced"


async def _add(
    connection: Connection, submission: int, reading: Reading, places: list[BankYear]
) -> None:
    banks, years = [bank for bank, _ in places], [year for _, year in places]
    rows = await connection.fetch(_ADD_REPORTS, submission, banks, years)
    await connection.copy_records_to_table(
        "activity_count",
        schema_name="intake",
        columns=["report_id", "indication", "units"],
        records=[
            (number, indication, units)
            for number, bank, year in rows
            for indication, units in sorted(reading.reports[bank, year].items())
        ],
    )


async def _reject(connection: Connection, submission: int, faults: list[Finding]) -> None:
    await connection.copy_records_to_table(
        "activity_rejection",
        schema_name="intake",
        columns=["submission_id", "line", "field", "code", "message"],
        records=[
            (submission, fault.line, fault.field, fault.code.value, fault.message)
            for fault in faults
        ],
    )
