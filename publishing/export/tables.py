"""Reads the small tables of a release, as they are written into its files."""

from collections.abc import Mapping
from typing import Final

from database.pool import Connection
from domain.published_tables import TABLES, UNITS
from files.formats import Row

QUERIES: Final[Mapping[str, str]] = {
    "banks": """
        select code, name_en, name_zh, city, region_code, region, licence_year, operator
        from open.bank
        where since <= $1 and (until is null or until > $1)
        order by code collate "C"
    """,
    "indications": """
        select code, indication_group, name_en, name_zh, icd10, icd11, orpha
        from open.indication
        where since <= $1 and (until is null or until > $1)
        order by code collate "C"
    """,
    "sources": """
        select r.subject, r.code, s.position, s.source ->> 'field', s.source ->> 'status',
               s.source ->> 'citation'
        from (
            select 'banks' as subject, code, since, until, sources from open.bank
            union all
            select 'indications', code, since, until, sources from open.indication
        ) r
        cross join jsonb_array_elements(r.sources) with ordinality as s (source, position)
        where r.since <= $1 and (r.until is null or r.until > $1)
        order by r.subject collate "C", r.code collate "C", s.position
    """,
    "batch_classes": """
        select b.added, c.bank, c.period_from, c.period_to, c.abo, c.tnc_min, c.tnc_max,
               c.cd34_min, c.cd34_max, c.volume_min, c.volume_max, c.processing, b.units, b.digest
        from open.batch_class b join open.unit_class c on c.id = b.class_id
        where b.added <= $1 and (b.withdrawn is null or b.withdrawn > $1)
        order by b.id
    """,
    "hla_tables": """
        select locus, region, published_units, typed_units, as_of
        from open.hla_table where release = $1
        order by locus collate "C", region collate "C"
    """,
    "hla_frequencies": """
        select locus, region, hla_group, units, copies, frequency, as_of
        from open.hla_frequency where release = $1
        order by locus collate "C", region collate "C", hla_group collate "C"
    """,
    "transplant_activity": """
        select c.cell, c.since, c.year_from, c.year_to, c.region, v.units, v.as_of
        from (
            -- Ids have gaps where a publication was rolled back; places have none.
            select id, row_number() over (order by since, id) as cell, since, year_from, year_to,
                   region
            from open.activity_cell where since <= $1
        ) c
        cross join lateral (
            select units, as_of from open.activity_value
            where cell = c.id and as_of <= $1 order by as_of desc limit 1
        ) v
        order by c.cell
    """,
    "transplant_activity_parts": """
        select p.indication, p.year, p.region, c.cell
        from open.activity_part p
        join (
            select id, row_number() over (order by since, id) as cell
            from open.activity_cell where since <= $1
        ) c on c.id = p.cell
        order by p.indication collate "C", p.year, p.region collate "C"
    """,
}
"""How each table but the units is read as release $1 holds it, in the columns and in the order of
its description."""


async def read_tables(connection: Connection, release: int) -> dict[str, list[Row]]:
    """Return the rows of all tables but the units as ``release`` holds them, by table."""
    return {
        table.name: [tuple(row) for row in await connection.fetch(QUERIES[table.name], release)]
        for table in TABLES
        if table is not UNITS
    }
