"""Inventories to publish, and documents executed against published worlds."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from database.pool import Connection, Pool
from publishing.export.signing_key import SigningKey, obtain_signing_key
from publishing.reference import load_reference
from schema.build import build_schema
from tests.changing_world import publish_world
from tests.exporting import export_files
from tests.graphql_client import GraphQLClient
from tests.inventories import add_inventory, place_key
from tests.published import publish_three
from tests.reading import context_of
from tests.serving import serving

Ask = Callable[..., Awaitable[dict[str, Any]]]
Refused = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with a known key."""
    return place_key(tmp_path / "keys").parent


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """An operator's connection to reference data and 12,000 units, nothing published."""
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    return operator


@pytest.fixture
async def world(database: Access, tmp_path: Path) -> Access:
    """A database of the test's own with three releases; the keys are in ``tmp_path``."""
    await publish_three(database, tmp_path / "keys")
    return database


@pytest.fixture(scope="module")
def ask(pool: Pool) -> Ask:
    """Execute a document in a request of its own; errors fail the test."""

    async def execute(document: str, **variables: Any) -> dict[str, Any]:
        result = await build_schema("2026-10").execute(
            document, variable_values=variables, context_value=await context_of(pool)
        )
        assert result.errors is None
        assert result.data is not None
        return result.data

    return execute


@pytest.fixture(scope="module")
def refused(pool: Pool) -> Refused:
    """Execute a document that must be refused once; return path, code and message by name."""

    async def execute(document: str, **variables: Any) -> dict[str, str]:
        result = await build_schema("2026-10").execute(
            document, variable_values=variables, context_value=await context_of(pool)
        )
        assert result.errors is not None
        (error,) = result.errors
        assert error.extensions is not None
        return {
            "path": "/".join(str(part) for part in error.path or ()),
            "code": error.extensions["code"],
            "message": error.message,
        }

    return execute


@pytest.fixture(scope="module")
async def changing(module_database: Access) -> Access:
    """A database with the four releases of `tests.changing_world`."""
    await publish_world(module_database)
    return module_database


@pytest.fixture(scope="module")
def changing_client(changing: Access) -> Iterator[GraphQLClient]:
    """A client of a service over `changing`."""
    with serving(changing) as url, httpx.Client(base_url=url) as http:
        yield GraphQLClient(http)


@pytest.fixture(scope="module")
def keeping(published: Access) -> Iterator[httpx.Client]:
    """A client of a service that keeps answers."""
    with serving(published) as url, httpx.Client(base_url=url) as opened:
        yield opened


@pytest.fixture(scope="module")
def forgetting(published: Access) -> Iterator[httpx.Client]:
    """A client of a service over the same data that keeps none."""
    settings = Settings(anonymous_quota=0, kept_answers_mb=0)
    with serving(published, settings) as url, httpx.Client(base_url=url) as opened:
        yield opened


@pytest.fixture(scope="module")
async def exported(published: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the files of the three releases of `published` in ``files``."""
    folder = tmp_path_factory.mktemp("home")
    made = await export_files(published, folder)
    assert [each.release for each in made] == [1, 2, 3]
    assert all(each.added == each.files for each in made)
    return folder


@pytest.fixture
def store_copy(exported: Path, tmp_path: Path) -> Path:
    """A copy of all files, to be changed."""
    shutil.copytree(exported / "files", tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def newest(store_copy: Path) -> Path:
    """The folder of release 3 in the copy."""
    return store_copy / "releases/3"


@pytest.fixture
def release_key(exported: Path) -> SigningKey:
    """The key that signed the releases: whoever has it can sign anything."""
    return obtain_signing_key(exported / "keys", {}, None, lambda: "")
