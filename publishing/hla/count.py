"""Counts the typed units of the next release, asked of the intake zone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import asyncpg

from database.pool import Connection
from domain.hla import LOCI
from domain.regions import Region
from publishing.batch import Batch
from publishing.history import History
from publishing.hla.census import BankCount, Genotype

# The units of the next release: those of its batch, and those that are published and stay. What
# few classes leave is looked for, not the many that stay.
_COUNTED = """
with gone as materialized (
    select u.id from open.unit u join open.batch_class b on b.id = u.batch_class_id
    where b.withdrawn is not null or b.id = any($2::integer[])
), counted as (
    select r.bank, r.synthetic, r.hla_normal from intake.raw_unit r where r.id = any($1::bigint[])
    union all
    select r.bank, r.synthetic, r.hla_normal
    from intake.unit_map m join intake.raw_unit r on r.id = m.raw_unit_id
    where m.release is not null and m.unit_id not in (select id from gone)
)
"""

_REAL = f"""
{_COUNTED}
select count(*) from counted where not synthetic
"""  # noqa: S608 - only constants of this file

# A locus of which a value is not known has no second one (`publishing.intake.hla.Normal`).
_PAIR = """
    case when hla_normal #>> '{{{locus},1}}' is not null
         then split_part(hla_normal #>> '{{{locus},0}}', ':', 1) || ' '
              || split_part(hla_normal #>> '{{{locus},1}}', ':', 1) end as {locus}"""
_PAIRS = ",".join(_PAIR.format(locus=locus) for locus in LOCI)
_SETS = ", ".join(f"(bank, {locus})" for locus in LOCI)
_NAMES = ", ".join(LOCI)
_GENOTYPES = f"""
{_COUNTED}
select bank, grouping({_NAMES}) as other_loci, coalesce({_NAMES}) as pair, count(*)
from (select bank, {_PAIRS} from counted) typed
group by grouping sets ({_SETS})
"""  # noqa: S608 - the same

_PARTS = """
select code, region from open.bank where since <= $1 and (until is null or until > $1)
"""


async def count_real(connection: Connection, history: History, batch: Batch) -> int:
    """Return how many units of the release that continues ``history`` are not made up."""
    count: int = await connection.fetchval(_REAL, *_units(history, batch), timeout=None)
    return count


async def count_genotypes(
    connection: Connection, history: History, batch: Batch
) -> dict[str, list[BankCount]]:
    """Count the units of the release that continues ``history`` with ``batch``, by locus.

    Returns:
        For each of `domain.hla.LOCI` the counts of every bank, by its code.
    """
    rows = await connection.fetch(_GENOTYPES, *_units(history, batch), timeout=None)
    return bank_counts(rows, await parts_of_banks(connection, history.newest + 1))


async def parts_of_banks(connection: Connection, release: int) -> dict[str, Region | None]:
    """Return the part of the nation of each bank that ``release`` knows, by code."""
    rows = await connection.fetch(_PARTS, release)
    return {code: None if region is None else Region(region) for code, region in rows}


def bank_counts(
    rows: Iterable[asyncpg.Record], parts: Mapping[str, Region | None]
) -> dict[str, list[BankCount]]:
    """Sort rows of bank, loci left out (as bits), pair and units into counts by locus."""
    typed: dict[tuple[str, str], Counter[Genotype]] = defaultdict(Counter)
    published: Counter[tuple[str, str]] = Counter()
    for bank, others, pair, units in rows:
        key = _locus(others), bank
        published[key] += units
        if pair is not None:
            typed[key][genotype(pair)] += units
    banks = sorted({bank for _, bank in published})
    return {
        locus: [
            BankCount(bank, parts.get(bank), published[locus, bank], typed[locus, bank])
            for bank in banks
        ]
        for locus in LOCI
    }


def genotype(pair: str) -> Genotype:
    """Read ``"02 11"``, in any order."""
    one, other = sorted(pair.split(" "))
    return one, other


def _locus(others: int) -> str:
    """Return the locus of which the bit is not set; the first has the highest."""
    highest = len(LOCI) - 1
    return next(locus for place, locus in enumerate(LOCI) if not others >> (highest - place) & 1)


def _units(history: History, batch: Batch) -> tuple[list[int], list[int]]:
    """Return the rows of the new units, and the classes that are left out."""
    new = [unit.row for members in batch.classes.values() for unit in members]
    return new, [row.id for row in history.leaving]
