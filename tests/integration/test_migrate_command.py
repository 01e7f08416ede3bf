"""`cordgraph migrate` as a user runs it."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from database.embedded import EmbeddedServer

_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-c", "from commands.migrate import migrate; migrate()")
_ALL = sorted(file.name for file in files("migrations").iterdir() if file.name.endswith(".sql"))
_DATABASE_VARIABLES = ("DATABASE_URL", "CORDGRAPH_")


def _run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_DATABASE_VARIABLES)}
    return subprocess.run(
        [*_COMMAND, *arguments],
        cwd=_ROOT,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_embedded_server_is_migrated_and_stopped(home: Path) -> None:
    """The first run applies every migration, the second none, and no server is left running."""
    first = _run(CORDGRAPH_HOME=str(home))
    assert (first.returncode, first.stdout) == (0, "".join(f"applied {n}\n" for n in _ALL))
    second = _run(CORDGRAPH_HOME=str(home))
    assert (second.returncode, second.stdout) == (0, "The database is up to date.\n")
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_real_server_is_migrated(server: EmbeddedServer, template_database: str) -> None:
    """With DATABASE_URL set that database is migrated, and no password is shown."""
    dsn = server.dsn(database=template_database)
    answer = _run(DATABASE_URL=dsn)
    assert (answer.returncode, answer.stdout) == (0, "The database is up to date.\n")
    assert dsn.split(":")[2].split("@")[0] not in answer.stderr


def test_help_has_an_example() -> None:
    """The help shows how to call it."""
    assert "  Example:\n    cordgraph migrate\n" in _run("--help").stdout
