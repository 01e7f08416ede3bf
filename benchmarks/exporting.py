"""Measures the export and the check of one release: time, processors, memory, disk.

    python -m benchmarks.exporting --home /tmp/exporting [--units 5000000]

The release is made up of random units in 3,500 classes, with the right digests, and written into
the tables under their constraints, in an embedded PostgreSQL below ``--home``. A second run finds it
there. The commands are those of an operator, each a process of its own; memory is that of the
command alone, looked at four times a second.
"""

import argparse
import asyncio
import itertools
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pipeline import Step, run_step
from database.access import HOME, VARIABLES, open_access
from database.migrate import prepare
from database.pool import Connection, connect
from domain.bands import UNRECORDED, bands_between
from domain.banks import BANK_CODES
from domain.digest import class_digest, release_digest
from domain.periods import YearRange
from domain.schemes import Scheme
from domain.units import AboGroup, UnitClass
from publishing.open_zone import class_values
from publishing.reference import load_reference
from publishing.release import LICENCE

UNITS = 5_000_000
_SCHEME = Scheme(
    1,
    11,
    5,
    abo=True,
    tnc_cuts=(8.0, 10.0, 12.5),
    cd34_cuts=(3.0, 6.0),
    volume_cuts=None,
    processing=False,
)
_YEARS = (2000, 2005, 2010, 2015, 2020)
_RELEASE = """
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
    held_back_percent, digest)
values (1, 1, 'synthetic', true, $1, $2, $2, 0, $3, $4, 11, 11, 0, $5)
"""
_CLASS = """
insert into open.unit_class (scheme, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min,
    cd34_max, volume_min, volume_max, processing)
values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id
"""
_BATCH_CLASS = """
insert into open.batch_class (class_id, added, units, digest) values ($1, 1, $2, $3) returning id
"""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A class and its units."""

    unit_class: UnitClass
    ids: list[str]


def made_up(units: int) -> Iterator[MadeUp]:
    """Yield classes of random sizes, about ``units`` units in all."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    bands = (*bands_between(_SCHEME.tnc_cuts or ()), UNRECORDED)
    cells = (*bands_between(_SCHEME.cd34_cuts or ()), UNRECORDED)
    classes = list(itertools.product(BANK_CODES, _YEARS, AboGroup, bands, cells))
    for bank, year, abo, tnc, cd34 in classes:
        size = 11 + round(chance.expovariate(len(classes) / max(1, units - 11 * len(classes))))
        ids = sorted(f"cbu_{chance.randbytes(10).hex()}" for _ in range(size))
        yield MadeUp(UnitClass(bank, YearRange(year, year + 4), abo, tnc, cd34, None, None), ids)


async def fill(connection: Connection, units: int) -> None:
    """Write one release, unless there is one."""
    if await connection.fetchval("select exists (select from open.release)"):
        return
    await load_reference(connection)
    classes = list(made_up(units))
    digests = [class_digest(each.unit_class, 1, each.ids) for each in classes]
    total = sum(len(each.ids) for each in classes)
    async with connection.transaction():
        await connection.execute(
            "insert into open.scheme (number, k, levels) values (1, 11, $1)", _SCHEME.as_json()
        )
        digest = release_digest(1, digests)
        await connection.execute(_RELEASE, LICENCE, total, len(BANK_CODES), len(classes), digest)
        rows = []
        for each, of_class in zip(classes, digests, strict=True):
            class_id = await connection.fetchval(_CLASS, *class_values(each.unit_class))
            batch = await connection.fetchval(_BATCH_CLASS, class_id, len(each.ids), of_class)
            rows += [(unit_id, batch) for unit_id in each.ids]
        rows.sort()
        await connection.copy_records_to_table(
            "unit", schema_name="open", columns=["id", "batch_class_id"], records=rows
        )


def show(step: Step) -> None:
    """Print a line about a command."""
    print(
        f"{step.name:<8} {step.seconds:7.1f} s  {step.worked:7.1f} s of processors  "
        f"{step.own_bytes / 1e6:7.0f} MB of memory"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="Folder; 3 GB for 5 million units")
    parser.add_argument("--units", type=int, default=UNITS)
    given = parser.parse_args()
    home = given.home / "home"
    (given.home / "logs").mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    environ[HOME] = str(home)

    async def work() -> None:
        with open_access(home, environ) as access:
            await prepare(access.require("owner"), access.role_passwords())
            connection = await connect(access.require("owner"))
            try:
                await fill(connection, given.units)
                # What an earlier run registered would not be made again.
                await connection.execute("set session_replication_role = replica")
                await connection.execute("delete from open.release_file")
            finally:
                await connection.close()

    shutil.rmtree(home / "files", ignore_errors=True)
    asyncio.run(work())
    export, _ = run_step("export", ["release", "export"], given.home, environ)
    show(export)
    files = home / "files"
    verify, _ = run_step("verify", ["verify", str(files)], given.home, environ)
    show(verify)
    for file in sorted((files / "releases/1").rglob("units.*")):
        print(f"{file.relative_to(files)!s:<44} {file.stat().st_size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
