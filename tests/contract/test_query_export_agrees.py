"""An export says what GraphQL says, whatever is selected and wherever it is cut."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.access import Access
from schema.build import build_schema
from schema.versions import VERSIONS
from tests.changing_world import publish_world
from tests.queries import Query, QueryMaker
from tests.query_exports import Exported, cell_of, export, ndjson, pages, table
from tests.serving import serving

_NAMES = [version.name for version in VERSIONS.served]
_KEYS = ("nodes", "edges")
_SEEDS = st.integers(0, 2**32)
_RELAXED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
async def url(module_database: Access) -> Any:
    """A service with the four releases of `tests.changing_world`."""
    await publish_world(module_database)
    with serving(module_database) as base:
        yield base


def _made(version: str, key: str, seed: int) -> Query:
    return QueryMaker(build_schema(version)._schema, seed, depth=5).make_list(key)


def _items(url: str, query: Query, key: str, size: int, **more: Any) -> list[dict[str, Any]] | None:
    """Return all items by GraphQL; ``None`` if a page has an error."""
    items: list[dict[str, Any]] = []
    for answer in pages(url, query, key, size, **more):
        if "errors" in answer:
            return None
        items += answer["data"]["units"][key]
    return items


def _check(exported: Exported, items: list[dict[str, Any]] | None) -> None:
    if items is None:
        assert not exported.whole or exported.status != 200
        return
    assert (exported.status, exported.whole) == (200, True), exported.body[:500]
    assert exported.body == ndjson(items)
    assert int(exported.headers["cordgraph-total-count"]) == len(items)


@pytest.mark.parametrize("version", _NAMES)
@pytest.mark.parametrize("key", _KEYS)
@_RELAXED
@given(seed=_SEEDS)
def test_lines_are_what_graphql_answers(url: str, version: str, key: str, seed: int) -> None:
    """Byte for byte, for any filter, order, release and selection; errors end it."""
    query = _made(version, key, seed)
    exported = export(url, query, version=version)
    size = int(exported.headers.get("cordgraph-page-size", 1))
    _check(exported, _items(url, query, key, size, version=version))


@pytest.mark.parametrize("version", _NAMES)
@_RELAXED
@given(seed=_SEEDS)
def test_cells_are_what_graphql_answers(url: str, version: str, seed: int) -> None:
    """Each cell is the value at the path that its column is named by."""
    query = _made(version, "nodes", seed)
    exported = export(url, query, version=version, format="csv")
    if exported.status != 200 or not exported.whole:
        assert _items(url, query, "nodes", 1, version=version) is None or exported.status == 400
        return
    size = int(exported.headers["cordgraph-page-size"])
    items = _items(url, query, "nodes", size, version=version)
    assert items is not None
    rows = table(exported.body)
    columns = exported.body.split(b"\r\n", 1)[0].decode().split(",")
    assert [[row[name] for name in columns] for row in rows] == [
        [cell_of(item, name) for name in columns] for item in items
    ]


_LISTS = (
    "query ($order: UnitOrder! = ID) { units(release: 3, orderBy: $order) { nodes { id aboGroup "
    "bank { code name(language: ZH) sources { citation } } tnc { min max } } } }"
)
_EDGES = (
    "query ($order: UnitOrder! = ID) { units(release: 3, orderBy: $order) { edges { cursor node { "
    "id cd34 { min } } } } }"
)


def _cut(whole: bytes, place: int) -> bytes:
    """Return the lines that had arrived whole when the connection was cut."""
    return whole[: whole.rfind(b"\n", 0, place) + 1]


def _row(line: bytes, columns: list[str]) -> dict[str, str]:
    return table(",".join(columns).encode() + b"\r\n" + line + b"\r\n")[0]


@pytest.mark.parametrize("order", ["ID", "TNC_DESC"])
@pytest.mark.parametrize("form", ["ndjson", "csv"])
@pytest.mark.parametrize("key", _KEYS)
def test_what_goes_on_after_a_cut_completes_the_bytes(
    url: str, key: str, form: str, order: str
) -> None:
    """After the id or the cursor of the last line, cut anywhere; a table has one header."""
    query = Query(_LISTS if key == "nodes" else _EDGES, {"order": order})
    whole = export(url, query, format=form).body
    assert whole.count(b"\n") > 250
    columns = whole.split(b"\r\n", 1)[0].decode().split(",")
    places = random.Random(7).sample(range(len(whole)), 25)
    for place in places:
        begun = _cut(whole, place)
        last = begun.splitlines()[-1] if begun else b""
        if not last or (form == "csv" and begun.count(b"\n") == 1):
            continue  # nothing to go on after: it begins anew
        if form == "csv":
            row = _row(last, columns)
            after = row["id"] if key == "nodes" else row["cursor"]
        else:
            item = json.loads(last)
            after = item["id"] if key == "nodes" else item["cursor"]
        release = 3 if key == "nodes" else None
        rest = export(url, query, format=form, after=after, release=release)
        assert begun + rest.body == whole
