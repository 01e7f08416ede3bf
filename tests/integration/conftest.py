"""A small published world: three releases with a withdrawal-free, irregular inventory."""

import datetime as dt
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from database.access import Access
from database.pool import Connection, Pool, connect, open_pool
from loaders.request import Loaders
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from schema.build import build_schema
from schema.context import Context

Ask = Callable[..., Awaitable[dict[str, Any]]]
Refused = Callable[..., Awaitable[dict[str, str]]]

_BANKS = ("BJ", "TJ", "SH", "GD", "SC")
_ABO = ("A", "B", "O", "AB")
_CELLS = ((7.0e8, 2.0e6), (9.0e8, 4.0e6), (9.5e8, None), (1.1e9, 4.0e6), (1.4e9, 7.5e6))
_TODAY = dt.date(2026, 11, 22)
_COLUMNS = [
    "submission_id", "line", "bank", "unit_number", "birth_date", "status", "consent",
    "synthetic", "abo", "tnc_frozen", "cd34_frozen", "volume_ml", "hla",
]  # fmt: skip


async def add_units(
    connection: Connection, wave: int, count: int, banks: tuple[str, ...] = _BANKS
) -> None:
    """Add ``count`` raw units of ``banks`` as one submission, the same ones for equal numbers."""
    rng = random.Random(wave)
    submission = await connection.fetchval(
        "insert into intake.submission (file_name, content_sha256, update_mode, synthetic, banks, "
        "units_read, units_rejected) values ($1, $2, 'FULL', true, $3, $4, 0) returning id",
        f"wave-{wave}.xml",
        hashlib.sha256(bytes([wave])).hexdigest(),
        list(banks),
        count,
    )
    rows: list[tuple[object, ...]] = []
    for line in range(1, count + 1):
        tnc, cd34 = rng.choice(_CELLS)
        born = dt.date(rng.choice((2009, 2013, 2017)), rng.randint(1, 12), rng.randint(1, 28))
        rows.append((
            submission, line, rng.choice(banks), f"W{wave}-{line:06d}", born, "AV",
            rng.random() < 0.98, True, rng.choice(_ABO), tnc, cd34, 90.0, {},
        ))  # fmt: skip
    await connection.copy_records_to_table(
        "raw_unit", schema_name="intake", columns=_COLUMNS, records=rows
    )


async def publish_three(access: Access, keys: Path) -> None:
    """Publish three releases: 18,000 units of five banks, then 1,600 of one, then of another."""
    connection = await connect(access.require("operator"))
    try:
        await load_reference(connection)
        for wave, (count, banks) in enumerate(
            [(18_000, _BANKS), (1_600, ("BJ",)), (1_600, ("GD",))], start=1
        ):
            await add_units(connection, wave, count, banks)
            await publish(connection, keys=keys, profile=Profile.SYNTHETIC, today=_TODAY)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def published(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Access:
    """A database with three releases."""
    await publish_three(module_database, tmp_path_factory.mktemp("keys") / "keys")
    return module_database


@pytest.fixture(scope="module")
async def pool(published: Access) -> AsyncIterator[Pool]:
    """The reader's pool on `published`."""
    opened = await open_pool(published.require("reader"), size=5)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture(scope="module")
def ask(pool: Pool) -> Ask:
    """Execute a document in a request of its own; errors fail the test."""

    async def execute(document: str, **variables: Any) -> dict[str, Any]:
        result = await build_schema("2026-10").execute(
            document, variable_values=variables, context_value=Context(Loaders(pool))
        )
        assert result.errors is None
        assert result.data is not None
        return result.data

    return execute


@pytest.fixture(scope="module")
def refused(pool: Pool) -> Refused:
    """Execute a document that must be refused once; return path, code and message by name."""

    async def execute(document: str, **variables: Any) -> dict[str, str]:
        result = await build_schema("2026-10").execute(
            document, variable_values=variables, context_value=Context(Loaders(pool))
        )
        assert result.errors is not None
        (error,) = result.errors
        assert error.extensions is not None
        return {
            "path": "/".join(str(part) for part in error.path or ()),
            "code": error.extensions["code"],
            "message": error.message,
        }

    return execute
