"""Behaviour is frozen with the schema: golden documents have golden answers."""

from collections.abc import Iterator

import httpx
import orjson
import pytest

from api.settings import Settings
from database.access import Access
from database.embedded import EmbeddedServer
from database.pool import connect
from schema.versions import VERSIONS
from tests.golden_cases import FOLDER, RELEASES, GoldenCase, golden_cases
from tests.inventories import place_key
from tests.published import publish_three
from tests.serving import serving

_UNHURRIED = Settings(anonymous_quota=0)
_DAYS = """
update open.release
set published_at = timestamptz '2026-11-22 00:00Z' + number * interval '1 day'
"""
_LOOK = """
update open.gate_status
set checked_on = '2026-11-26', release = 4, is_open = false, reasons = '{VOLUME,TIME}',
    held_back_percent = 2
"""


@pytest.fixture(scope="module")
async def steady(
    server: EmbeddedServer, module_database: Access, tmp_path_factory: pytest.TempPathFactory
) -> Access:
    """The three releases of `tests.published` with a known key, and the gate, on known days."""
    keys = tmp_path_factory.mktemp("golden") / "keys"
    await publish_three(module_database, place_key(keys).parent)
    owner = await connect(module_database.require("owner"))
    name = await owner.fetchval("select current_database()")
    await owner.close()
    maintenance = await connect(server.dsn(database=name))
    await maintenance.execute("set session_replication_role = replica")
    await maintenance.execute(_DAYS)
    await maintenance.execute(_LOOK)
    await maintenance.close()
    return module_database


@pytest.fixture(scope="module")
def client(steady: Access) -> Iterator[httpx.Client]:
    """A client of a running service over the steady world."""
    with serving(steady, _UNHURRIED) as url, httpx.Client(base_url=url) as opened:
        yield opened


@pytest.mark.parametrize("case", golden_cases(), ids=str)
def test_a_golden_document_has_its_golden_answers(
    client: httpx.Client, case: GoldenCase, request: pytest.FixtureRequest
) -> None:
    """Status, headers and body, in their order, of the newest and of every release."""
    found = {release: case.ask(client, release) for release in RELEASES}
    if request.config.getoption("--rewrite-golden"):
        if _is_frozen(case.version) and case.answers:
            pytest.fail(f"version {case.version} is frozen: its answers can no longer change")
        case.write(found)
    assert orjson.dumps(found) == orjson.dumps(case.answers)


def test_every_served_version_has_golden_documents() -> None:
    """No version without a proof of what it answers."""
    assert {path.name for path in FOLDER.iterdir()} == {each.name for each in VERSIONS.served}


def test_no_golden_answer_is_left_over() -> None:
    """Answers belong to a document."""
    records = {path.with_suffix("") for path in FOLDER.glob("*/*.json")}
    assert records == {case.record.with_suffix("") for case in golden_cases()}


def _is_frozen(name: str) -> bool:
    version = VERSIONS.get(name)
    return version is not None and version.frozen
