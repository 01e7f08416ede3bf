"""The tables of the population in the files of releases are those of the open zone."""

from collections.abc import AsyncIterator
from pathlib import Path

import polars as pl
import pytest

from database.access import Access
from database.pool import Connection
from tests.database_copies import connection_to

RELEASES = (1, 2, 3)


@pytest.fixture
def files(exported: Path) -> Path:
    """The root of the store."""
    return exported / "files"


@pytest.fixture
async def operator(published: Access) -> AsyncIterator[Connection]:
    """A connection to the database whose releases are exported."""
    async with connection_to(published.require("operator")) as connection:
        yield connection


async def test_transplant_activity_is_that_of_the_release(
    files: Path, operator: Connection
) -> None:
    """Each release has its cells with the newest value that it knows, and what lies in them."""
    for release in RELEASES:
        rows = await operator.fetch(
            "select distinct on (c.id) c.since, c.year_from, c.year_to, c.region, v.units, "
            "v.as_of, "
            "(select array_agg((indication, year, p.region)::text order by indication, year, "
            "p.region) from open.activity_part p where p.cell = c.id) "
            "from open.activity_cell c join open.activity_value v on v.cell = c.id "
            "where v.as_of <= $1 order by c.id, v.as_of desc",
            release,
        )
        folder = files / f"releases/{release}"
        cells = pl.read_parquet(folder / "transplant_activity.parquet").rows()
        parts = pl.read_parquet(folder / "transplant_activity_parts.parquet").rows()
        of_cell = {
            cell[0]: [
                f"({code},{year},{region})" for code, year, region, at in parts if at == cell[0]
            ]
            for cell in cells
        }
        assert rows
        assert [(*cell[1:], of_cell[cell[0]]) for cell in cells] == [tuple(row) for row in rows]
        assert sum(map(len, of_cell.values())) == len(parts)


async def test_hla_frequencies_are_those_of_the_release(files: Path, operator: Connection) -> None:
    """Each release has its own rows; what it does not tell is empty in its files."""
    for release in RELEASES:
        folder = files / f"releases/{release}"
        for table, name in (("hla_table", "hla_tables"), ("hla_frequency", "hla_frequencies")):
            rows = await operator.fetch(f"select * from open.{table} where release = $1", release)  # noqa: S608
            assert rows
            found = pl.read_parquet(folder / f"{name}.parquet")
            said = [tuple(row[column] for column in found.columns) for row in rows]
            assert found.rows() == sorted(said, key=lambda row: row[:3])
