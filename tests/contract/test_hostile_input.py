"""Whatever is sent, the answer is JSON with coded, short errors, and never a fault of ours."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.faults import MAX_MESSAGE
from api.settings import Settings
from database.access import Access
from schema.errors import Code
from tests.serving import serving

_BOUNDED = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_FAULTS = {Code.INTERNAL, Code.TIMEOUT, Code.UNAVAILABLE}
_JSON = {"content-type": "application/json"}
_DOCUMENT = """
query Hostile(
  $text: String!, $id: ID!, $ids: [ID!]!, $int: Int, $number: Float, $cursor: String
) {
  bank(code: $text) { code }
  indication(code: $text) { code }
  indications(search: $text) { totalCount }
  unit(id: $id) { id }
  node(id: $id) { id }
  nodes(ids: $ids) { id }
  release(number: $int) { number }
  sized: banks(first: $int) { totalCount }
  after: units(after: $cursor) { totalCount }
  before: banks(before: $cursor) { totalCount }
  filtered: units(filter: { bank: [$text], tncAtLeast: $number, collectedFrom: $int }) {
    totalCount
  }
}
"""
_DOSES = """
query Doses($weight: Float!, $tnc: Float!, $cd34: Float, $code: String!) {
  cellDose(weightKg: $weight, minimumTncPerKg: $tnc, minimumCd34PerKg: $cd34) {
    neededTnc neededCd34 certain possible unknown units byBank { bank { code } certain }
  }
  units(
    filter: {
      bank: [$code], cellDose: { weightKg: $weight, minimumTncPerKg: $tnc, minimumCd34PerKg: $cd34 }
    }
  ) { totalCount cellDose(weightKg: $weight) { certain } }
}
"""


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service with three releases."""
    with (
        serving(published, Settings(anonymous_quota=0)) as url,
        httpx.Client(base_url=url) as opened,
    ):
        yield opened


def _check(answer: httpx.Response) -> None:
    """See that each error of an answer is the client's mistake and briefly told."""
    assert answer.status_code in range(200, 500)
    body = orjson.loads(answer.content)
    errors: list[dict[str, Any]] = body.get("errors", [])
    assert len(errors) <= 10
    for error in errors:
        assert Code(error["extensions"]["code"]) not in _FAULTS
        assert 0 < len(error["message"]) <= MAX_MESSAGE
        assert len(orjson.dumps(error["extensions"])) <= 500


_ODD_TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "\0", "a\0b", "%", "_", "\\", "'", "\u202e", "\U0010ffff", "😀" * 400]),
    st.sampled_from("a1'%").map(lambda each: each * 5_000),
)
_ODD_IDS = st.one_of(
    _ODD_TEXTS,
    st.builds("{}_{}".format, st.sampled_from(["cbu", "bnk", "ind", "rel", "CBU", ""]), _ODD_TEXTS),
    st.sampled_from(
        ["rel_0", "rel_9999999999", "rel_٣", "rel_+1", "cbu_" + "g" * 20, 0, -1, 2**63]
    ),
)
_ODD_CURSORS = st.one_of(
    _ODD_TEXTS,
    st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")),
    st.builds(
        lambda name, release, key: (
            base64.urlsafe_b64encode(f"{name}@{release}|{key}".encode()).decode().rstrip("=")
        ),
        st.sampled_from(["units", "banks", "releases", "x"]),
        st.sampled_from(["1", "3", "3/ID", "-1", "9" * 30, "٣"]),
        st.text(max_size=20),
    ),
)
_NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([2**31 - 1, 2**31, -(2**31), 0, 1, -1, 1.5, 1e300, "1", True, None]),
)


@_BOUNDED
@given(
    text=_ODD_TEXTS,
    id_=_ODD_IDS,
    ids=st.lists(_ODD_IDS, max_size=4) | st.just(["bnk_BJ"] * 101),
    number=_NUMBERS,
    amount=_NUMBERS,
    cursor=_ODD_CURSORS,
)
def test_odd_values_are_the_clients_mistakes(
    client: httpx.Client, text: str, id_: Any, ids: Any, number: Any, amount: Any, cursor: str
) -> None:
    """Texts, ids, cursors and numbers of every kind, as variables."""
    names = ("text", "id", "ids", "int", "number", "cursor")
    values = dict(zip(names, (text, id_, ids, number, amount, cursor), strict=True))
    _check(client.post("/graphql", json={"query": _DOCUMENT, "variables": values}))
    code, after = orjson.dumps(text).decode(), orjson.dumps(cursor).decode()
    document = f"{{ bank(code: {code}) {{ code }} units(after: {after}) {{ totalCount }} }}"
    _check(client.post("/graphql", json={"query": document}))


_MATCHES = """
query Matches($a: [String!]!, $b: [String!]!, $drb1: [String!]!) {
  matchEstimate(a: $a, b: $b, drb1: $drb1) {
    typing hiddenGroups bands { atLeast atMost sentence } haplotypes { name } sentences
  }
}
"""
_ODD_GROUPS = st.lists(
    st.one_of(
        _ODD_TEXTS,
        st.sampled_from(["A*02", "2", "B*46", "DR9", "A*24:09N", "٢", "0002", "HLA-", "A*", "*"]),
        st.integers(-1, 100).map(str),
        st.just(7),
    ),
    max_size=3,
)


@_BOUNDED
@given(a=_ODD_GROUPS, b=_ODD_GROUPS, drb1=_ODD_GROUPS)
def test_odd_groups_are_the_clients_mistakes(
    client: httpx.Client, a: Any, b: Any, drb1: Any
) -> None:
    """HLA groups of every kind and number, as variables."""
    values = {"a": a, "b": b, "drb1": drb1}
    _check(client.post("/graphql/2027-01", json={"query": _MATCHES, "variables": values}))


_AMOUNTS = st.one_of(
    _NUMBERS,
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e-320, 3e7, 2500, 0.3, -0.0, [20], {}, "20", "NaN", 10**40]),
)


@_BOUNDED
@given(weight=_AMOUNTS, tnc=_AMOUNTS, cd34=_AMOUNTS, code=_ODD_TEXTS)
def test_odd_doses_are_the_clients_mistakes(
    client: httpx.Client, weight: Any, tnc: Any, cd34: Any, code: str
) -> None:
    """Weights and doses of every size and kind, as variables."""
    values = {"weight": weight, "tnc": tnc, "cd34": cd34, "code": code}
    _check(client.post("/graphql/2027-01", json={"query": _DOSES, "variables": values}))


@_BOUNDED
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_that_are_no_request_are_refused(client: httpx.Client, body: bytes) -> None:
    """Invalid UTF-8 and invalid JSON, with and without the beginning of a request."""
    for content in (body, b'{"query": "{ __typename }", "variables": ' + body + b"}"):
        _check(client.post("/graphql", content=content, headers=_JSON))


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=20),
    lambda each: (
        st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4)
    ),
    max_leaves=12,
)


@_BOUNDED
@given(
    query=_ANY_JSON | st.just(_DOCUMENT),
    operation_name=_ANY_JSON,
    variables=_ANY_JSON,
    extensions=_ANY_JSON,
    document_id=_ANY_JSON,
)
def test_any_json_is_answered(
    client: httpx.Client,
    query: Any,
    operation_name: Any,
    variables: Any,
    extensions: Any,
    document_id: Any,
) -> None:
    """Every member of a request may be anything."""
    body = {
        "query": query,
        "operationName": operation_name,
        "variables": variables,
        "extensions": {"persistedQuery": extensions} if extensions else extensions,
        "documentId": document_id,
    }
    given_members = {name: value for name, value in body.items() if value is not None}
    _check(client.post("/graphql", content=orjson.dumps(given_members), headers=_JSON))


_DEPTH = 40_000


@pytest.mark.parametrize(
    "body",
    [
        b"[" * _DEPTH,
        b'{"a":' * (_DEPTH // 5) + b"1" + b"}" * (_DEPTH // 5),
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": ' + b"1" * 50_000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": 1e999999}}',
        b'{"query": "{ __typename }", "variables": {"a": -1E-999999}}',
        b'{"query": "{ __typename }", "variables": {"\\ud800": 1}}',
        b'{"query": "{ __typename }", "operationName": "\xed\xa0\x80"}',
        b'{"query": "{ __typename }", "query": 1}',
        b'{"query": "' + b"{a" * 20_000 + b'"}',
        b'{"query": "{ units(filter: ' + b"[" * 150 + b"]" * 150 + b') { totalCount } }"}',
        b'{"query": "{ __typename @' + b"x" * 50_000 + b' }"}',
        b'{"query": "{ ' + b"x" * 50_000 + b' }"}',
        b'{"query": "{ ' + b"x" * 150 + b': bank(code: \\"' + b"y" * 50_000 + b'\\") { code } }"}',
        b'{"query": "{ bank(' + b"x" * 50_000 + b': 1) { code } }"}',
        b'{"query": "query($' + b"x" * 50_000 + b': Int!) { __typename }"}',
        b'{"query": "query($a: ' + b"x" * 50_000 + b') { __typename }"}',
        b'{"query": "{ ...' + b"x" * 50_000 + b' }"}',
        b'{"query": "{ ... on ' + b"x" * 50_000 + b' { a } }"}',
        b'{"query": "{ units(orderBy: ' + b"x" * 50_000 + b') { totalCount } }"}',
        b'{"query": "{ units(filter: {' + b"x" * 50_000 + b': 1}) { totalCount } }"}',
        b'{"query": "{ units(first: \\"' + b"x" * 50_000 + b'\\") { totalCount } }"}',
        b'{"query": "{ __type(name: \\"' + b"x" * 50_000 + b'\\") { name } }"}',
        b'{"query": "query ' + b"x" * 50_000 + b' { __typename }", "operationName": "y"}',
        b'{"query": "query A { __typename }", "operationName": "' + b"x" * 50_000 + b'"}',
        b'{"query": "query($o: UnitOrder) { units(orderBy: $o) { totalCount } }", '
        b'"variables": {"o": "' + b"x" * 50_000 + b'"}}',
        b'{"query": "query($o: UnitFilter) { units(filter: $o) { totalCount } }", '
        b'"variables": {"o": {"' + b"x" * 50_000 + b'": 1}}}',
        b'{"query": "query($o: Int) { units(first: $o) { totalCount } }", '
        b'"variables": {"o": {"a": "' + b"x" * 50_000 + b'"}}}',
        b'{"query": "' + b"\\u0000" * 5_000 + b'"}',
        b'{"query": "{ bank(code: \\"' + b"\\\\ud800" * 100 + b'\\") { code } }"}',
        b'{"query": "{ bank(code: \\"\\"\\"' + b"z" * 90_000 + b'\\"\\"\\") { code } }"}',
        b'{"documentId": "' + b"x" * 50_000 + b'"}',
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
def test_large_and_deep_requests_are_told_in_brief(client: httpx.Client, body: bytes) -> None:
    """Long names, strings, numbers and nests: no error repeats them, and no answer is long."""
    answer = client.post("/graphql", content=body, headers=_JSON)
    _check(answer)
    assert len(answer.content) <= 3_000


@pytest.mark.parametrize(
    "url",
    [
        "/graphql/" + "x" * 10_000,
        "/" + "x" * 10_000,
        "/schema/" + "x" * 10_000 + ".graphql",
        "/graphql?release=" + "9" * 10_000,
        "/graphql?documentId=" + "x" * 10_000,
        "/graphql?query={" + "x" * 10_000 + "}",
        "/graphql?query={__typename}&operationName=" + "x" * 10_000,
        "/graphql?query={__typename}&variables=" + "x" * 10_000,
        "/graphql/%00",
        "/graphql/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/graphql?query=%F0%9F%98",
    ],
    ids=lambda url: url[:40],
)
def test_odd_addresses_are_answered_in_brief(client: httpx.Client, url: str) -> None:
    """Paths and parameters too; every answer has the id that is in the log."""
    answer = client.get(url)
    assert answer.status_code in range(200, 500)
    assert answer.headers["content-type"].partition(";")[0] in (
        "application/json",
        "application/problem+json",
    )
    assert len(answer.content) <= 1_000
    assert len(answer.headers["request-id"]) == 16
