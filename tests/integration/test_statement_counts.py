"""Exact numbers of statements; more rows or more objects must not cost more of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from database.access import Access
from database.pool import Pool, open_pool
from loaders.request import Loaders
from schema.build import build_schema
from schema.context import Context

Ask = Callable[..., Awaitable[dict[str, Any]]]

UNIT = (
    "id bank { code name sources { citation } } tnc { min max } cd34 { min } addedIn { number"
    " previous { number } }"
)
TEN_FILTERS = " ".join(
    f"f{n}: units(filter: {{tncAtLeast: {n}}}) {{ totalCount }}" for n in range(10)
)
HUNDRED_IDS = ", ".join(f'"cbu_{n:020x}"' for n in range(100))
DOCUMENTS = {
    "a page of 100 units with banks and releases": (
        f"{{ units(first: 100) {{ nodes {{ {UNIT} }} }} }}",
        5,  # releases, selected classes, units, published classes, banks
    ),
    "a page of 1 unit with the same": (f"{{ units(first: 1) {{ nodes {{ {UNIT} }} }} }}", 5),
    "edges, nodes and totals of one page": (
        "{ units(first: 50) { totalCount edges { cursor } nodes { tnc { min } }"  # noqa: ISC004
        " pageInfo { endCursor hasPreviousPage } } }",
        4,
    ),
    "a total alone": ("{ units(first: 0) { totalCount } }", 2),
    "an inventory alone": (
        "{ units(first: 0) { inventory(groupBy: [BANK, TNC]) { bank { name } units } } }",
        3,
    ),
    "totals of ten different filters": (
        f"{{ {TEN_FILTERS} }}",
        2,
    ),
    "all banks with their unit counts and lists": (
        "{ banks { nodes { name unitCount units(first: 0) { totalCount } } } }",
        4,
    ),
    "a hundred nodes": (
        f"{{ nodes(ids: [{HUNDRED_IDS}]) {{ id ... on CordBloodUnit {{ bank {{ code }} }} }} }}",
        2,
    ),
    "the releases": ("{ releases { nodes { number state anonymity { k } } } }", 1),
    "the files of all releases": ("{ releases { nodes { files { path } } } }", 2),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_costs_its_statements(published: Access, name: str) -> None:
    """The number is exact: a change for the worse, or for the better, shows here."""
    document, expected = DOCUMENTS[name]
    statements: list[str] = []
    pool = await open_pool(published.require("reader"), size=4)
    async with pool.acquire() as warm:
        await warm.fetchval("select 1")
    try:
        loaders = Loaders(_Counting(pool, statements))
        result = await build_schema("2026-10").execute(document, context_value=Context(loaders))
    finally:
        await pool.close()
    assert result.errors is None
    assert len(statements) == expected, "\n---\n".join(statements)


class _Counting:
    """Notes the statements that go to a real pool."""

    def __init__(self, pool: Pool, statements: list[str]) -> None:
        self._pool = pool
        self._statements = statements

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """Note the statement and run it."""
        self._statements.append(query)
        return await self._pool.fetch(query, *args)
