"""Execution by sets answers with the very bytes of the stock executor."""

from collections.abc import Callable, Iterator

import pytest
from graphql import DocumentNode, get_introspection_query, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.pool import Pool
from loaders.catalogue import Catalogue, read_catalogue
from loaders.request import Loaders, Store
from schema.build import build_schema
from schema.context import Context
from schema.versions import VERSIONS
from tests.executors import Answer, ask_by_sets, ask_stock
from tests.faults import Fault, Faults, Kind, selected_in
from tests.queries import Query, QueryMaker
from tests.whole_schema import WholeSchema

_NAMES = [version.name for version in VERSIONS.served]
_SEEDS = st.integers(0, 2**32)
_SHARES = st.sampled_from([1, 2, 3, 7])
# graphql-core drops the fields of list items that are cancelled before they began.
pytestmark = pytest.mark.filterwarnings(r"ignore:coroutine .\S+. was never awaited:RuntimeWarning")

_RELAXED = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NewContext = Callable[[], Context]


@pytest.fixture(scope="module")
async def catalogue(pool: Pool) -> Catalogue:
    """What is published."""
    return await read_catalogue(pool)


@pytest.fixture(scope="module")
def new_context(pool: Pool, catalogue: Catalogue) -> NewContext:
    """Opens requests."""
    return lambda: Context(Loaders(Store(pool, catalogue)))


@pytest.fixture(scope="module", params=_NAMES)
def faults(request: pytest.FixtureRequest) -> Iterator[tuple[str, Faults]]:
    """A version, and its faults, installed."""
    version = request.param
    faults = Faults(build_schema(version))
    with faults.installed():
        yield version, faults


async def _both(
    version: str, document: DocumentNode, query: Query, new_context: NewContext
) -> tuple[Answer, Answer]:
    schema = build_schema(version)
    by_sets, stock = new_context(), new_context()
    found = await ask_by_sets(schema, document, query.variables, by_sets)
    expected = await ask_stock(schema, document, query.variables, stock)
    assert found.data == expected.data
    assert found.errors == expected.errors or found.nulled == expected.nulled
    if found.by_sets:
        assert by_sets.releases_read == stock.releases_read
        assert (by_sets.live, by_sets.unpinned) == (stock.live, stock.unpinned)
    return found, expected


@pytest.mark.parametrize("version", _NAMES)
@_RELAXED
@given(seed=_SEEDS)
async def test_any_query_has_the_same_answer(
    new_context: NewContext, version: str, seed: int
) -> None:
    """Data byte for byte, errors, and what the request is known to have read."""
    query = QueryMaker(build_schema(version)._schema, seed).make()
    await _both(version, parse(query.text), query, new_context)


@_RELAXED
@given(seed=_SEEDS, data=st.data())
async def test_any_fault_has_the_same_answer(
    new_context: NewContext, faults: tuple[str, Faults], seed: int, data: st.DataObject
) -> None:
    """Fields that raise, or return null, an exception or what they may not, change nothing."""
    version, installed = faults
    schema = build_schema(version)
    query = QueryMaker(schema._schema, seed).make()
    document = parse(query.text)
    coordinates = selected_in(schema, document)
    if not coordinates:
        return
    drawn = st.builds(Fault, st.sampled_from(coordinates), st.sampled_from(Kind), _SHARES)
    wanted = data.draw(st.lists(drawn, min_size=1, max_size=3))
    installed.now = {fault.coordinate: fault for fault in wanted}
    try:
        await _both(version, document, query, new_context)
    finally:
        installed.now = {}


@pytest.mark.parametrize("version", _NAMES)
async def test_nearly_all_queries_are_executed_by_sets(
    new_context: NewContext, version: str
) -> None:
    """Of those that have no error, all; an error sends a query to the stock executor."""
    schema = build_schema(version)
    by_sets = without_error = 0
    for seed in range(300):
        query = QueryMaker(schema._schema, seed).make()
        found = await ask_by_sets(schema, parse(query.text), query.variables, new_context())
        by_sets += found.by_sets
        without_error += not found.errors
    assert by_sets == without_error
    assert without_error > 150


@pytest.mark.parametrize("version", _NAMES)
async def test_every_field_is_executed_by_sets(
    new_context: NewContext, pool: Pool, version: str
) -> None:
    """No field of the contract needs the stock executor."""
    schema = build_schema(version)
    unit = await pool.fetchval("select id from open.unit order by id limit 1")
    whole = WholeSchema(schema._schema)
    for _name, text in whole.documents():
        query = Query(text, {"unit": unit})
        found, _ = await _both(version, parse(text), query, new_context)
        assert found.setback is None
        assert found.by_sets
    assert whole.selected == whole.coordinates


_UNIT = "{ id bank { code name } tnc { min max } aboGroup addedIn { number } }"
_ASKED = {
    "page": f"{{ units(first: 100) {{ nodes {_UNIT} }} }}",
    "edges": f"{{ units(first: 100) {{ edges {{ cursor node {_UNIT} }} ...P }} }} "
    "fragment P on UnitConnection { totalCount pageInfo { endCursor hasNextPage } }",
    "filtered": "query ($banks: [String!]) { units(filter: {bank: $banks, tncAtLeast: 8}, "
    f"orderBy: TNC_DESC, last: 30) {{ nodes {_UNIT} }} }}",
    "two pages": "{ a: units(first: 3) { nodes { id } } b: units(first: 5) { nodes { id } } }",
    "inventory": "{ units { totalCount inventory(groupBy: [BANK, ABO_GROUP, ADDED_IN]) { units "
    "aboGroup bank { code } addedIn { number state } } } }",
    "releases": "{ releases { nodes { number previous { units(first: 2) { nodes { id } } } } } }",
    "banks": "{ banks { nodes { name(language: ZH) units(first: 2) { nodes { bank { id } } } } } }",
    "nodes": '{ nodes(ids: ["bnk_BJ", "rel_1", "ind_AML", "bnk_BJ"]) { __typename id '
    "...on Bank { code } ...on Release { publishedAt files { bytes } } } }",
    "node": '{ node(id: "ind_AML") { ...F } } fragment F on Indication { sources { field } group }',
    "conditions": "query ($yes: Boolean = true) { units(first: 3) { nodes { id @skip(if: $yes) "
    "tnc @include(if: $yes) { unit } } } }",
    "service": "{ service { limits { maxCost } versions { name stableSince status } } }",
    "type name": "{ __typename }",
}


@pytest.mark.parametrize("text", _ASKED.values(), ids=_ASKED)
@pytest.mark.parametrize("version", _NAMES)
async def test_what_clients_ask_is_executed_by_sets(
    new_context: NewContext, version: str, text: str
) -> None:
    """The stock executor has no part in it."""
    found, _ = await _both(version, parse(text), Query(text), new_context)
    assert found.setback is None
    assert found.by_sets


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        (get_introspection_query(), False),
        ('{ __type(name: "Bank") { name } service { limits { maxCost } } }', False),
        ('{ node(id: "nonsense") { id } }', True),
        ('{ nodes(ids: ["bnk_BJ", "nonsense"]) { id } }', True),
        ("{ units(release: 99) { nodes { id } } }", True),
    ],
)
async def test_the_rest_is_left_to_the_stock_executor(
    new_context: NewContext, text: str, *, planned: bool
) -> None:
    """Introspection from the start, and an error from where it is met."""
    found, _ = await _both("2026-10", parse(text), Query(text), new_context)
    assert (found.planned, found.by_sets) == (planned, False)
