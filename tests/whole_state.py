"""All that a database says, as digests: exactly, and without what differs from run to run."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.pool import Connection

_TABLES = """
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('intake', 'open', 'service') order by 1
"""
_COLUMNS = """
select format('%I.%I', n.nspname, c.relname) as of_table, a.attname as name,
       a.attidentity <> '' as numbered, a.atttypid = 'timestamptz'::regtype as timed,
       (select format('%I.%I', fn.nspname, f.relname)
        from pg_constraint k join pg_class f on f.oid = k.confrelid
        join pg_namespace fn on fn.oid = f.relnamespace
        where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum]) as refers_to
from pg_attribute a join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('intake', 'open', 'service')
  and a.attnum > 0 and not a.attisdropped
order by 1, a.attnum
"""
_SUBMISSION = re.compile(r"submission (\d+)")
_SECRET = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"'bytes': \d+|'key': '[0-9A-F]{16}'")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    numbered: bool
    timed: bool
    refers_to: str | None


async def exact_digest(connection: Connection) -> str:
    """Return a digest of every row of every table, in which nothing is left out."""
    parts = []
    for (table,) in await connection.fetch(_TABLES):
        row = await connection.fetchrow(
            "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) "  # noqa: S608
            f"from {table} t"
        )
        parts.append(f"{table} {tuple(row or ())}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def plain_digest(connection: Connection) -> str:
    """Return a digest of every row, without times, with numbers counted anew, without secrets.

    Runs that did the same in the same order have the same one, however many runs died between:
    a number that a dead run took is never given out again.
    """
    columns: dict[str, list[_Column]] = {}
    for row in await connection.fetch(_COLUMNS):
        columns.setdefault(row[0], []).append(_Column(*row[1:]))
    rows = {
        table: await connection.fetch(f"select * from {table}")  # noqa: S608
        for table in columns
    }
    ranks = {
        table: {row[column.name]: rank for rank, row in enumerate(_ordered(rows[table], column))}
        for table, of_table in columns.items()
        for column in of_table
        if column.numbered
    }
    digest = hashlib.sha256()
    for table, of_table in columns.items():
        told = (_told(table, row, of_table, ranks) for row in rows[table])
        digest.update("\n".join([table, *sorted(told)]).encode())
    return digest.hexdigest()


def _ordered(rows: list[Any], column: _Column) -> list[Any]:
    return sorted(rows, key=lambda row: row[column.name])


def _told(
    table: str, row: Any, columns: list[_Column], ranks: Mapping[str, Mapping[int, int]]
) -> str:
    """Return a row as text, from which everything is gone that two equal runs differ in."""
    values = []
    for column in columns:
        value = row[column.name]
        if column.timed:
            value = value is not None
        elif column.numbered:
            value = ranks[table][value]
        elif value is not None and column.refers_to is not None and column.refers_to in ranks:
            value = ranks[column.refers_to][value]
        values.append(value)
    text = repr(values)
    if table == "intake.scheme_key":
        return _SECRET.sub("key", text)
    if table == "open.release_file":  # files say when a release was published, and by which key
        path = row["path"]
        return repr((row["release"], path, row["media_type"], row["rows"]))
    if table == "intake.audit_log" and row["action"] == "release.export":
        text = _SIZE.sub("size", _SECRET.sub("hash", text))
    known = ranks["intake.submission"]
    return _SUBMISSION.sub(lambda found: f"submission {known[int(found[1])]}", text)
