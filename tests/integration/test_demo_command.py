"""`cordgraph demo` on data that are there: where it listens."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from api.server import bind
from database.access import VARIABLES, Access
from domain.failures import Unavailable

_COMMAND = "from commands.main import main; main()"
_DEFAULT_PORT = 8_000


def _start(access: Access, home: Path, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
    """Start the demonstration on a database that has three releases."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONUNBUFFERED": "1",
        "CORDGRAPH_HOME": str(home),
        **{variable: access.require(role) for role, variable in VARIABLES.items()},
        **settings,
    }
    return subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "demo", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _told(access: Access, home: Path, *arguments: str, **settings: str) -> tuple[list[str], str]:
    """Return what it says before it serves, and the base URL, which has answered."""
    process = _start(access, home, *arguments, **settings)
    said: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith("  Health"):
                break
        assert said[-1].startswith("Health"), process.communicate()[1]
        url = said[-1].split()[-1].removesuffix("/health/ready")
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=transport) as client:
            assert client.get(f"{url}/health/ready").status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0
    return said, url


@contextmanager
def _taken(port: int) -> Iterator[int]:
    """Give a port of this machine that something listens on, whoever it is."""
    listener: socket.socket | None = None
    with suppress(Unavailable):
        listener = bind("127.0.0.1", port)
    try:
        yield port if listener is None else listener.getsockname()[1]
    finally:
        if listener is not None:
            listener.close()


def _free_port() -> str:
    with bind("127.0.0.1", 0) as listener:
        return str(listener.getsockname()[1])


def test_the_settings_say_where_it_listens(published: Access, home: Path) -> None:
    """Host and port of the environment."""
    port = _free_port()
    said, url = _told(published, home, CORDGRAPH_HOST="localhost", CORDGRAPH_PORT=port)
    assert url == f"http://localhost:{port}"
    assert not any("is taken" in line for line in said)


def test_options_come_before_the_settings(published: Access, home: Path) -> None:
    """Each for itself: the host is the option's, and the port 0 takes a free one."""
    settings = {"CORDGRAPH_HOST": "localhost", "CORDGRAPH_PORT": "1"}
    said, url = _told(published, home, "--host", "127.0.0.1", "--port", "0", **settings)
    assert url.startswith("http://127.0.0.1:")
    assert url != "http://127.0.0.1:0"
    assert not any("is taken" in line for line in said)


def test_where_nothing_was_asked_for_the_next_free_port_is_taken(
    published: Access, home: Path
) -> None:
    """And it says so."""
    with _taken(_DEFAULT_PORT):
        said, url = _told(published, home)
    port = url.rpartition(":")[2]
    assert int(port) > _DEFAULT_PORT
    assert f"Port {_DEFAULT_PORT} is taken; using {port}." in said


@pytest.mark.parametrize("by_option", [True, False])
def test_a_port_that_was_asked_for_is_not_replaced(
    published: Access, home: Path, *, by_option: bool
) -> None:
    """Exit status 3 and what to do, whether an option or a setting named it."""
    with _taken(0) as port:
        arguments = ["--port", str(port)] if by_option else []
        settings = {} if by_option else {"CORDGRAPH_PORT": str(port)}
        process = _start(published, home, *arguments, **settings)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in log


def test_a_bad_setting_is_refused_before_anything_is_built(published: Access, home: Path) -> None:
    """Exit status 1, and the folder is not even made."""
    process = _start(published, home / "data", CORDGRAPH_PORT="many")
    output, log = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert "CORDGRAPH_PORT=many is not a whole number from 0 to 65,535." in log
    assert not (home / "data").exists()


def test_an_inventory_that_does_not_fit_says_why(database: Access, tmp_path: Path) -> None:
    """The file, its first fault and the way out are told."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory-units").write_text("300000\n", encoding="ascii")
    (tmp_path / "inventory" / "BJ_FULL.xml").write_text("<DONORS/>", encoding="utf-8")
    process = _start(database, tmp_path, "--port", "0")
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert (
        "intake refused BJ_FULL.xml: The outermost element must be INVENTORIES, not DONORS." in told
    )
    assert "Remove the data folder, or choose another: CORDGRAPH_HOME" in told.replace("\n", " ")
