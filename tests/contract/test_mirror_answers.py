"""A service over a mirror's database answers as its origin does, byte for byte."""

import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.endpoint.freshness import Freshness
from api.settings import Settings
from database.access import Access
from database.embedded import EmbeddedServer
from database.pool import connect
from domain.failures import Refused
from publishing.gate import Profile
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from schema.build import build_schema
from schema.versions import VERSIONS
from tests.changing_world import publish_world
from tests.database_copies import database_copy
from tests.exporting import export_files
from tests.golden_cases import RELEASES, GoldenCase, golden_cases
from tests.hostile_origin import hostile_origin
from tests.inventories import add_inventory
from tests.mirrors import brought, hashes, load_into
from tests.queries import QueryMaker
from tests.serving import serving

_NAMES = [version.name for version in VERSIONS.served]
_UNHURRIED = Settings(anonymous_quota=0)
_OWN = ("date", "request-id")
"""Header fields that belong to one answer, and not to what was asked."""
_RELAXED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Both = tuple[httpx.Client, httpx.Client]


@pytest.fixture(scope="module")
async def mirror_database(server: EmbeddedServer, template_database: str) -> AsyncIterator[Access]:
    """An empty database for a mirror."""
    async with database_copy(server, template_database) as access:
        yield access


@pytest.fixture(scope="module")
async def folders(
    published: Access, mirror_database: Access, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The store of an origin, and a mirror of it that was brought to release 1 and then to 3."""
    home = tmp_path_factory.mktemp("mirrored")
    await export_files(published, home)
    store, folder = home / "files", home / "mirror"
    with hostile_origin(store) as origin:
        for release in (2, 3):
            (store / f"releases/{release}").rename(home / str(release))
        await brought(origin.url, folder)
        assert (await load_into(mirror_database, folder)).new == [1]
        for release in (2, 3):
            (home / str(release)).rename(store / f"releases/{release}")
        await brought(origin.url, folder)
        assert (await load_into(mirror_database, folder)).new == [2, 3]
        assert (await load_into(mirror_database, folder)).new == []
    return store, folder


@pytest.fixture(scope="module")
def both(published: Access, mirror_database: Access, folders: tuple[Path, Path]) -> Iterator[Both]:
    """Clients of the origin and of the mirror, two services over two databases."""
    del folders
    with _clients(published, mirror_database) as clients:
        yield clients


@contextmanager
def _clients(one: Access, other: Access) -> Iterator[Both]:
    with ExitStack() as stack:
        urls = [stack.enter_context(serving(each, _UNHURRIED)) for each in (one, other)]
        first, second = (
            stack.enter_context(httpx.Client(base_url=url, timeout=30)) for url in urls
        )
        yield first, second


def _answers(both: Both, path: str, **parameters: Any) -> tuple[httpx.Response, httpx.Response]:
    first, second = (client.get(path, params=parameters) for client in both)
    return first, second


def _require_same(origin: httpx.Response, mirror: httpx.Response) -> None:
    assert (mirror.status_code, mirror.content) == (origin.status_code, origin.content)
    assert [each for each in mirror.headers.items() if each[0] not in _OWN] == [
        each for each in origin.headers.items() if each[0] not in _OWN
    ]


@pytest.mark.parametrize("case", golden_cases(), ids=str)
def test_a_mirror_gives_the_golden_answers(both: Both, case: GoldenCase) -> None:
    """Body, status and every header, ``ETag`` too, of every answer that is pinned."""
    for release in RELEASES[1:]:
        parameters = {name: str(value) for name, value in case.parameters.items()}
        answers = _answers(
            both,
            f"/graphql/{case.version}",
            query=case.document,
            release=release,
            **({} if any(not isinstance(v, str) for v in case.parameters.values()) else parameters),
        )
        if answers[0].headers.get("cache-control") == Freshness.PINNED:
            _require_same(*answers)
            assert answers[1].headers["etag"]


@pytest.mark.parametrize("version", _NAMES)
@_RELAXED
@given(seed=st.integers(0, 2**32))
def test_a_mirror_answers_any_pinned_query(both: Both, version: str, seed: int) -> None:
    """The same bytes for what is asked at random, of a pinned release."""
    query = QueryMaker(build_schema(version)._schema, seed).make()
    release = 1 + seed % 3
    answers = [
        client.post(
            f"/graphql/{version}?release={release}",
            json={"query": query.text, "variables": query.variables},
        )
        for client in both
    ]
    if not any(word in query.text for word in _LIVE):
        _require_same(answers[0], answers[1])


_LIVE = ("releases", "service", "state", "withdrawnReason", "confirmedBy", "judgements")
"""Fields whose values belong to the service that is asked, not to the release."""


def test_pages_and_cursors_are_those_of_the_origin(both: Both) -> None:
    """A cursor of one goes on at the other, in every order."""
    page = (
        "query ($after: String, $order: UnitOrder!) { units(release: 3, first: 100, after: $after, "
        "orderBy: $order) { edges { cursor node { id } } pageInfo { endCursor hasNextPage } } }"
    )
    for order in ("ID", "TNC_DESC"):
        after = None
        for _ in range(20):
            variables = {"after": after, "order": order}
            answers = [
                client.post("/graphql/2026-10", json={"query": page, "variables": variables})
                for client in both
            ]
            _require_same(answers[0], answers[1])
            after = answers[0].json()["data"]["units"]["pageInfo"]["endCursor"]


async def test_both_have_the_same_rows(published: Access, mirror_database: Access) -> None:
    """Of everything that is published, ids of classes and registered files included."""
    found = await _open_zone(published)
    assert found == await _open_zone(mirror_database)
    assert {name for name, digest in found.items() if digest is None} == set()


_TABLES = (
    "bank",
    "indication",
    "scheme",
    "release",
    "unit_class",
    "batch_class",
    "unit",
    "release_file",
    "hla_table",
    "hla_frequency",
    "activity_cell",
    "activity_part",
    "activity_value",
)
_LEFT_OUT = (
    # said of a release after it was published: a mirror says it for itself, or not
    "gate_status",
    "judgement",
)


async def _open_zone(access: Access) -> dict[str, str | None]:
    connection = await connect(access.require("operator"))
    digests: dict[str, str | None] = {}
    for table in _TABLES:
        digests[table] = await connection.fetchval(
            f"select md5(string_agg(t::text, '|' order by t::text)) from open.{table} t"  # noqa: S608 - of this module
        )
    await connection.close()
    return digests


async def test_every_table_that_is_published_is_loaded_or_left_out(published: Access) -> None:
    """A new table of the open zone finds its place here, and in the loading."""
    connection = await connect(published.require("operator"))
    rows = await connection.fetch(
        "select relname::text from pg_class where relnamespace = 'open'::regnamespace "
        "and relkind in ('r', 'p')"
    )
    await connection.close()
    known = {*_TABLES, *_LEFT_OUT}
    assert {row[0] for row in rows} - known == set()


@pytest.mark.usefixtures("folders")
async def test_a_mirror_publishes_nothing_of_its_own(
    mirror_database: Access, tmp_path: Path
) -> None:
    """It takes in no inventory, loads no reference data, plans and exports nothing."""
    connection = await connect(mirror_database.require("operator"))
    try:
        keys = tmp_path / "keys"
        with pytest.raises(Refused, match="this database mirrors http://127"):
            await publish(connection, keys=keys, profile=Profile.SYNTHETIC)
        with pytest.raises(Refused, match="this database mirrors"):
            await plan(connection, keys=keys, profile=Profile.SYNTHETIC)
        with pytest.raises(Refused, match="this database mirrors"):
            await load_reference(connection)
        with pytest.raises(Refused, match="this database mirrors"):
            await export_files(mirror_database, tmp_path)
        with pytest.raises(Exception, match="this database mirrors"):
            await add_inventory(connection, 100, seed=1, synthetic=True)
        with pytest.raises(Exception, match="an origin its own"):
            await connection.execute(
                "insert into open.release select 99, scheme, published_at, profile, synthetic, "
                "licence, unit_count, 0, 0, bank_count, class_count, smallest_class, median_class, "
                "0, null, repeat('a', 64) from open.release where number = 3"
            )
    finally:
        await connection.close()


async def test_an_origin_is_no_mirror(published: Access, folders: tuple[Path, Path]) -> None:
    """A database with releases of its own is refused, and left as it is."""
    before = await _open_zone(published)
    with pytest.raises(Refused, match="inventories or releases of its own"):
        await load_into(published, folders[1])
    assert await _open_zone(published) == before


async def test_releases_that_withdraw_and_change_are_loaded(
    server: EmbeddedServer, template_database: str, database: Access, tmp_path: Path
) -> None:
    """Classes that end, banks that change and go: the same rows, whether release by release or not.

    The origin has then withdrawn a release: a mirror that had it has its tombstone, and one that
    never had it answers the others all the same.
    """
    await publish_world(database)
    await export_files(database, tmp_path)
    store, step, fresh = tmp_path / "files", tmp_path / "step", tmp_path / "fresh"
    async with (
        database_copy(server, template_database) as stepwise,
        database_copy(server, template_database) as afresh,
    ):
        with hostile_origin(store) as origin:
            for release in (2, 3, 4):
                (store / f"releases/{release}").rename(tmp_path / str(release))
            for release in (1, 2, 3, 4):
                if release > 1:
                    (tmp_path / str(release)).rename(store / f"releases/{release}")
                await brought(origin.url, step)
                assert (await load_into(stepwise, step)).new == [release]
            assert await _open_zone(stepwise) == await _open_zone(database)
            at, reason = "2026-12-01T09:30:00.123456+00:00", "Wrong."
            await _withdraw(database, at, reason)
            origin.withdrawn[2] = (at, reason)
            await brought(origin.url, step)
            assert (await load_into(stepwise, step)).withdrawn == [2]
            assert await _open_zone(stepwise) == await _open_zone(database)
            await brought(origin.url, fresh)
            assert (await load_into(afresh, fresh)).new == [1, 3, 4]
        for mirrored in (stepwise, afresh):
            with _clients(database, mirrored) as clients:
                _compare(clients)


def _compare(both: Both) -> None:
    """Compare what both answer of all releases, the withdrawn one too."""
    document = (
        "{ units { totalCount nodes { id bank { code name city unitCount } tnc { min max } addedIn "
        "{ number digest } } inventory(groupBy: [BANK, ABO_GROUP, ADDED_IN]) { units bank { code } "
        "aboGroup } } banks { nodes { code name unitCount } } indications { nodes { code name } } "
        "release { number digest unitCount anonymity { classCount levels { level } } previous { "
        "number digest publishedAt } files { path sha256 } } }"
    )
    for release in (1, 2, 3, 4):
        answers = _answers(both, "/graphql/2026-10", query=document, release=release)
        assert answers[0].status_code == (410 if release == 2 else 200)
        _require_same(*answers)
    for seed in range(150):
        text = QueryMaker(build_schema("2026-10")._schema, seed).make()
        if any(word in text.text for word in (*_LIVE, "previous")):
            continue
        release = (1, 3, 4)[seed % 3]
        asked = {"query": text.text, "variables": text.variables}
        first, second = (
            client.post(f"/graphql/2026-10?release={release}", json=asked) for client in both
        )
        _require_same(first, second)


async def _withdraw(access: Access, at: str, reason: str) -> None:
    connection = await connect(access.require("operator"))
    await connection.execute(
        "update open.release set withdrawn_at = $1, withdrawn_reason = $2 where number = 2",
        dt.datetime.fromisoformat(at),
        reason,
    )
    await connection.close()


async def test_a_damaged_folder_is_not_loaded(
    server: EmbeddedServer, template_database: str, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """Not even a part of a release, and the message says what to do."""
    folder = tmp_path / "damaged"
    shutil.copytree(folders[1], folder)
    place = folder / "releases/2/units.parquet"
    place.write_bytes((folder / "releases/1/units.parquet").read_bytes())
    async with database_copy(server, template_database) as access:
        with pytest.raises(Refused, match=r"the files of release 2 in .* are damaged"):
            await load_into(access, folder)
        connection = await connect(access.require("operator"))
        assert await connection.fetchval("select max(number) from open.release") == 1
        await connection.close()
        shutil.copyfile(folders[1] / "releases/2/units.parquet", place)
        assert (await load_into(access, folder)).new == [2, 3]
    assert hashes(folder) == hashes(folders[1])
