"""A field that fails takes its siblings with it, and nothing that others wait for."""

import base64
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from database.pool import Pool, open_pool
from schema.build import build_schema
from tests.changing_world import units_of
from tests.graphql_client import GraphQLClient
from tests.oracle import selected
from tests.reading import context_of
from tests.serving import serving

# graphql-core drops the fields of list items that are cancelled before they began.
pytestmark = pytest.mark.filterwarnings(r"ignore:coroutine '\S+' was never awaited:RuntimeWarning")

_TIMES = 20
"""Which field fails first is a matter of chance."""

_FORGED = base64.urlsafe_b64encode(b"units@4/ID|nan:x").decode().rstrip("=")
_BANKS = "nodes { bank { units(first: 5, orderBy: TNC_DESC) { nodes { id } } } }"
_GOOD = f"b: units(first: 10) {{ {_BANKS} }}"
_TOTAL = "inventory(groupBy: []) { units }"
_GOOD_TWICE = f"{_GOOD} c: units(first: 10) {{ totalCount {_TOTAL} }}"
_FROM_NOWHERE = f'units(first: 10, after: "{_FORGED}")'
_TWICE = "inventory(groupBy: [BANK, BANK]) { units }"

DOCUMENTS = {
    "inventory": (
        f"{{ a: units(first: 10) {{ {_TWICE} {_BANKS} }} {_GOOD} }}",
        ("INVALID_ARGUMENT", "a/inventory"),
    ),
    "inventory-last": (
        f"{{ {_GOOD} a: units(first: 10) {{ {_BANKS} {_TWICE} }} }}",
        ("INVALID_ARGUMENT", "a/inventory"),
    ),
    "cursor": (
        f"{{ a: {_FROM_NOWHERE} {{ inventory(groupBy: [BANK]) {{ units }} {_BANKS} }} {_GOOD} }}",
        ("INVALID_CURSOR", "a/nodes"),
    ),
    "cursor-last": (
        f"{{ {_GOOD} a: {_FROM_NOWHERE} {{ {_BANKS} inventory(groupBy: [BANK]) {{ units }} }} }}",
        ("INVALID_CURSOR", "a/nodes"),
    ),
    "shared-classes": (
        f"{{ a: {_FROM_NOWHERE} {{ totalCount {_TOTAL} nodes {{ id }} }} {_GOOD_TWICE} }}",
        ("INVALID_CURSOR", "a/nodes"),
    ),
    "shared-cells": (
        f"{{ a: units(first: 10) {{ totalCount one: {_TOTAL} {_TWICE} }} {_GOOD_TWICE} }}",
        ("INVALID_ARGUMENT", "a/inventory"),
    ),
}


def _expected(document: str) -> dict[str, Any]:
    """Return the data of a document: nothing of ``a``, all of what stands beside it."""
    banks = [batch.bank for batch in list(units_of(4).values())[:10]]
    best = {bank: selected(4, {"bank": [bank]}, "TNC_DESC")[:5] for bank in banks}
    nodes = [{"bank": {"units": {"nodes": [{"id": i} for i in best[bank]]}}} for bank in banks]
    data: dict[str, Any] = {"a": None, "b": {"nodes": nodes}}
    if " c: " in document:
        data["c"] = {"totalCount": 215, "inventory": [{"units": 215}]}
    return data


@pytest.fixture(scope="module")
async def changing_pool(changing: Access) -> AsyncIterator[Pool]:
    """The reader's pool on `changing`."""
    opened = await open_pool(changing.require("reader"), size=5)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    """Let what was dropped warn here, where it is ignored, and not in a later test."""
    yield
    gc.collect()


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_failed_field_does_not_cancel_what_others_wait_for(
    changing_pool: Pool, name: str
) -> None:
    """Executed in the process: one coded error at the field, and the other list is exact."""
    document, (code, path) = DOCUMENTS[name]
    for _ in range(_TIMES):
        result = await build_schema("2026-10").execute(
            document, context_value=await context_of(changing_pool)
        )
        assert result.data == _expected(document)
        (error,) = result.errors or []
        assert (error.extensions or {})["code"] == code
        assert "/".join(map(str, error.path or ())) == path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_over_http_every_failure_has_its_code(changing_client: GraphQLClient, name: str) -> None:
    """Never a bare 500: the same data and the same error as in the process."""
    document, (code, path) = DOCUMENTS[name]
    for _ in range(_TIMES):
        answer = changing_client.post(document)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/graphql-response+json")
        body = answer.json()
        assert body["data"] == _expected(document)
        (error,) = body["errors"]
        assert error["extensions"] == {"code": code}
        assert "/".join(map(str, error["path"])) == path


def test_a_connection_serves_on_after_cancelled_siblings(changing: Access) -> None:
    """Requests that fail and requests that do not take turns on one connection to the database."""
    settings = Settings(anonymous_quota=0, pool_size=1)
    with serving(changing, settings) as url, httpx.Client(base_url=url) as http:
        client = GraphQLClient(http)
        for document, (code, _) in DOCUMENTS.values():
            body = client.post(document).json()
            assert [error["extensions"]["code"] for error in body["errors"]] == [code]
            assert client.ask(f"{{ {_GOOD} }}") == {"b": _expected("")["b"]}
