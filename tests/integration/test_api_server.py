"""The command that serves, as a process of its own: its start, its log and its end."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import orjson
import pytest

from api.app import create_app
from api.server import bind
from api.settings import Settings
from api.storage import check_access
from database.access import Access
from database.pool import connect
from domain.failures import Refused, Unavailable
from tests.serve_process import start_serving

_START = ["catalogue", "quotas are counted in memory, by each process for itself"]


@contextmanager
def _running(access: Access, **settings: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Give a serving process and its base URL; it is killed if the test leaves it running."""
    process = start_serving(access, "--port", "0", **settings)
    try:
        assert process.stderr is not None
        announced = process.stderr.readline()
        assert announced.startswith("CordGraph answers on http://127.0.0.1:")
        yield process, announced.split()[-1].removesuffix("/graphql")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(module_database: Access, number: int) -> None:
    """Exit status 0, how it counts and request lines in the log, and the port is free."""
    with _running(module_database) as (process, url):
        assert httpx.get(f"{url}/health/ready").status_code == 200
        process.send_signal(number)
        output, log = process.communicate(timeout=20)
    assert (process.returncode, output) == (0, "")
    assert [orjson.loads(line)["event"] for line in log.splitlines()] == [*_START, "request"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health/live")


def test_the_log_has_one_line_a_request_and_no_secrets(module_database: Access) -> None:
    """Name of the operation, codes and id; neither document, variables nor credentials."""
    query = "query Look($code: String!) { bank(code: $code) { code } }"
    body = {"query": query, "variables": {"code": "private"}}
    headers = {"authorization": "Basic private"}
    with _running(module_database) as (process, url):
        answer = httpx.post(f"{url}/graphql?x=private", json=body, headers=headers)
        httpx.get(f"{url}/nothing")
        process.terminate()
        _, log = process.communicate(timeout=20)
    assert "private" not in log
    *start, first, second = (orjson.loads(line) for line in log.splitlines())
    assert [line["event"] for line in start] == _START
    assert first.pop("ms") > 0
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "request",
        "level": "info",
        "request_id": answer.headers["request-id"],
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "version": "2026-10",
        "operation": "Look",
        "releases": [],
        "codes": ["RELEASE_NOT_FOUND"],
    }
    assert (second["path"], second["status"], second["codes"]) == ("/nothing", 404, [])


def test_a_running_request_may_finish(module_database: Access) -> None:
    """After the signal, a request whose body is still coming gets its answer."""
    with _running(module_database) as (process, url):

        def body() -> Iterator[bytes]:
            yield b'{"query": '
            assert httpx.get(f"{url}/health/live").status_code == 200
            process.terminate()
            yield b'"{ __typename }"}'

        answer = httpx.post(
            f"{url}/graphql", content=body(), headers={"content-type": "application/json"}
        )
        assert answer.json()["data"] == {"__typename": "Query"}
        assert process.wait(timeout=20) == 0


def test_a_port_in_use_is_reported(module_database: Access) -> None:
    """Exit status 3, what is wrong and what to do."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        process = start_serving(module_database, "--port", str(port))
        _, log = process.communicate(timeout=20)
    assert process.returncode == 3
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in log
    assert "--port" in log


def test_a_bad_setting_is_reported(module_database: Access) -> None:
    """Exit status 1, and no traceback."""
    process = start_serving(module_database, CORDGRAPH_POOL_SIZE="many")
    _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "CORDGRAPH_POOL_SIZE=many is not a whole number from 1 to 1,000." in log
    assert "Traceback" not in log


def test_a_role_with_too_many_rights_is_refused(module_database: Access) -> None:
    """A reader that can see the intake serves nobody."""
    operator = module_database.require("operator")
    process = start_serving(module_database, "--port", "0", CORDGRAPH_READER_URL=operator)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "the database role cordgraph_operator has too many rights" in log
    assert "Traceback" not in log


async def test_the_application_itself_refuses_such_a_role(database: Access) -> None:
    """Under another server the start fails too."""
    owner = await connect(database.require("owner"))
    await owner.execute("grant usage on schema intake to cordgraph_reader")
    await owner.close()
    app = create_app(Settings(), database)
    with pytest.raises(Refused, match="may use schema intake"):
        async with app.router.lifespan_context(app):
            pass


async def test_check_names_the_right(database: Access) -> None:
    """The refusal says which role has which right."""
    owner = await connect(database.require("owner"))
    await owner.execute("grant select on intake.plan to cordgraph_service")
    await owner.close()
    with pytest.raises(Refused, match="the database role cordgraph_service has too many rights"):
        await check_access(database, Settings())


def test_the_next_free_port_is_taken_when_asked_for() -> None:
    """The wanted port if it is free, else one of the next twenty."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"cannot listen on 127.0.0.1 port {port}"):
            bind("127.0.0.1", port)
        with bind("127.0.0.1", port, next_free=True) as other:
            assert port < other.getsockname()[1] <= port + 20
