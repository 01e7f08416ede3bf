"""A real PostgreSQL for all tests: one server, one migrated template, a fresh copy on demand."""

import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.migrate import prepare
from database.pool import Connection, Pool, open_pool
from tests.database_copies import connection_to, database_copy
from tests.published import publish_three

_LOOPBACK = ("127.0.0.1", "::1", "localhost", "")
_NETWORK_EVENTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_TEMPLATE = "cordgraph"


def _refuse_strangers(event: str, arguments: tuple[object, ...]) -> None:
    """Let tests talk to this machine only."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in _NETWORK_EVENTS and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and name not in _LOOPBACK:
        raise RuntimeError(f"a test tried to reach {name}; tests stay on this machine")


sys.addaudithook(_refuse_strangers)

# Programs that tests start and interrupt must not inherit that an interrupt is ignored, as it is
# where the whole run was started in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of these tests."""
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the answers to the golden documents anew, for versions that are not frozen",
    )


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a short path that any account can enter."""
    with _folder() as path:
        yield path


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded server for the whole run, as shipped but for safety from power cuts."""
    hasty = {"fsync": "off", "shared_buffers": "64MB"}
    with _folder() as path, EmbeddedServer(path / "postgres", settings=hasty) as embedded:
        yield embedded


@pytest.fixture(scope="session")
async def template_database(server: EmbeddedServer) -> str:
    """Name of a database with roles, rights and all migrations; nobody is connected to it."""
    access = embedded_access(server, _TEMPLATE)
    await prepare(access.require("owner"), access.role_passwords())
    return _TEMPLATE


@pytest.fixture
async def database(server: EmbeddedServer, template_database: str) -> AsyncIterator[Access]:
    """Access to a migrated, empty database of the test's own."""
    async with database_copy(server, template_database) as access:
        yield access


@pytest.fixture(scope="module")
async def module_database(server: EmbeddedServer, template_database: str) -> AsyncIterator[Access]:
    """Access to a migrated database that the tests of a module share."""
    async with database_copy(server, template_database) as access:
        yield access


@pytest.fixture
async def owner(database: Access) -> AsyncIterator[Connection]:
    """A connection to `database` as its owner."""
    async with connection_to(database.require("owner")) as connection:
        yield connection


@pytest.fixture
async def operator(database: Access) -> AsyncIterator[Connection]:
    """A connection to `database` as the operator."""
    async with connection_to(database.require("operator")) as connection:
        yield connection


@pytest.fixture
async def reader(database: Access) -> AsyncIterator[Connection]:
    """A connection to `database` as the reader."""
    async with connection_to(database.require("reader")) as connection:
        yield connection


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="cordgraph-test-", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture(scope="module")
async def published(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Access:
    """A database with the three releases of `tests.published`."""
    await publish_three(module_database, tmp_path_factory.mktemp("keys") / "keys")
    return module_database


@pytest.fixture(scope="module")
async def pool(published: Access) -> AsyncIterator[Pool]:
    """The reader's pool on `published`."""
    opened = await open_pool(published.require("reader"), size=5)
    try:
        yield opened
    finally:
        await opened.close()
