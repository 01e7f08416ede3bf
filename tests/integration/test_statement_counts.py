"""Exact statements of documents; more rows or more objects must not cost more of them."""

from importlib.resources import files

import asyncpg
import pytest

from database.pool import Pool
from loaders.request import Loaders, Store
from schema.build import build_schema
from schema.context import Context
from schema.paging import cursor
from tests.reading import context_of

UNIT = (
    "id bank { code name sources { citation } } tnc { min max } cd34 { min } addedIn { number"
    " previous { number } }"
)
TEN_FILTERS = " ".join(
    f"f{n}: units(filter: {{tncAtLeast: {n}}}) {{ totalCount }}" for n in range(10)
)
CURSOR = cursor("units@3/ID", "0:cbu_8")
HUNDRED_IDS = ", ".join(f'"cbu_{n:020x}"' for n in range(100))
DOCUMENTS = {
    "a page of 100 units with banks and releases": (
        f"{{ units(first: 100) {{ nodes {{ {UNIT} }} }} }}",
        ["unit_walk"],
    ),
    "a page of 1 unit with the same": (
        f"{{ units(first: 1) {{ nodes {{ {UNIT} }} }} }}",
        ["unit_walk"],
    ),
    "a page of an old release": (
        "{ units(release: 1) { nodes { id } } }",
        ["unit_walk"],
    ),
    "edges, nodes, totals and inventory of one page": (
        "{ units(first: 50) { totalCount edges { cursor } nodes { tnc { min } }"  # noqa: ISC004
        " pageInfo { endCursor hasPreviousPage } inventory(groupBy: [TNC]) { units } } }",
        ["unit_walk"],
    ),
    "a filtered page": (
        '{ units(filter: {bank: ["BJ"], tncAtLeast: 8}) { totalCount nodes { id } } }',
        ["unit_walk_marked"],
    ),
    "a page of a rare kind": (
        '{ units(first: 5, filter: {bank: ["SH"], aboGroup: [AB], collectedFrom: 2015})'  # noqa: ISC004
        " { nodes { id } } }",
        ["unit_walk_each"],
    ),
    "an ordered page": (
        "{ units(orderBy: TNC_DESC, last: 5) { nodes { id } } }",
        ["unit_walk_each_back"],
    ),
    "a page that crosses three bands": (
        '{ units(orderBy: TNC_DESC, first: 100, filter: {bank: ["SH"], aboGroup: [AB],'  # noqa: ISC004
        " addedIn: [1], collectedFrom: 2015}) { nodes { id } } }",
        ["unit_walk_each"] * 3,
    ),
    "a page that nothing can be on": (
        "{ units(filter: {bank: []}) { nodes { id } pageInfo { hasNextPage } } }",
        [],
    ),
    "what comes after a cursor": (
        f'{{ units(release: 3, after: "{CURSOR}") {{ nodes {{ id }}'  # noqa: ISC004
        " pageInfo { hasNextPage startCursor endCursor } } }",
        ["unit_walk"],
    ),
    "what comes before it": (
        f'{{ units(release: 3, after: "{CURSOR}") {{ pageInfo {{ hasPreviousPage }} }} }}',
        ["unit_walk", "unit_walk_back"],
    ),
    "a total alone": ("{ units(first: 0) { totalCount } }", []),
    "an inventory alone": (
        "{ units(first: 0) { inventory(groupBy: [BANK, TNC]) { bank { name } units } } }",
        [],
    ),
    "totals of ten different filters": (f"{{ {TEN_FILTERS} }}", []),
    "all banks with their unit counts and lists": (
        "{ banks { nodes { name unitCount units(first: 0) { totalCount } } } }",
        [],
    ),
    "the doses of a list by bank, and a list by dose": (
        "{ cellDose(weightKg: 30) { certain byBank { bank { name } possible } }"  # noqa: ISC004
        " units(first: 0, filter: {cellDose: {weightKg: 30}}) {"
        " totalCount cellDose(weightKg: 30) { certain } } }",
        [],
    ),
    "a match estimate": (
        '{ matchEstimate(a: ["02", "11"], b: ["13", "46"], drb1: ["07", "09"]) {'  # noqa: ISC004
        " bands { atLeast atMost } haplotypes { studies { source } } } }",
        [],
    ),
    "a hundred units": (
        f"{{ nodes(ids: [{HUNDRED_IDS}]) {{ id ... on CordBloodUnit {{ bank {{ code }} }} }} }}",
        ["units_by_id"],
    ),
    "other nodes": (
        '{ nodes(ids: ["bnk_BJ", "ind_AML", "rel_1"]) { id } indications { nodes { code } } }',
        [],
    ),
    "the releases and their files": (
        "{ releases { nodes { number state anonymity { k } files { path } } } }",
        [],
    ),
    "the gate": (
        "{ service { gate { open reasons release checkedOn heldBackPercent sentences } } }",
        [],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_costs_its_statements(pool: Pool, name: str) -> None:
    """Only units are read, by the statements that are named here; all else is in memory."""
    document, expected = DOCUMENTS[name]
    known = (await context_of(pool)).catalogue
    statements: list[str] = []
    context = Context(Loaders(Store(_Counting(pool, statements), known)))
    result = await build_schema("2027-01").execute(document, context_value=context)
    assert result.errors is None
    names = {file.read_text("utf-8"): file.name for file in (files("loaders") / "sql").iterdir()}
    assert [names[text] for text in statements] == [f"{each}.sql" for each in expected]


class _Counting:
    """Notes the statements that go to a real pool."""

    def __init__(self, pool: Pool, statements: list[str]) -> None:
        self._pool = pool
        self._statements = statements

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """Note the statement and run it."""
        self._statements.append(query)
        return await self._pool.fetch(query, *args)
