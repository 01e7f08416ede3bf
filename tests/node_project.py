"""Programs for Node: their packages, installed once from a lock with hashes, and their runs."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest

_ENVIRONMENTS = Path(__file__).parents[1] / ".venv-node"
_REQUIRED = "CORDGRAPH_REQUIRE_NODE"
"""Environment variable that makes a missing Node a failure rather than a reason to skip."""
_INSTALL = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
_INSTALL_SECONDS = 300
_RUN_SECONDS = 120


def node_project(folder: Path) -> Path:
    """Return a copy of ``folder`` with its packages installed; skip the test where that fails.

    The copy is made once for each content of package-lock.json.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        give_up("Node and npm are not installed")
    lock = (folder / "package-lock.json").read_bytes()
    ready = _ENVIRONMENTS / f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not ready.is_dir():
        _install(folder, ready)
    for script in folder.glob("*.mjs"):
        shutil.copy(script, ready)
    return ready


def run_node(project: Path, script: str, *arguments: str) -> Any:
    """Run a script of a project and return what it prints, which is JSON."""
    ran = subprocess.run(
        ["node", script, *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr or ran.stdout
    return orjson.loads(ran.stdout)


def _install(folder: Path, ready: Path) -> None:
    _ENVIRONMENTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_ENVIRONMENTS, prefix="making-") as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, place)
        try:
            subprocess.run(
                _INSTALL, cwd=place, check=True, capture_output=True, timeout=_INSTALL_SECONDS
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            give_up(f"npm cannot install the packages of {folder.name}: {error}")
        if not ready.is_dir():
            made = Path(place, "project")
            made.mkdir()
            for entry in [each for each in Path(place).iterdir() if each != made]:
                entry.rename(made / entry.name)
            made.rename(ready)


def give_up(reason: str) -> None:
    """Skip the test, or fail it where Node is required."""
    if os.environ.get(_REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)
