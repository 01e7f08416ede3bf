"""The servers of a comparison, all running over the same database, and the words they take."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from benchmarks.contents import Contents, read_contents
from benchmarks.cursors import OURS, PEERS, ask_cursors
from benchmarks.questions import QUESTIONS, Words
from benchmarks.servers.bare import bare
from benchmarks.servers.cordgraph import cordgraph
from benchmarks.servers.postgraphile import postgraphile
from benchmarks.servers.server import Server
from benchmarks.servers.strawberry_stock import stock
from database.access import Access
from domain.failures import Unavailable
from schema.versions import VERSIONS

Say = Callable[[str], None]

_IDS = 120_000
"""Places that pages can begin at; distinct variables are made of them."""


@dataclass
class Field:
    """Who takes part.

    Attributes:
        contents: What their database holds.
        servers: The running servers by name, in the order of the report.
        words: What to send to each.
        absent: Why each rival that is not there is absent.
    """

    contents: Contents
    servers: dict[str, Server]
    words: Words
    absent: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def open_field(access: Access, home: Path, say: Say) -> AsyncIterator[Field]:
    """Start all servers; a rival that cannot be installed is left out, and that is said.

    Raises:
        Unavailable: A server that must be there does not start.
    """
    logs = home / "logs"
    contents = await read_contents(access, _IDS)
    path = graphql_path(contents.release)
    async with AsyncExitStack() as stack:
        servers: dict[str, Server] = {}
        absent: dict[str, str] = {}
        for keeps in (False, True):
            server = stack.enter_context(cordgraph(access, logs, keeps=keeps))
            servers[server.name] = server
        servers["strawberry"] = stack.enter_context(stock(access, logs))
        cursors = {"cordgraph": ask_cursors(servers["cordgraph"], path, OURS)}
        try:
            peer = stack.enter_context(await postgraphile(access, home, logs))
        except Unavailable as reason:
            absent["postgraphile"] = reason.message
            say(f"Without PostGraphile: {reason.message}")
        else:
            servers[peer.name] = peer
            cursors[peer.name] = ask_cursors(peer, "/graphql", PEERS)
        paths = {
            "cordgraph": path,
            "cordgraph-keeping": path,
            "strawberry": f"/graphql/?release={contents.release}",
            "postgraphile": "/graphql",
        }
        words = Words(contents, paths, cursors)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        answers = folder / "answers.json"
        answers.write_bytes(orjson.dumps(_answers(servers["cordgraph"], words)))
        servers["bare"] = stack.enter_context(bare(access, logs, answers))
        yield Field(contents, servers, words, absent)


def graphql_path(release: int) -> str:
    """Return the path of CordGraph's endpoint, pinned in version and release."""
    return f"/graphql/{VERSIONS.current.name}?release={release}"


def _answers(server: Server, words: Words) -> dict[str, Any]:
    """Return what the bare server writes beside what it reads itself."""
    kept = words.kept(server.name)
    extensions = {}
    for name in ("page_10", "page_100", "page_100_flat"):
        call = words.calls(QUESTIONS[name], server.name, 1)[0]
        extensions[name] = orjson.loads(server.ask(call.method, call.path, call.body)[1])[
            "extensions"
        ]
    ready = server.ask(kept.method, kept.path, kept.body)[1]
    return {"ready": ready.decode(), "extensions": extensions}
