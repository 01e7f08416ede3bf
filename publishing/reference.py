"""Loads banks and indications so that every release keeps the rows that it was published with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, TypeAlias

from database.pool import Connection
from publishing.audit import record
from publishing.history import newest_release
from publishing.lock import hold_open_zone
from publishing.reference_rows import BankRow, IndicationRow, read_banks, read_indications

Row: TypeAlias = BankRow | IndicationRow
_Fact: TypeAlias = tuple[Any, ...]
_OUTCOMES = ("added", "changed", "removed", "unchanged")


@dataclass(frozen=True, slots=True)
class TableChange:
    """How the rows for the next release changed by loading; the second time nothing does."""

    added: int
    changed: int
    removed: int
    unchanged: int

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """What loading changes.

    Attributes:
        release: The first release that reads the rows as they are now.
        banks: Changes of ``open.bank``.
        indications: Changes of ``open.indication``.
    """

    release: int
    banks: TableChange
    indications: TableChange


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row as the database has it."""

    fact: _Fact
    since: int
    until: int | None


@dataclass(frozen=True, slots=True)
class _Table:
    """The SQL of one reference table."""

    stored: str
    insert: str
    drop: str
    close: str


_BANKS = _Table(
    stored="""
select code, name_en, name_zh, city, region_code, region, licence_year, operator, sources, since,
       until
from open.bank where until is null or until > $1
""",
    insert="""
insert into open.bank (code, name_en, name_zh, city, region_code, region, licence_year, operator,
                       sources, since)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
""",
    drop="delete from open.bank where code = $1 and since = $2",
    close="update open.bank set until = $3 where code = $1 and since = $2",
)
_INDICATIONS = _Table(
    stored="""
select code, indication_group, name_en, name_zh, icd10, icd11, orpha, sources, since, until
from open.indication where until is null or until > $1
""",
    insert="""
insert into open.indication (code, indication_group, name_en, name_zh, icd10, icd11, orpha,
                             sources, since)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
""",
    drop="delete from open.indication where code = $1 and since = $2",
    close="update open.indication set until = $3 where code = $1 and since = $2",
)

_READ = """
select to_jsonb(b) - '{since,until}'::text[] as fact from open.bank b
where since <= $1 and (until is null or until > $1)
union all
select to_jsonb(i) - '{since,until}'::text[] from open.indication i
where since <= $1 and (until is null or until > $1)
"""
_DIGEST = f"""
select encode(sha256(convert_to(coalesce(string_agg(fact::text, ' ' order by fact), ''), 'UTF8')),
              'hex')
from ({_READ}) r
"""  # noqa: S608 - only constants of this file


async def reference_digest(connection: Connection, release: int) -> str:
    """Return the SHA-256, in hex, of all rows of banks and indications that ``release`` reads."""
    digest: str = await connection.fetchval(_DIGEST, release)
    return digest


async def load_reference(
    connection: Connection,
    *,
    banks: Sequence[BankRow] | None = None,
    indications: Sequence[IndicationRow] | None = None,
) -> ReferenceChange:
    """Let the next release read exactly these banks and indications; wholly or not at all.

    A row that a release has read is closed, never changed; a row that none has read yet is
    replaced. Loading the same again changes nothing.

    Args:
        connection: An operator's connection, outside a transaction.
        banks: By default those of this package.
        indications: By default those of this package.

    Raises:
        Unavailable: A publication runs.
    """
    banks = read_banks() if banks is None else banks
    indications = read_indications() if indications is None else indications
    async with connection.transaction(isolation="read_committed"):
        await hold_open_zone(connection)
        newest = await newest_release(connection)
        change = ReferenceChange(
            release=newest + 1,
            banks=await _load(connection, _BANKS, banks, newest),
            indications=await _load(connection, _INDICATIONS, indications, newest),
        )
        if change.banks.any or change.indications.any:
            subject = f"release {change.release}"
            await record(connection, "reference.load", subject, asdict(change))
    return change


async def _load(
    connection: Connection, table: _Table, wanted: Sequence[Row], newest: int
) -> TableChange:
    facts = {row.code: astuple(row) for row in wanted}
    read, staged = await _stored(connection, table, newest)
    outcomes: Counter[str] = Counter()
    for code in sorted({*facts, *read, *staged}):
        fact, old, new = facts.get(code), read.get(code), staged.get(code)
        outcomes[_outcome(fact, old, new)] += 1
        await _settle(connection, table, code, fact, old, new, newest + 1)
    return TableChange(**{name: outcomes[name] for name in _OUTCOMES})


async def _stored(
    connection: Connection, table: _Table, newest: int
) -> tuple[dict[str, _Stored], dict[str, _Stored]]:
    """Return what release ``newest`` reads, and what is there for the next one only."""
    read: dict[str, _Stored] = {}
    staged: dict[str, _Stored] = {}
    for row in await connection.fetch(table.stored, newest):
        *fact, since, until = row
        target = read if since <= newest else staged
        target[fact[0]] = _Stored(tuple(fact), since, until)
    return read, staged


async def _settle(
    connection: Connection,
    table: _Table,
    code: str,
    fact: _Fact | None,
    old: _Stored | None,
    new: _Stored | None,
    release: int,
) -> None:
    """Bring the rows of ``code`` to where ``release`` reads ``fact``, or nothing."""
    continued = old is not None and old.fact == fact
    if new and (continued or new.fact != fact):
        await connection.execute(table.drop, code, new.since)
        new = None
    until = None if continued else release
    if old and old.until != until:
        await connection.execute(table.close, code, old.since, until)
    if fact and not continued and not new:
        await connection.execute(table.insert, *fact, release)


def _outcome(fact: _Fact | None, old: _Stored | None, new: _Stored | None) -> str:
    """Say how ``fact`` differs from what the next release would have read without it."""
    before = new.fact if new else old.fact if old and old.until is None else None
    if before is None:
        return "absent" if fact is None else "added"
    if fact is None:
        return "removed"
    return "unchanged" if before == fact else "changed"
