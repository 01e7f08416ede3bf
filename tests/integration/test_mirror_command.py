"""`cordgraph mirror` as a program: what it says, its exit codes, and that it can be killed."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from database.access import HOME, VARIABLES, Access
from files.manifest import Manifest
from mirroring.folder import STATE, MirrorFolder
from tests.changing_world import publish_world
from tests.exporting import export_files
from tests.hostile_origin import HostileOrigin, answering, changed, hostile_origin
from tests.mirrors import hashes

_ROOT = Path(__file__).parents[2]
_RUN = "import sys; from commands.main import main; sys.exit(main())"
_KILLED = """
import os, signal, sys
folder, left = sys.argv.pop(1), int(sys.argv.pop(1))
def hook(event, arguments):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"):
        if any(str(each).startswith(folder) for each in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""
"""Dies when it touches the folder for the n-th time."""


@pytest.fixture(scope="module")
async def store(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of an origin with the four releases of `tests.changing_world`."""
    home = tmp_path_factory.mktemp("origin")
    await publish_world(module_database)
    await export_files(module_database, home)
    return home / "files"


@pytest.fixture
def origin(store: Path) -> Iterator[HostileOrigin]:
    """An origin that serves it."""
    with hostile_origin(store) as served:
        yield served


def _environment(**settings: str) -> dict[str, str]:
    ours = {*VARIABLES.values(), HOME}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "PYTHONPATH": str(_ROOT), **settings}


def _run(
    *arguments: str, program: str = _RUN, **settings: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=_environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_first_run_warns_and_later_ones_say_that_nothing_is_new(
    origin: HostileOrigin, tmp_path: Path
) -> None:
    """The key that is trusted from now on is shown, to be compared."""
    folder = tmp_path / "mirror"
    first = _run("mirror", origin.url, str(folder))
    assert first.returncode == 0, first.stderr
    key = (origin.root / "minisign.pub").read_text().splitlines()[1]
    assert "WARNING: no key was given" in first.stderr
    assert key in first.stderr
    assert "Release 4: " in first.stdout
    assert f"{folder} has release 1, 2, 3, 4 of {origin.url}/" in first.stdout
    again = _run("mirror", origin.url, str(folder), "--public-key", key)
    assert again.returncode == 0
    assert again.stderr == ""
    assert again.stdout == f"Nothing new. {folder} has release 1, 2, 3, 4 of {origin.url}/\n"
    told = json.loads(_run("mirror", origin.url, str(folder), "--json").stdout)
    assert (told["present"], told["new"], told["loaded"]) == ([1, 2, 3, 4], [], None)


def test_exit_codes_say_whose_fault_it_is(origin: HostileOrigin, tmp_path: Path) -> None:
    """1 for what is wrong with the origin or the key, 2 for wrong usage, 3 for what is away."""
    folder = str(tmp_path / "mirror")
    assert _run("mirror", origin.url).returncode == 2
    assert _run("mirror", origin.url, folder, "--jobs", "0").returncode == 2
    refused = _run("mirror", origin.url, folder, "--public-key", "nonsense")
    assert refused.returncode == 1
    assert "nonsense is neither a file with a public key" in refused.stderr
    origin.faults["releases/2/LICENSE"] = changed
    refused = _run("mirror", origin.url, folder)
    assert refused.returncode == 1
    assert "releases/2/LICENSE is not the file that the manifest names" in refused.stderr
    assert "Traceback" not in refused.stderr
    origin.faults = {"releases/": answering(404)}
    assert _run("mirror", origin.url, folder).returncode == 3
    assert _run("mirror", "http://127.0.0.1:9", f"{folder}-2").returncode == 3
    origin.faults = {}
    with MirrorFolder(Path(folder)).held():
        busy = _run("mirror", origin.url, folder)
    assert busy.returncode == 3
    assert "another `cordgraph mirror` is writing" in busy.stderr


def test_a_disk_that_is_full_is_told(origin: HostileOrigin, tmp_path: Path) -> None:
    """With exit code 3 and no traceback; what was begun is gone on with."""
    folder = tmp_path / "mirror"
    key = str(origin.root / "minisign.pub")
    command = shlex.join([sys.executable, "-c", _RUN, "mirror", origin.url, str(folder)])
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 4; {command} --public-key {shlex.quote(key)}"],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert f"{folder} cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert _run("mirror", origin.url, str(folder), "--public-key", key).returncode == 0


def test_it_can_be_killed_at_any_moment(origin: HostileOrigin, tmp_path: Path) -> None:
    """What readers see is whole whenever it dies, and in the end it is all there."""
    folder = tmp_path / "mirror"
    key = str(origin.root / "minisign.pub")
    chance = random.Random(5)
    points = [1, 2, 3, *(chance.randrange(4, 160) for _ in range(9))]
    deaths = 0
    for point in points:
        done = _run(
            *(str(folder), str(point), "mirror", origin.url, str(folder), "--public-key", key),
            program=_KILLED + _RUN,
        )
        deaths += done.returncode == -signal.SIGKILL
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        _require_whole(folder)
    assert deaths >= 5
    origin.withdrawn[2] = ("2026-12-01T09:30:00+00:00", "Wrong.")
    for point in (2, 5, 8, 11):
        _run(
            *(str(folder), str(point), "mirror", origin.url, str(folder), "--public-key", key),
            program=_KILLED + _RUN,
        )
        _require_whole(folder)
    done = _run("mirror", origin.url, str(folder), "--public-key", key)
    assert done.returncode == 0, done.stderr
    found = {path for path in hashes(folder) if not path.startswith("releases/2/")}
    assert found == {STATE} | {
        path for path in hashes(origin.root) if not path.startswith("releases/2/")
    }
    assert MirrorFolder(folder).releases() == [1, 3, 4]


def _require_whole(folder: Path) -> None:
    """Require that each release that can be seen has every file of its manifest."""
    for place in folder.glob("releases/*"):
        manifest = place / "manifest.json"
        if (place / "WITHDRAWN.json").exists():
            continue
        found = hashes(place)
        for entry in Manifest.from_bytes(manifest.read_bytes()).files:
            assert found[entry.path] == entry.sha256


def test_a_mirror_is_loaded_and_served_by_commands(
    origin: HostileOrigin, tmp_path: Path, database: Access
) -> None:
    """Into the database that the environment names; an origin's is refused."""
    folder = str(tmp_path / "mirror")
    operator = {"CORDGRAPH_OPERATOR_URL": database.require("operator")}
    loaded = _run("mirror", origin.url, folder, "--load", **operator)
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.endswith("Loaded into the database: 1, 2, 3, 4.\n")
    again = _run("mirror", origin.url, folder, "--load", "--json", **operator)
    assert json.loads(again.stdout)["loaded"] == {"new": [], "withdrawn": []}
    refused = _run("reference", "load", **operator)
    assert refused.returncode == 1
    assert f"this database mirrors {origin.url}/" in refused.stderr
    listed = _run("release", "list", "--json", **operator)
    assert [each["number"] for each in json.loads(listed.stdout)] == [1, 2, 3, 4]


def test_an_origin_is_not_loaded(
    origin: HostileOrigin, tmp_path: Path, module_database: Access
) -> None:
    """Its own releases stay as they are, and the files are mirrored all the same."""
    folder = tmp_path / "mirror"
    operator = {"CORDGRAPH_OPERATOR_URL": module_database.require("operator")}
    refused = _run("mirror", origin.url, str(folder), "--load", **operator)
    assert refused.returncode == 1
    assert "it is an origin, and cannot be a mirror as well" in refused.stderr
    assert MirrorFolder(folder).releases() == [1, 2, 3, 4]
