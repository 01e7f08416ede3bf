"""What is served for portals, read over HTTP by programs that are not ours."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from tests.changing_world import publish_world
from tests.exporting import export_files
from tests.release_folder import wait_until, withdraw
from tests.serving import serving

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-portals" / "bin" / "python"
_FORMS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
async def exported(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the files of the releases of `tests.changing_world`."""
    await publish_world(module_database)
    home = tmp_path_factory.mktemp("home")
    await export_files(module_database, home)
    return str(home / "files")


@pytest.fixture(scope="module")
def url(module_database: Access, exported: str) -> Iterator[str]:
    """A service over these."""
    with serving(module_database, Settings(anonymous_quota=0, files=exported)) as base:
        yield base


def _judged(judge: str, *arguments: str, cache: Path) -> dict[str, Any]:
    """Return what a judge says; it finds nothing that it may have kept from elsewhere."""
    assert PYTHON.exists(), (
        "the judges' environment is missing; run: make .venv-portals/portals.stamp"
    )
    ended = subprocess.run(
        [PYTHON, ROOT / "tests" / "judges" / f"{judge}.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(cache), "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(cache)},
    )
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def _rows(url: str, release: int) -> dict[str, int]:
    """Return how many rows each table has, by the manifest."""
    files = httpx.get(f"{url}/releases/{release}/manifest.json").json()["files"]
    return {
        file["table"]: file["rows"]
        for file in files
        if file.get("table") and not file["path"].startswith("batches/")
    }


@pytest.mark.parametrize("end", _FORMS)
def test_the_shapes_of_dcat_ap_hold(url: str, end: str, tmp_path: Path) -> None:
    """In every form, with inference and without; nothing from elsewhere is needed to see it."""
    place = tmp_path / f"catalog.{end}"
    place.write_bytes(httpx.get(f"{url}/catalog.{end}").content)
    said = _judged("shapes", str(place), _FORMS[end], cache=tmp_path)
    assert said["reports"] == []
    assert said["rules"] > 1_500
    assert said["triples"] > 500


def test_a_catalogue_without_titles_is_refused(url: str, tmp_path: Path) -> None:
    """The judge does look."""
    text = httpx.get(f"{url}/catalog.ttl").text
    place = tmp_path / "catalog.ttl"
    place.write_text(text.replace("dcterms:title", "dcterms:tittle"), encoding="utf-8")
    (report, _) = _judged("shapes", str(place), "turtle", cache=tmp_path)["reports"]
    assert "title" in report


def test_a_data_package_is_read_whole(url: str, tmp_path: Path) -> None:
    """Every row of each table, with types, keys and references; and hashes of all files."""
    said = _judged("data_package", f"{url}/releases/3/datapackage.json", cache=tmp_path)
    assert (said["errors"], said["valid"]) == ([], True)
    rows = {name.replace("_", "-"): count or None for name, count in _rows(url, 3).items()}
    for end in ("", "-parquet"):
        assert {name: said["rows"][f"{name}{end}"] for name in rows} == rows
    assert set(said["rows"]) == {
        f"{name}{end}" for name in rows for end in ("", "-jsonl", "-parquet")
    }


def test_croissant_is_read_whole(url: str, tmp_path: Path) -> None:
    """Every record of every table, from files whose hash is right."""
    said = _judged("croissant", f"{url}/releases/3/croissant.json", cache=tmp_path)
    assert (said["errors"], said["warnings"]) == ([], [])
    assert said["rows"] == _rows(url, 3)
    assert said["bank"]["banks/code"]


def test_the_shapes_hold_when_a_release_was_withdrawn(
    module_database: Access, url: str, tmp_path: Path
) -> None:
    """Its dataset stays, without files."""
    asyncio.run(withdraw(module_database, 2, "Wrong."))
    wait_until(lambda: httpx.get(f"{url}/releases/2/").status_code == 410)
    place = tmp_path / "catalog.ttl"
    place.write_bytes(httpx.get(f"{url}/catalog.ttl").content)
    assert b"dataset-status/WITHDRAWN" in place.read_bytes()
    assert _judged("shapes", str(place), "turtle", cache=tmp_path)["reports"] == []
    assert len(place.read_bytes()) < 4 * 60_000
