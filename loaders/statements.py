"""A statement: SQL in a file of its own, and the record that its rows become."""

from collections.abc import Awaitable
from dataclasses import dataclass, fields
from functools import cached_property
from importlib.resources import files
from typing import Generic, Protocol, TypeVar

import asyncpg

from loaders.slices import sliced

RecordT = TypeVar("RecordT")


class Pool(Protocol):
    """Runs statements: an asyncpg pool or connection."""

    def fetch(self, query: str, *args: object) -> Awaitable[list[asyncpg.Record]]:
        """Run ``query`` and return its rows."""


@dataclass(frozen=True)
class Statement(Generic[RecordT]):
    """The SQL of ``loaders/sql/<name>.sql``, whose columns are the fields of ``record``.

    A test prepares every file against the migrated database and compares columns with fields,
    names and order; so a row is turned into its record by position.
    """

    name: str
    record: type[RecordT]

    @cached_property
    def sql(self) -> str:
        """The text of the statement."""
        return (files("loaders") / "sql" / f"{self.name}.sql").read_text(encoding="utf-8")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that the statement must return, in order."""
        return tuple(field.name for field in fields(self.record))  # type: ignore[arg-type]

    async def fetch(self, pool: Pool, *arguments: object) -> list[RecordT]:
        """Run the statement on a connection of ``pool`` and return its records in row order."""
        rows = await self.rows(pool, *arguments)
        return [self.record(*row) async for row in sliced(rows)]

    def rows(self, pool: Pool, *arguments: object) -> Awaitable[list[asyncpg.Record]]:
        """Run the statement and return its rows as they come, for where records would be dear."""
        return pool.fetch(self.sql, *arguments)
