"""The examples of docs/mirroring.md run, and say what they show."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from api.settings import Settings
from database.access import HOME, VARIABLES, Access
from database.pool import connect
from tests.exporting import export_files
from tests.guide_blocks import ROOT, guide_blocks
from tests.mirrors import hashes
from tests.serving import serving

_HARVEST, _MIRROR, _LOAD, _CHANGES, _DELTA, _DUCKDB, _POLARS = (
    block for block in guide_blocks() if block.name.startswith("docs/mirroring.md")
)
_SERVICE = "http://127.0.0.1:8000"
_ORIGIN = "https://data.example.org"
_FOLDER = "/srv/cordgraph"
_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
async def store(published: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of three releases."""
    home = tmp_path_factory.mktemp("documented")
    await export_files(published, home)
    return home / "files"


@pytest.fixture(scope="module")
def url(published: Access, store: Path) -> Iterator[str]:
    """A service over them."""
    with serving(published, Settings(anonymous_quota=0, files=str(store))) as base:
        yield base


def _run(command: list[str], folder: Path, **settings: str) -> str:
    ours = {*VARIABLES.values(), HOME}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _shell(text: str, folder: Path, **settings: str) -> str:
    return _run(["bash", "-euo", "pipefail", "-c", text], folder, **settings)


def _python(text: str, folder: Path) -> str:
    return _run([sys.executable, "-W", "error", "-c", text], folder)


@_curl
def test_a_portal_harvests_the_catalogue(url: str, tmp_path: Path) -> None:
    """With every release in it."""
    _shell(_HARVEST.text.replace(_SERVICE, url), tmp_path)
    text = (tmp_path / "catalog.jsonld").read_text()
    json.loads(text)
    assert all(f"/releases/{release}/units.parquet" in text for release in (1, 2, 3))


@_curl
def test_a_partner_asks_for_changes(url: str, tmp_path: Path) -> None:
    """The members are those that the page explains."""
    told = json.loads(_shell(_CHANGES.text.replace(_SERVICE, url), tmp_path))
    page = (ROOT / "docs/mirroring.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(told) == {*explained, "format", "since", "release"}


def test_a_partner_goes_from_one_release_to_another(url: str, tmp_path: Path) -> None:
    """With a program of twenty lines and the standard library."""
    printed = _python(_DELTA.text.replace(_SERVICE, url), tmp_path)
    assert printed == _DELTA.shown == "True\n"


async def test_a_mirror_is_made_and_loaded(
    url: str, store: Path, tmp_path: Path, database: Access
) -> None:
    """By the commands of the page; analysts read the same numbers from it and from the service."""
    shutil.copyfile(store / "minisign.pub", tmp_path / "minisign.pub")
    folder = tmp_path / "mirror"

    def here(text: str) -> str:
        home = text.replace(f"{_FOLDER}-home", str(tmp_path / "home"))
        return home.replace(_ORIGIN, url).replace(_FOLDER, str(folder))

    _shell(here(_MIRROR.text), tmp_path)
    found = hashes(folder)
    del found["mirror.json"]
    assert found == hashes(store)
    steps, serve = here(_LOAD.text).rstrip().rsplit("\n", 1)
    assert serve == "cordgraph serve"
    operator = {"CORDGRAPH_OPERATOR_URL": database.require("operator")}
    assert "Loaded into the database: 1, 2, 3." in _shell(steps, tmp_path, **operator)
    connection = await connect(database.require("operator"))
    held = await connection.fetchval("select unit_count from open.release where number = 3")
    await connection.close()
    groups = pl.read_parquet(folder / "releases/3/units.parquet")["abo"].to_list()
    assert len(groups) == held
    for text in (here(_DUCKDB.text), _POLARS.text.replace(_SERVICE, url)):
        printed = _python(text, tmp_path)
        rows = re.findall(r"[│┆]\s*([A-Z]+)\s*[│┆]\s*(\d+)\s*│", printed)
        assert {(name, int(number)) for name, number in rows} == set(Counter(groups).items())
