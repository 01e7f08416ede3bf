"""The addresses of the database for each role: of a real server, or of the embedded one."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from database.embedded import EmbeddedServer
from database.pool import place
from database.postmaster import DATABASE
from database.roles import OPERATOR, OWNER, READER, ROLES, SERVICE
from domain.failures import Unavailable

VARIABLES = {
    "owner": "DATABASE_URL",
    "operator": "CORDGRAPH_OPERATOR_URL",
    "reader": "CORDGRAPH_READER_URL",
    "service": "CORDGRAPH_SERVICE_URL",
}
HOME = "CORDGRAPH_HOME"

_ROLES = {"owner": OWNER, "operator": OPERATOR, "reader": READER, "service": SERVICE}


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """One ``postgresql://`` address for each role; ``None`` where this process was given none.

    Attributes:
        owner: Makes roles and tables.
        operator: Takes files in and publishes.
        reader: Reads what is published; may name several hosts (replicas).
        service: Keys and counters of the running API.
    """

    owner: str | None
    operator: str | None
    reader: str | None
    service: str | None

    def __repr__(self) -> str:
        """Name the places, never the passwords."""
        places = (f"{name}={self._place(name)}" for name in VARIABLES)
        return f"Access({', '.join(places)})"

    def require(self, role: str) -> str:
        """Return the address for ``role``: "owner", "operator", "reader" or "service".

        Raises:
            Unavailable: There is none; the message names the environment variable.
        """
        dsn = self._dsn(role)
        if dsn is None:
            variable = VARIABLES[role]
            raise Unavailable(
                f"{variable} is not set, and another database address is",
                f"Set {variable} to postgresql://USER:PASSWORD@HOST/DATABASE, or unset all of "
                f"{', '.join(VARIABLES.values())} to use the embedded server.",
            )
        return dsn

    def role_passwords(self) -> dict[str, str | None]:
        """Return role name -> password, where an address holds one for exactly that role."""
        passwords: dict[str, str | None] = dict.fromkeys(ROLES)
        for name in ("operator", "reader", "service"):
            parts = urlsplit(self._dsn(name) or "")
            if parts.username == _ROLES[name] and parts.password:
                passwords[_ROLES[name]] = unquote(parts.password)
        return passwords

    def _dsn(self, role: str) -> str | None:
        return {
            "owner": self.owner,
            "operator": self.operator,
            "reader": self.reader,
            "service": self.service,
        }[role]

    def _place(self, role: str) -> str | None:
        dsn = self._dsn(role)
        return None if dsn is None else place(dsn)


def embedded_access(server: EmbeddedServer, database: str = DATABASE) -> Access:
    """Return the addresses of ``database`` on the running embedded ``server``."""
    return Access(**{name: server.dsn(role, database) for name, role in _ROLES.items()})


@contextmanager
def open_access(home: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Access]:
    """Give access to the database while the context lasts.

    If any variable of `VARIABLES` is set, it is a real server and only what is set is there;
    else the embedded server in ``home / "postgres"`` is used, brought up again if it dies, and
    stopped if nobody else uses it.
    The tables are there once `database.migrate.prepare` has run.

    Raises:
        Unavailable: The embedded server cannot run here.
    """
    given = {name: environ.get(variable) or None for name, variable in VARIABLES.items()}
    if any(given.values()):
        yield Access(**given)
        return
    with EmbeddedServer(home / "postgres", environ=environ) as server, server.watch():
        yield embedded_access(server)


def data_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for data: ``CORDGRAPH_HOME``, or the usual one for root and for users."""
    if environ.get(HOME):
        return Path(environ[HOME]).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/cordgraph")
    data = environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path("~/.local/share").expanduser()) / "cordgraph"
