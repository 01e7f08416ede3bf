"""Where HLA tables are kept: what is published, and what was counted for it."""

from collections.abc import Iterable, Sequence

from database.pool import Connection
from domain.hla import OTHER
from domain.regions import Region
from publishing.hla.census import BankCount, take_census
from publishing.hla.changes import Version
from publishing.hla.count import genotype
from publishing.hla.tables import Row, Table

_ADD_TABLES = """
insert into open.hla_table (release, locus, region, published_units, typed_units, as_of)
select $1, * from unnest($2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[])
"""
_ADD_ROWS = """
insert into open.hla_frequency
    (release, locus, region, hla_group, units, copies, frequency, as_of)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[],
                         $7::double precision[], $8::integer[])
"""
_ADD_COUNT = """
insert into intake.hla_count (release, locus, bank, part, published, genotypes)
values ($1, $2, $3, $4, $5, $6)
"""

# Of the newest release that has tables of the locus and can be read. What was counted for a release
# that is withdrawn is not shown again.
_SHOWN = """
join (
    select n.locus, max(n.release) as release from open.hla_table n
    join open.release r on r.number = n.release and r.withdrawn_at is null
    group by n.locus
) newest on newest.locus = t.locus and newest.release = t.release
join open.release counted on counted.number = t.as_of and counted.withdrawn_at is null
"""
_NEWEST = f"""
select t.locus, t.region, t.published_units, t.typed_units, t.as_of
from open.hla_table t {_SHOWN}
order by t.locus, t.region
"""  # noqa: S608 - constants
_NEWEST_ROWS = f"""
select t.locus, t.region, t.hla_group, t.units, t.copies, t.frequency, t.as_of
from open.hla_frequency t {_SHOWN}
order by t.locus, t.region, t.hla_group
"""  # noqa: S608 - constants

_COUNTS = """
select release, locus, bank, part, published, genotypes from intake.hla_count
order by locus, release, bank
"""
# The rows that a release's own count says; every region has the same ones.
_FRESH = """
select release, locus, hla_group, max(region) <> 'NATION' as divided from open.hla_frequency
where as_of = release and hla_group <> $1
group by release, locus, hla_group
"""


async def add_tables(connection: Connection, release: int, tables: Sequence[Table]) -> None:
    """Publish ``tables`` with ``release``; part of its transaction."""
    await connection.execute(
        _ADD_TABLES,
        release,
        [table.locus for table in tables],
        [table.region.value for table in tables],
        [table.published for table in tables],
        [table.typed for table in tables],
        [table.as_of for table in tables],
    )
    rows = [(table, row) for table in tables for row in table.rows]
    await connection.execute(
        _ADD_ROWS,
        release,
        [table.locus for table, _ in rows],
        [table.region.value for table, _ in rows],
        [row.group for _, row in rows],
        [row.units for _, row in rows],
        [row.copies for _, row in rows],
        [row.frequency for _, row in rows],
        [row.as_of for _, row in rows],
    )


async def add_counts(
    connection: Connection, release: int, locus: str, banks: Iterable[BankCount]
) -> None:
    """Keep what was counted for the table of ``locus`` in ``release``."""
    await connection.executemany(
        _ADD_COUNT,
        [
            (
                release,
                locus,
                bank.bank,
                bank.part,
                bank.published,
                {" ".join(pair): units for pair, units in sorted(bank.genotypes.items())},
            )
            for bank in banks
        ],
    )


async def newest_tables(connection: Connection) -> dict[str, list[Table]]:
    """Return by locus the tables of the newest release that has any, without what is withdrawn."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for locus, region, *values in await connection.fetch(_NEWEST_ROWS):
        rows.setdefault((locus, region), []).append(Row(*values))
    tables: dict[str, list[Table]] = {}
    for locus, region, *values in await connection.fetch(_NEWEST):
        of_table = tuple(sorted(rows.get((locus, region), []), key=_other_last))
        published, typed, as_of = values
        table = Table(locus, Region(region), published, typed, as_of, of_table)
        tables.setdefault(locus, []).append(table)
    return tables


async def read_versions(connection: Connection) -> dict[str, list[Version]]:
    """Return by locus every version of its tables, oldest first, withdrawn releases too."""
    fresh: dict[tuple[int, str], set[str]] = {}
    divided: set[tuple[int, str]] = set()
    for release, locus, group, is_divided in await connection.fetch(_FRESH, OTHER):
        fresh.setdefault((release, locus), set()).add(group)
        divided |= {(release, locus)} if is_divided else set()
    counted: dict[tuple[int, str], list[BankCount]] = {}
    for release, locus, bank, part, published, genotypes in await connection.fetch(_COUNTS):
        counted.setdefault((release, locus), []).append(
            BankCount(
                bank,
                None if part is None else Region(part),
                published,
                {genotype(pair): units for pair, units in genotypes.items()},
            )
        )
    versions: dict[str, list[Version]] = {}
    for (release, locus), banks in counted.items():
        groups = frozenset(fresh.get((release, locus), ()))
        census = take_census(banks, divide=(release, locus) in divided)
        versions.setdefault(locus, []).append(Version(release, census, groups))
    return versions


def _other_last(row: Row) -> tuple[bool, str]:
    return row.group == OTHER, row.group
