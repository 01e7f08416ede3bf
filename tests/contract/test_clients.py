"""Clients that others wrote, against a running service."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport

from api.settings import Settings
from database.access import Access
from schema.versions import VERSIONS, VersionStatus
from tests.java_program import run_java
from tests.node_project import node_project, run_node
from tests.serving import serving

_HERE = Path(__file__).parent
_SERVED = [each.name for each in VERSIONS if each.status is not VersionStatus.RETIRED]


_PAGE = "query Page($n: Int) { units(release: $n, first: 2) { totalCount nodes { id } } }"


@pytest.fixture(scope="module")
def project() -> Path:
    """The clients with their packages."""
    return node_project(_HERE / "clients")


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """Base address of a running service with three releases."""
    with serving(published, Settings(anonymous_quota=0)) as address:
        yield address


def test_apollo_client_with_persisted_queries(project: Path, url: str) -> None:
    """A miss, the text by POST, and from then on the hash by GET; errors are told."""
    assert run_node(project, "apollo.mjs", f"{url}/graphql") == {
        "names": ["北京市脐带血造血干细胞库", "广东省脐带血造血干细胞库"],
        "requests": ["GET 404", "POST 200", "GET 200", "GET 404", "POST 200"],
        "codes": ["INVALID_CURSOR"],
    }


def test_urql_with_persisted_queries(project: Path, url: str) -> None:
    """The same protocol, spoken by another client, which sends the text by GET too."""
    assert run_node(project, "urql.mjs", f"{url}/graphql") == {
        "numbers": [1, 2],
        "requests": ["GET 404", "GET 200", "GET 200", "GET 404", "GET 200"],
        "codes": ["INVALID_ID"],
    }


def test_graphql_request(project: Path, url: str) -> None:
    """By both methods, and with an error that has its text."""
    assert run_node(project, "graphql-request.mjs", f"{url}/graphql/2026-10") == {
        "numbers": [2, 2],
        "refused": {"status": 400, "code": "DOCUMENT_INVALID"},
    }


@pytest.mark.parametrize("version", _SERVED)
def test_generated_types_compile(project: Path, url: str, version: str, tmp_path: Path) -> None:
    """graphql-codegen reads the served schema, and tsc takes what it writes, strictly."""
    found = run_node(project, "codegen.mjs", f"{url}/graphql/{version}", str(tmp_path))
    assert found == {"enough": True, "problems": ""}


@pytest.mark.parametrize("version", _SERVED)
def test_gql_checks_a_document_against_the_schema_that_it_fetched(url: str, version: str) -> None:
    """Introspection, a query with variables, and an error with its code."""
    transport = HTTPXTransport(f"{url}/graphql/{version}")
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        page = session.execute(GraphQLRequest(_PAGE, variable_values={"n": 2}))["units"]
        assert len(page["nodes"]) == 2
        with pytest.raises(TransportQueryError) as refused:
            session.execute(GraphQLRequest(_PAGE, variable_values={"n": 9}))
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "RELEASE_NOT_FOUND"


@pytest.mark.parametrize("version", _SERVED)
def test_gql_by_a_safe_method_with_a_body(url: str, version: str) -> None:
    """QUERY is answered like POST; a GET whose document is in a body says where it belongs."""
    pytest.importorskip("requests", reason="gql's transport over requests is not installed")
    transports = importlib.import_module("gql.transport.requests")
    address = f"{url}/graphql/{version}"
    with Client(transport=transports.RequestsHTTPTransport(address, method="QUERY")) as session:
        page = session.execute(GraphQLRequest(_PAGE, variable_values={"n": 2}))["units"]
    assert len(page["nodes"]) == 2
    with (
        Client(transport=transports.RequestsHTTPTransport(address, method="GET")) as session,
        pytest.raises(TransportQueryError) as refused,
    ):
        session.execute(GraphQLRequest(_PAGE, variable_values={"n": 2}))
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "REQUEST_INVALID"


@pytest.mark.parametrize("version", _SERVED)
def test_the_client_of_the_jdk(url: str, version: str, tmp_path: Path) -> None:
    """It asks for HTTP/2 and keeps its bodies; hashes, packed answers and tags work too."""
    address, operation = f"{url}/graphql/{version}", f"Java{version.replace('-', '')}"
    told = run_java(_HERE / "clients" / "Ask.java", tmp_path, address, operation)
    assert [(each["request"], each["status"]) for each in told] == [
        ("POST", 200),
        ("QUERY", 200),
        ("POST", 200),
        ("POST", 415),
        ("GET", 404),
        ("GET", 200),
        ("GET", 200),
        ("GET", 304),
    ]
    assert {each["protocol"] for each in told} == {"HTTP_1_1"}
    answered = [each["body"]["data"] for each in told if each["status"] == 200]
    assert answered == [{"release": {"number": 2, "title": "第2次发布(合成演示数据)"}}] * 5
    refused = [each["body"]["errors"][0]["extensions"]["code"] for each in (told[3], told[4])]
    assert refused == ["UNSUPPORTED_MEDIA_TYPE", "PERSISTED_QUERY_NOT_FOUND"]
    assert told[-1]["body"] is None
