"""The first answers of docs/first-answers.md: each program runs and prints what is shown."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from database.access import Access
from tests.guide_blocks import ROOT, GuideBlock, guide_blocks
from tests.node_project import node_project
from tests.serving import serving

_PAGE = "docs/first-answers.md"
_CURL, _GQL, _GENERATE, _TYPED, _FETCH, _APOLLO, _DOWNLOAD, _DUCKDB = (
    block for block in guide_blocks() if block.name.startswith(_PAGE)
)
_CLIENTS = ROOT / ".venv-clients" / "bin"
_SHOWN = "http://127.0.0.1:8000"
_SECONDS = 120


@pytest.fixture(scope="module")
def url(published: Access, exported: Path) -> Iterator[str]:
    """A running service with three releases and their files."""
    settings = Settings(anonymous_quota=0, files=str(exported / "files"))
    with serving(published, settings) as base:
        yield base


def _run(command: list[str | Path], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def _shell(url: str, block: GuideBlock, folder: Path, **variables: str) -> str:
    text = block.text.replace(_SHOWN, url)
    return _run(["bash", "-euo", "pipefail", "-c", text], folder, **variables)


def _python(url: str, block: GuideBlock, folder: Path, program: Path | None = None) -> str:
    command: list[str | Path] = [program or sys.executable]
    return _run([*command, "-W", "error", "-c", block.text.replace(_SHOWN, url)], folder)


def _node(url: str, block: GuideBlock) -> str:
    project = node_project(ROOT / "tests" / "contract" / "clients")
    script = project / f"first-answer-{block.name[-1]}.mjs"
    script.write_text(block.text.replace(_SHOWN, url), encoding="utf-8")
    try:
        return _run(["node", script.name], project)
    finally:
        script.unlink()


def _same(printed: str, block: GuideBlock) -> None:
    """Compare what is printed with what is shown, but for counts of units and layout."""
    assert block.shown is not None
    assert _without_counts(printed) == _without_counts(block.shown)


def _without_counts(text: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"\b\d{4,6}\b(?!-)", "N", text))


def test_curl(url: str, tmp_path: Path) -> None:
    """The first thing that somebody tries."""
    _same(_shell(url, _CURL, tmp_path), _CURL)


def test_gql(url: str, tmp_path: Path) -> None:
    """The client of Python that most use, without a warning."""
    _same(_python(url, _GQL, tmp_path), _GQL)


def test_a_generated_client_with_types(url: str, tmp_path: Path) -> None:
    """Schema, query and settings as they stand in the page give a client that mypy accepts."""
    assert _CLIENTS.is_dir(), (
        "the clients' environment is missing; run: make .venv-clients/clients.stamp"
    )
    text = (ROOT / _PAGE).read_text(encoding="utf-8")
    for language, name in (("graphql", "bank.graphql"), ("toml", "pyproject.toml")):
        (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        (tmp_path / name).write_text(block, encoding="utf-8")
    path = f"{_CLIENTS}{os.pathsep}{os.environ['PATH']}"
    _shell(url, _GENERATE, tmp_path, PATH=path)
    _same(_python(url, _TYPED, tmp_path, _CLIENTS / "python"), _TYPED)
    model = (tmp_path / "graphql_client" / "bank.py").read_text(encoding="utf-8")
    assert "unit_count: int" in model
    assert 'bank: Optional["BankBank"]' in model


@pytest.mark.parametrize("block", [_FETCH, _APOLLO], ids=["fetch", "apollo"])
def test_javascript(url: str, block: GuideBlock) -> None:
    """With nothing but the language, and with the client that most use."""
    _same(_node(url, block), block)


def test_duckdb(url: str, tmp_path: Path) -> None:
    """The file of all units gives the number that the service gives."""
    _shell(url, _DOWNLOAD, tmp_path)
    printed = _python(url, _DUCKDB, tmp_path)
    _same(printed, _DUCKDB)
    asked = _shell(url, _CURL, tmp_path)
    count = json.loads(asked)["data"]["bank"]["unitCount"]
    assert printed.startswith(f"[({count}, ")
