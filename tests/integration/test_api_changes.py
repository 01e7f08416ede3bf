"""Deltas over HTTP: what leads from one release to a later one, and to its very bytes."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from database.pool import connect
from domain.published_tables import BATCH_CLASSES, UNITS
from files.layout import RELEASE, Format, batch_file, folder, table_file
from files.release_document import ReleaseDocument
from files.unit_files import UnitFiles, unit_paths
from mirroring.units import classes_of, read_table, unit_rows
from tests.changing_world import BATCHES, publish_world, units_of
from tests.exporting import export_files
from tests.mirrors import brought, hashes, load_into
from tests.serving import serving
from tests.watching import until


@pytest.fixture(scope="module")
async def store(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the four releases of `tests.changing_world`."""
    home = tmp_path_factory.mktemp("changes")
    await publish_world(module_database)
    await export_files(module_database, home)
    return home / "files"


@pytest.fixture(scope="module")
def url(module_database: Access, store: Path) -> Iterator[str]:
    """A service over them."""
    with serving(module_database, Settings(anonymous_quota=0, files=str(store))) as base:
        yield base


def _changes(url: str, since: int, release: int) -> dict[str, Any]:
    answer = httpx.get(f"{url}/releases/{release}/changes", params={"since": since})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("since", [1, 2, 3])
@pytest.mark.parametrize("release", [2, 3, 4])
def test_a_delta_tells_what_came_and_went(url: str, since: int, release: int) -> None:
    """Against the world as it was written: counts, classes, batches, banks and indications."""
    if since >= release:
        return
    told = _changes(url, since, release)
    ended = [each for each in BATCHES if each.withdrawn and since < each.withdrawn <= release]
    added = [each for each in BATCHES if since < each.added <= release]
    assert told["units"] == {
        "before": len(units_of(since)),
        "added": sum(each.size for each in added),
        "withdrawn": sum(each.size for each in ended),
        "after": len(units_of(release)),
    }
    assert {each["digest"] for each in told["withdrawnClasses"]} == {e.digest for e in ended}
    assert [each["release"] for each in told["batches"]] == list(range(since + 1, release + 1))
    assert told["complete"]
    assert told["reference"]["banks"] == _BANKS[since, release]


_BANKS = {
    (1, 2): {"added": ["SH"], "changed": [], "removed": []},
    (1, 3): {"added": ["SH"], "changed": ["BJ"], "removed": []},
    (1, 4): {"added": ["SH"], "changed": ["BJ"], "removed": ["SC"]},
    (2, 3): {"added": [], "changed": ["BJ"], "removed": []},
    (2, 4): {"added": [], "changed": ["BJ"], "removed": ["SC"]},
    (3, 4): {"added": [], "changed": [], "removed": ["SC"]},
}


def test_tables_that_did_not_change_are_named(url: str) -> None:
    """By what they say, not by the release that a file names."""
    told = {each["name"]: each["changed"] for each in _changes(url, 1, 2)["tables"]}
    assert told == {**told, "banks": True, "indications": True, "batch_classes": True}
    assert told["sources"] is False


@pytest.mark.parametrize("release", [2, 3, 4])
def test_a_delta_leads_to_the_very_bytes(url: str, tmp_path: Path, release: int) -> None:
    """Every file of units of the later release, from release 1 and what the delta names alone."""
    told = _changes(url, 1, release)

    def fetch(path: str) -> Path:
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(httpx.get(f"{url}/{path}").content)
        return place

    named = {
        each["path"]
        for part in ("batches", "tables")
        for row in told[part]
        for each in row["files"]
    }
    named |= {each["path"] for each in told["files"]}
    sources = [fetch(f"releases/1/{table_file(UNITS.name, Format.PARQUET)}")]
    for batch in told["batches"]:
        path = batch_file(batch["release"], UNITS.name, Format.PARQUET)
        (found,) = [each for each in batch["files"] if each["path"].endswith(path)]
        sources.append(fetch(found["path"]))
    needed = [f"{folder(release)}/{RELEASE}", f"{folder(release)}/batch_classes.parquet"]
    assert set(needed) <= named
    document, classes = (fetch(path) for path in needed)
    rows = read_table(classes, BATCH_CLASSES)
    whole = [path for path in unit_paths(release) if "/" not in path]

    async def make() -> None:
        said = ReleaseDocument.from_bytes(document.read_bytes())
        async with UnitFiles(said, rows, lambda path: tmp_path / path, whole) as files:
            for units in unit_rows(sources, classes_of(rows)):
                await files.write(units)

    asyncio.run(make())
    made = hashes(tmp_path)
    arrived = {each["path"]: each["sha256"] for each in told["files"]}
    assert {f"{folder(release)}/{path}": made[path] for path in whole} == {
        path: digest for path, digest in arrived.items() if not path.endswith(RELEASE)
    }


def test_a_delta_is_kept_and_asked_for_by_its_tag(url: str) -> None:
    """For a day, as everything that never changes but for a withdrawal."""
    path = f"{url}/releases/3/changes?since=1"
    answer = httpx.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=86400, immutable"
    again = httpx.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(path)
    assert head.headers["content-length"] == str(len(answer.content))
    assert httpx.get(path).content == answer.content


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("3/changes", 400, "What is asked for is a difference. Give the number"),
        ("3/changes?since=", 404, 'There is no release "".'),
        ("3/changes?since=3", 400, "Release 3 is not earlier than release 3."),
        ("2/changes?since=3", 400, "Release 3 is not earlier than release 2."),
        ("3/changes?since=0", 404, 'There is no release "0". Releases are numbered from 1 to 4.'),
        ("3/changes?since=01", 404, 'There is no release "01".'),
        ("3/changes?since=-1", 404, 'There is no release "-1".'),
        ("3/changes?since=99999999999", 404, "There is no release"),
        ("9/changes?since=1", 404, 'There is no release "9". Releases are numbered from 1 to 4.'),
        ("x/changes?since=1", 404, 'There is no release "x".'),
        ("3/changes?since=1&since=2", 400, "A parameter of the URL is given twice."),
        ("3/changes?since=%ff", 400, "The parameters of the URL are not percent-encoded UTF-8."),
    ],
)
def test_what_is_no_difference_is_refused(url: str, path: str, status: int, detail: str) -> None:
    """With the rule, and what would do."""
    answer = httpx.get(f"{url}/releases/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(detail)


def test_latest_leads_to_the_newest_release(url: str) -> None:
    """Never its bytes."""
    answer = httpx.get(f"{url}/releases/latest/changes?since=2")
    assert answer.status_code == 307
    followed = httpx.get(f"{url}/releases/latest/changes?since=2", follow_redirects=True)
    assert str(followed.url) == f"{url}/releases/4/changes?since=2"
    assert followed.json()["release"] == 4


async def test_withdrawn_releases_are_gone_at_both_ends_and_marked_between(
    database: Access, tmp_path: Path
) -> None:
    """410 at the ends; between them the batch is gone, and the answer says what to take."""
    await publish_world(database)
    await export_files(database, tmp_path)
    with serving(database, Settings(anonymous_quota=0, files=str(tmp_path / "files"))) as url:
        before = await asyncio.to_thread(_changes, url, 1, 3)
        assert before["complete"]
        operator = await connect(database.require("operator"))
        await operator.execute(
            "update open.release set withdrawn_at = now(), withdrawn_reason = 'Wrong.' "
            "where number = 2"
        )
        await operator.close()
        async with httpx.AsyncClient(base_url=url) as client:

            async def status() -> int:
                return (await client.get("/releases/2/changes?since=1")).status_code

            await until(status, 410)
            gone = (await client.get("/releases/3/changes?since=2")).json()
            assert (gone["status"], gone["code"], gone["reason"]) == (
                410,
                "RELEASE_WITHDRAWN",
                "Wrong.",
            )
            after = (await client.get("/releases/3/changes?since=1")).json()
        assert not after["complete"]
        assert after["batches"][0] == {
            "release": 2,
            "units": before["batches"][0]["units"],
            "withdrawn": True,
            "files": [],
        }
        assert after["batches"][1] == before["batches"][1]


@pytest.fixture
async def mirrored(url: str, database: Access, tmp_path: Path) -> AsyncIterator[str]:
    """A service over a mirror of the service, made by real commands' means."""
    await brought(url, tmp_path / "mirror")
    await load_into(database, tmp_path / "mirror")
    settings = Settings(anonymous_quota=0, files=str(tmp_path / "mirror"))
    with serving(database, settings) as base:
        yield base


async def test_a_mirror_of_the_service_serves_its_files(
    url: str, mirrored: str, store: Path, tmp_path: Path
) -> None:
    """Every file and delta with the same bytes and tag, and a mirror of the mirror is one too."""
    await brought(mirrored, tmp_path / "again")
    for copy in ("mirror", "again"):
        found = hashes(tmp_path / copy)
        del found["mirror.json"]
        assert found == hashes(store)
    paths = ["releases/3/changes?since=1", "releases/4/units.parquet", "releases/2/SHA256SUMS"]
    async with httpx.AsyncClient() as client:
        for path in paths:
            one, other = await client.get(f"{url}/{path}"), await client.get(f"{mirrored}/{path}")
            assert (one.content, one.headers["etag"]) == (other.content, other.headers["etag"])
        listed = (await client.get(f"{mirrored}/releases/", headers=_JSON)).json()
    assert [each["number"] for each in listed["releases"]] == [1, 2, 3, 4]
    assert json.loads((tmp_path / "again/mirror.json").read_text())["origin"] == f"{mirrored}/"


_JSON = {"Accept": "application/json"}
