"""Exports over a real socket: their forms, what they cost, and what is refused."""

import datetime as dt
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import brotli
import httpx
import pytest

from api.settings import Settings
from database.access import Access
from schema.versions import Version, Versions, VersionStatus
from tests.changing_world import publish_world, units_of
from tests.query_exports import Exported, export, table
from tests.serving import serving

_IDS = "{ units { nodes { id } } }"


@pytest.fixture(scope="module")
async def url(module_database: Access) -> AsyncIterator[str]:
    """A service with the four releases of `tests.changing_world`, without quotas."""
    await publish_world(module_database)
    with serving(module_database) as base:
        yield base


def _ids(exported: Exported) -> list[str]:
    assert (exported.status, exported.whole) == (200, True), exported.body[:500]
    return [json.loads(line)["id"] for line in exported.body.splitlines()]


def test_an_export_is_one_line_for_each_unit(url: str) -> None:
    """Of the latest release, in order, with what it costs in the head."""
    exported = export(url, _IDS)
    assert _ids(exported) == list(units_of(4))
    headers = exported.headers
    assert headers["content-type"] == "application/x-ndjson"
    assert headers["cordgraph-version"] == "2026-10"
    assert headers["cordgraph-releases"] == "4"
    assert headers["cordgraph-total-count"] == str(len(units_of(4)))
    assert (headers["cordgraph-page-size"], headers["cordgraph-page-cost"]) == ("100", "128")
    assert headers["cache-control"] == "no-store"
    assert exported.body.splitlines()[0] == b'{"id":"%b"}' % next(iter(units_of(4))).encode()


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
@pytest.mark.parametrize("release", [1, 2, 3])
def test_a_release_is_pinned_as_in_graphql(url: str, method: str, release: int) -> None:
    """By the address, by every method."""
    exported = export(url, _IDS, method=method, release=release)
    assert _ids(exported) == list(units_of(release))
    assert exported.headers["cordgraph-releases"] == str(release)


def test_the_current_version_has_an_address_without_name(url: str) -> None:
    """As ``/graphql``, and it says which version that is."""
    answer = httpx.get(f"{url}/export", params={"query": _IDS})
    assert answer.headers["cordgraph-version"] == "2026-10"
    assert answer.text.count("\n") == len(units_of(4))


def test_a_head_has_the_head_alone(url: str) -> None:
    """To see the number of units and the cost before."""
    exported = export(url, _IDS, method="HEAD")
    assert (exported.status, exported.body) == (200, b"")
    assert exported.headers["cordgraph-total-count"] == str(len(units_of(4)))


def test_nothing_is_an_empty_export(url: str) -> None:
    """No lines, and of a table its header."""
    none = "{ units(filter: {bank: []}) { nodes { id tnc { min } } } }"
    assert export(url, none).body == b""
    assert export(url, none, format="csv").body == b"id,tnc.min\r\n"


def test_a_table_writes_values_as_documented(url: str) -> None:
    """Columns by path, nulls and bands of nothing empty, lists as JSON, enums and numbers plain."""
    document = (
        '{ units(release: 1, filter: {bank: ["BJ"], aboGroup: [AB, UNKNOWN]}) { nodes { '
        "__typename unit: id ...B tnc { min max } volume { min } addedIn { number synthetic } } } "
        "} fragment B on CordBloodUnit { bank { code sources { field } name } volume { max } }"
    )
    exported = export(url, document, format="csv")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    header, *rows = exported.body.decode().split("\r\n")
    assert header == (
        "__typename,unit,bank.code,bank.sources,bank.name,volume.max,volume.min,tnc.min,tnc.max,"
        "addedIn.number,addedIn.synthetic"
    )
    assert rows.pop() == ""
    values = {row.split(",", 2)[0] + "|" + row.split(",", 2)[2] for row in rows}
    assert values == {
        'CordBloodUnit|BJ,[],"Beijing, as first known",,,12.5,,1,true',
        'CordBloodUnit|BJ,[],"Beijing, as first known",90.0,60.0,,,1,true',
    }
    assert {row["addedIn.synthetic"] for row in table(exported.body)} == {"true"}
    assert export(url, document, format="csv", header="false").body.decode() == "\r\n".join(
        [*rows, ""]
    )


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/x-ndjson"),
        ("text/html, */*;q=0.8", "application/x-ndjson"),
        ("application/jsonl", "application/x-ndjson"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/csv;q=0.2, application/x-ndjson", "application/x-ndjson"),
    ],
)
def test_the_form_follows_from_accept(url: str, accept: str, content_type: str) -> None:
    """As everywhere, by quality and order."""
    assert export(url, _IDS, headers={"Accept": accept}).headers["content-type"] == content_type


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_stream_can_be_read_while_it_is_compressed(url: str, coding: str) -> None:
    """Each page is there when it arrives, in every coding."""
    with httpx.stream(
        "POST", f"{url}/export", json={"query": _IDS}, headers={"Accept-Encoding": coding}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == coding
    plain = gzip.decompress(raw) if coding == "gzip" else brotli.decompress(raw)
    assert plain == export(url, _IDS, headers={"Accept-Encoding": "identity"}).body
    assert len(raw) < len(plain)


_FORM = 'as in { units(filter: {bank: ["BJ"]}) { nodes { id } } }.'
_DEEP = (
    "{ units { nodes { bank { units(first: 99) { nodes { bank { units(first: 99) { nodes { id } } "
    "} } } } } } }"
)
_ROOT = f'An export selects one field of the root, "units", {_FORM}'
_LIST = f'An export selects one field of "units", either "nodes" or "edges", {_FORM}'


@pytest.mark.parametrize(
    ("document", "code", "detail"),
    [
        ("{", "DOCUMENT_SYNTAX", None),
        ("{ units { nodes { nothing } } }", "DOCUMENT_INVALID", None),
        ("mutation { units { nodes { id } } }", "DOCUMENT_INVALID", None),
        ("{ banks { nodes { code } } }", "DOCUMENT_INVALID", _ROOT),
        ("{ units { nodes { id } } service { limits { maxCost } } }", "DOCUMENT_INVALID", _ROOT),
        ("{ __typename }", "DOCUMENT_INVALID", _ROOT),
        ("{ units { totalCount } }", "DOCUMENT_INVALID", _LIST),
        ("{ units { nodes { id } totalCount } }", "DOCUMENT_INVALID", _LIST),
        (
            "{ ...F } fragment F on Query { units { nodes { id } } }",
            "DOCUMENT_INVALID",
            _ROOT.replace(", as in", ", not in a fragment, as in"),
        ),
        (
            "{ units { nodes @skip(if: true) { id } } }",
            "DOCUMENT_INVALID",
            _LIST.replace(", as in", ", without directives, as in"),
        ),
        (
            "{ units(first: 5) { nodes { id } } }",
            "DOCUMENT_INVALID",
            'Leave "first" out: an export goes through all pages.',
        ),
        (
            "query ($a: String) { units(after: $a) { nodes { id } } }",
            "DOCUMENT_INVALID",
            'Leave "after" out: the parameter "after" of the address says where to go on.',
        ),
        (
            "query A { units { nodes { id } } } query B { units { nodes { id } } }",
            "OPERATION_NOT_FOUND",
            None,
        ),
        (
            "query ($o: UnitOrder!) { units(orderBy: $o) { nodes { id } } }",
            "VARIABLES_INVALID",
            None,
        ),
        ("{ units(release: 9) { nodes { id } } }", "RELEASE_NOT_FOUND", None),
        ('{ units(filter: {bank: ["?"]}) { nodes { id } } }', "INVALID_ARGUMENT", None),
        (
            _DEEP,
            "COST_EXCEEDED",
            None,
        ),
    ],
)
def test_what_cannot_be_exported_is_refused_before_the_first_byte(
    url: str, document: str, code: str, detail: str | None
) -> None:
    """As a problem, with the place in the document where there is one."""
    exported = export(url, document)
    problem = exported.problem
    assert (exported.status, problem["code"]) == (404 if "9" in document[:20] else 400, code)
    assert problem["status"] == exported.status
    assert problem["errors"][0]["extensions"]["code"] == code
    if detail is not None:
        assert problem["detail"] == detail
        assert problem["errors"][0]["locations"]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"format": "xml"}, 400, "INVALID_ARGUMENT"),
        ({"format": "csv", "header": "maybe"}, 400, "INVALID_ARGUMENT"),
        ({"release": "0"}, 400, "INVALID_ARGUMENT"),
        ({"release": "9"}, 404, "RELEASE_NOT_FOUND"),
        ({"after": "nonsense"}, 400, "INVALID_CURSOR"),
        ({"after": "x" * 10_000}, 400, "INVALID_CURSOR"),
        ({"after": "\0"}, 400, "INVALID_CURSOR"),
        ({"after": "cbu_00000000000000000003"}, 400, "INVALID_ARGUMENT"),
        ({"after": "cbu_" + "7" * 20, "release": 3}, 400, "INVALID_CURSOR"),
        ({"after": "cbu_00000000000000000003", "release": 1}, 400, "INVALID_CURSOR"),
        ({"version": "1999-01"}, 404, "VERSION_NOT_FOUND"),
        ({"method": "DELETE"}, 405, "METHOD_NOT_ALLOWED"),
        ({"headers": {"Accept": "image/png"}}, 406, "NOT_ACCEPTABLE"),
        ({"headers": {"Accept-Encoding": "identity;q=0, *;q=0"}}, 406, "NOT_ACCEPTABLE"),
        ({"headers": {"Content-Type": "text/plain"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"headers": {"Authorization": "Bearer cgk_none"}}, 401, "INVALID_KEY"),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    url: str, more: dict[str, Any], status: int, code: str
) -> None:
    """With the status of the one table."""
    exported = export(url, _IDS, **more)
    assert (exported.status, exported.problem["code"]) == (status, code)


def test_a_table_without_columns_is_refused(url: str) -> None:
    """Where nothing is selected after all."""
    document = "{ units { nodes { id @skip(if: true) } } }"
    assert export(url, document, format="csv").problem["code"] == "INVALID_ARGUMENT"
    assert export(url, document).body == b"{}\n" * len(units_of(4))


def test_a_cursor_of_another_order_or_list_is_refused(url: str) -> None:
    """As in GraphQL; one of another release goes on there unless another one is pinned."""
    edges = "query ($o: UnitOrder! = ID) { units(orderBy: $o) { edges { cursor } } }"
    cursor = json.loads(export(url, edges, release=2).body.splitlines()[9])["cursor"]
    assert _ids(export(url, _IDS, after=cursor)) == list(units_of(2))[10:]
    refused = export(url, _IDS, after=cursor, release=3)
    assert refused.problem["code"] == "INVALID_CURSOR"
    by_tnc = "{ units(orderBy: TNC_DESC) { nodes { id } } }"
    assert export(url, by_tnc, after=cursor).problem["code"] == "INVALID_CURSOR"


def test_a_retired_version_is_gone(database: Access) -> None:
    """410 with what follows it, never another version's answer."""
    day = dt.date(2026, 1, 1)
    versions = Versions(
        Version("2021-01", VersionStatus.RETIRED, day, day, day, "2026-10"),
        Version("2026-10", VersionStatus.CANDIDATE),
    )
    with serving(database, versions=versions, retired={"2021-01": "type Query { a: Int }"}) as base:
        gone = export(base, _IDS, version="2021-01")
        assert (gone.status, gone.problem["code"]) == (410, "VERSION_RETIRED")
        empty = export(base, _IDS)
    assert (empty.status, empty.problem["detail"]) == (404, "No release has been published yet.")


def test_pages_shrink_until_they_pass(url: str) -> None:
    """What costs more than a request may is read in smaller pages, to the same lines."""
    document = "{ units { nodes { id bank { units(first: 3) { nodes { id } } } } } }"
    exported = export(url, document)
    each = 1 + 1 + 25 + 1 + 3  # unit, bank, list and its units
    assert exported.headers["cordgraph-page-size"] == "100"
    assert int(exported.headers["cordgraph-page-cost"]) == 1 + 25 + 1 + 1 + 100 * each
    wide = document.replace("first: 3", "first: 90")
    exported = export(url, wide)
    assert exported.headers["cordgraph-page-size"] == "84"
    assert _ids(exported) == list(units_of(4))


@pytest.fixture
async def limited(database: Access) -> AsyncIterator[str]:
    """A service with a small quota."""
    await publish_world(database)
    settings = Settings(anonymous_quota=300, kept_answers_mb=0)
    with serving(database, settings) as base:
        yield base


def test_a_spent_quota_ends_an_export_which_can_go_on(limited: str) -> None:
    """Every page is charged; the last line says when to come again, and where to go on."""
    exported = export(limited, _IDS)
    assert exported.headers["ratelimit"] == '"anonymous";r=172;t=60'
    (error,) = exported.ending["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    place = exported.ending["extensions"]["cordgraph"]
    assert 1 <= place["retryAfter"] == error["extensions"]["retryAfter"] <= 60
    *lines, _ = exported.body.splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(units_of(4))[:200]
    refused = export(limited, _IDS, after=place["after"])
    assert (refused.status, refused.problem["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["retry-after"] == str(refused.problem["retryAfter"])


def test_a_table_that_is_broken_off_ends_in_a_comment(limited: str) -> None:
    """No reader of tables takes it for a row."""
    exported = export(limited, _IDS, format="csv")
    assert not exported.whole
    assert exported.body.splitlines()[-1].startswith(b'# {"errors":[{"message":"This request costs')
    assert exported.body.count(b"\r\n") == 1 + 200 + 1
    assert exported.ending["extensions"]["cordgraph"]["after"]


def test_what_no_quota_would_do_is_refused(database: Access) -> None:
    """Not even a page of one unit."""
    with serving(database, Settings(anonymous_quota=20)) as base:
        exported = export(base, _IDS)
    assert (exported.status, exported.problem["code"]) == (400, "LIMIT_EXCEEDED")
    assert (exported.problem["found"], exported.problem["maximum"]) == (29, 20)
