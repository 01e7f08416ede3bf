"""Our packages are our own: plain names, kept apart from other distributions."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from api.ide.build import BUILT, LICENCES
from api.ide.bundle import NEEDED
from tests.ide_files import require_ide

ROOT = Path(__file__).parents[2]
_DATA = {".css", ".csv", ".graphql", ".html", ".ico", ".js", ".sql", ".svg", ".toml", ".txt"}
PACKAGES = [
    "api",
    "commands",
    "database",
    "domain",
    "files",
    "loaders",
    "migrations",
    "mirroring",
    "publishing",
    "schema",
]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_found_in_this_project(name: str) -> None:
    """No other distribution has taken the name."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")
    assert set(packages_distributions().get(name, [])) <= {"cordgraph"}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_itself_holds_only_words(name: str) -> None:
    """Names are imported from modules, so that a package never runs code."""
    lines = (ROOT / name / "__init__.py").read_text(encoding="utf-8").strip().splitlines()
    assert lines[0].startswith('"""')
    assert lines[-1].endswith('"""')
    assert sum(line.count('"""') for line in lines) == 2


def test_test_folders_hide_no_package() -> None:
    """A folder with __init__.py under tests would hide the package of the same name."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_locks_name_no_address() -> None:
    """Every requirement is pinned by hash, and none says where it is fetched from."""
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert pinned
        assert text.count("--hash=sha256:") >= len(pinned)


def test_the_locks_of_npm_name_no_address() -> None:
    """Every package is pinned by hash, and none says where it is fetched from."""
    locks = [
        path
        for path in ROOT.rglob("package-lock.json")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    assert {path.parent.name for path in locks} >= {"axe", "clients", "npm"}
    for lock in locks:
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        fetched = [each for name, each in packages.items() if name]
        assert [each for each in fetched if "resolved" in each or "integrity" not in each] == []


def test_nothing_that_is_built_is_committed() -> None:
    """What comes from npm is ignored, so that it cannot slip in."""
    ran = subprocess.run(
        ["git", "check-ignore", BUILT / "graphiql.js", ROOT / ".artefacts" / "page.png"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 2


def test_a_wheel_holds_the_data_files(tmp_path: Path) -> None:
    """SQL, schema definitions, tables and the IDE with its licences travel with the code."""
    require_ide()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in _DATA or path.name in {"NOTICE", "package-lock.json"}
    ]
    assert data
    assert names.issuperset(data)
    for folder in ("examples", "migrating"):
        pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")}
        assert pages
        assert names.issuperset(f"schema/{folder}/{name}" for name in pages)
    documentation = [str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")]
    documentation.append("CHANGELOG.md")
    assert names.issuperset(f"api/pages/documentation/{name}" for name in documentation)
    assert names.issuperset(f"api/ide/built/{name}" for name in (*NEEDED, LICENCES))
    assert not any(name.startswith("tests/") for name in names)
