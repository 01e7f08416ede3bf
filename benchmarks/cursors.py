"""Cursors of any unit, in the form of the server that takes them."""

import base64
from dataclasses import dataclass

import orjson

from benchmarks.servers.server import Server
from benchmarks.workload import post
from domain.failures import Unavailable

OURS = ("{ units(first: 1) { edges { cursor node { id } } } }", "units", "id")
PEERS = ("{ allUnits(first: 1) { edges { cursor node { rowId } } } }", "allUnits", "rowId")


@dataclass(frozen=True)
class Cursors:
    """Cursors of any unit, made after the pattern of one that the server gave.

    Attributes:
        pattern: A cursor.
        id: The unit that it marks.
    """

    pattern: str
    id: str

    def at(self, unit_id: str) -> str:
        """Return the cursor of another unit."""
        padded = self.pattern + "=" * (-len(self.pattern) % 4)
        text = base64.urlsafe_b64decode(padded).decode()
        made = base64.urlsafe_b64encode(text.replace(self.id, unit_id).encode()).decode()
        return made if self.pattern.endswith("=") else made.rstrip("=")


def ask_cursors(server: Server, path: str, words: tuple[str, str, str]) -> Cursors:
    """Ask a server for one cursor.

    Args:
        server: Who is asked.
        path: Path of its GraphQL endpoint.
        words: `OURS` or `PEERS`: the document, and what its fields are called.

    Raises:
        Unavailable: It does not answer with success.
    """
    document, units, id_ = words
    call = post(path, document, {})
    status, body = server.ask(call.method, call.path, call.body)
    if status != 200:
        raise Unavailable(
            f"{server.name} answered {status}: {body[:300].decode()}", f"Its log: {server.log}"
        )
    edge = orjson.loads(body)["data"][units]["edges"][0]
    return Cursors(edge["cursor"], edge["node"][id_])
