"""Where the service is for everybody else: the root of the addresses in catalogue and feeds."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

PLACEHOLDER = "https://cordgraph.invalid/"
"""Stands for the root in texts that are made once; nobody can have such a name (RFC 6761)."""

_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII
)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?", re.ASCII)


class PublicAddress:
    """Finds the root of the service's addresses: the setting, or else what the client asked.

    Without the setting it is the name in the client's own ``Host``, which must look like a name:
    whoever writes another one there reads it back, and nobody else does, since what is made of it
    may be kept by nobody without asking again.
    """

    def __init__(self, public_url: str) -> None:
        """Take the setting ``public_url``, which `check_public_url` lets pass; empty is none."""
        self._root = public_url.rstrip("/") + "/" if public_url else ""

    @property
    def is_set(self) -> bool:
        """Whether the setting says it."""
        return bool(self._root)

    def root(self, scope: Scope) -> str:
        """Return the root for the answer to a request, ending with a slash."""
        if self._root:
            return self._root
        hosts = Headers(scope=scope).getlist("host")
        host = hosts[0].lower() if len(hosts) == 1 else ""
        return f"http://{host if _HOST.fullmatch(host) else _listening(scope)}/"


def check_public_url(text: str) -> None:
    """See that ``text`` is an address that others can be put behind.

    Raises:
        ValueError: It is not ``http`` or ``https`` with a host and at most a plain path.
    """
    address = urlsplit(text)
    _ = address.port
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(address.netloc.lower()):
        raise ValueError(text)
    plain = f"{address.scheme}://{address.netloc}{address.path}"
    if not _PATH.fullmatch(address.path) or text != plain:
        raise ValueError(text)


def _listening(scope: Scope) -> str:
    """Return where the server listens, for clients that do not say whom they ask."""
    host, port = scope.get("server") or ("", None)
    if port is None:  # a socket of the file system
        return "localhost"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
