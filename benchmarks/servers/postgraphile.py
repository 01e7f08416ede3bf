"""PostGraphile 5 over the same tables, in the way its users would run it: see ``peer/``."""

import hashlib
import platform
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from benchmarks.servers.server import Server
from database.access import Access
from database.pool import connect
from domain.failures import Unavailable

_PROJECT = Path(__file__).with_name("peer")
_ROLE = "cordgraph_peer"
_INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
_INSTALL_SECONDS = 300
_MACHINES = {"x86_64": "x64", "aarch64": "arm64"}

_SET_ROLE = """
do $$ begin
    if not exists (select from pg_roles where rolname = 'cordgraph_peer') then
        create role cordgraph_peer login;
    end if;
end $$;
alter role cordgraph_peer set default_transaction_read_only = on;
-- It reads the catalogue of tables, which is closed to everybody else.
grant select on pg_catalog.pg_class to cordgraph_peer;
"""


async def postgraphile(access: Access, home: Path, logs: Path) -> Server:
    """Return PostGraphile over a database; installs it and makes its views if need be.

    Args:
        access: Addresses of the database.
        home: Folder to install it in.
        logs: Folder for its log.

    Raises:
        Unavailable: Its packages cannot be installed here.
    """
    folder = _installed(home)
    environment = {
        "PEER_READER_URL": await _reader_address(access.require("owner")),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    return Server("postgraphile", [str(_node(folder)), "serve.mjs"], environment, logs, folder)


def project_folder(home: Path) -> Path:
    """Return the folder of the installed project: another one for each lock."""
    lock = (_PROJECT / "package-lock.json").read_bytes()
    return home / f"postgraphile-{hashlib.sha256(lock).hexdigest()[:12]}"


def _installed(home: Path) -> Path:
    """Return a copy of the project with its packages, which are installed once."""
    folder = project_folder(home)
    if not (folder / "installed").exists():
        if shutil.which("npm") is None:
            raise Unavailable("npm is not installed", "Install Node and npm to compare with it.")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_PROJECT / name, folder)
        _install(folder)
        (folder / "installed").touch()
    for name in ("serve.mjs", "tags.json"):
        shutil.copy(_PROJECT / name, folder)
    return folder


def _install(folder: Path) -> None:
    try:
        subprocess.run(  # noqa: S603 - a fixed command
            _INSTALL, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise Unavailable(f"npm cannot install PostGraphile: {said[-300:]}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable("npm did not install PostGraphile in time") from error


def _node(folder: Path) -> Path:
    """Return the Node that came with the packages; the system's may be too old."""
    machine = _MACHINES.get(platform.machine(), platform.machine())
    node = folder / "node_modules" / f"node-linux-{machine}" / "bin" / "node"
    if not node.exists():
        raise Unavailable(f"there is no Node for {platform.machine()} among the packages")
    return node


async def _reader_address(owner: str) -> str:
    """Make the views and a role that reads them, and return the role's address."""
    password = secrets.token_urlsafe(24)
    connection = await connect(owner)
    try:
        await connection.execute(_SET_ROLE)
        await connection.execute((_PROJECT / "views.sql").read_text(encoding="utf-8"))
        command = await connection.fetchval(
            "select format('alter role cordgraph_peer password %L', $1::text)", password
        )
        await connection.execute(command)
    finally:
        await connection.close()
    parts = urlsplit(owner)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{_ROLE}:{quote(password)}@{host}"))
