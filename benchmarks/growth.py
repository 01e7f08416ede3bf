"""Whether a page takes as long among 5 million units as among 300,000, and deep in as at first."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.contents import Contents, read_contents
from benchmarks.cursors import OURS, ask_cursors
from benchmarks.field import graphql_path
from benchmarks.load.closed_loop import Measured, closed_loop
from benchmarks.questions import QUESTIONS, Variables, Words
from benchmarks.servers.cordgraph import cordgraph
from benchmarks.servers.server import Server
from benchmarks.workload import Call, write_calls
from database.access import Access
from database.pool import connect
from domain.failures import Refused
from domain.progress import Report

SMALL, LARGE = "300 thousand", "5 million"
DEEP = 10_000
"""The page that is deep in the list."""

_IDS = 2_000
_PLACE = "select id from open.unit order by id offset $1 limit 1"


@dataclass(frozen=True)
class Side:
    """One of the two databases.

    Attributes:
        contents: What it holds.
        server: CordGraph over it, which keeps no answers.
        calls: Requests of each row of the table; a database may be too small for some.
    """

    contents: Contents
    server: Server
    calls: dict[str, list[Call]]


@contextmanager
def _open(name: str, access: Access, logs: Path) -> Iterator[Server]:
    server = cordgraph(access, logs / name.replace(" ", "-"), keeps=False)
    with server:
        yield server


async def measure_growth(
    databases: dict[str, Access], logs: Path, rounds: int, seconds: int, report: Report
) -> tuple[dict[str, Side], dict[str, dict[str, list[Measured]]]]:
    """Measure each row on both databases in turns, one request at a time.

    Returns:
        The sides, by name; for each row and side what each round measured.
    """
    with ExitStack() as stack:
        sides = {}
        for name, access in databases.items():
            server = stack.enter_context(_open(name, access, logs))
            sides[name] = await _side(access, server)
        return sides, _compare(sides, rounds, seconds, report)


def _compare(
    sides: dict[str, Side], rounds: int, seconds: int, report: Report
) -> dict[str, dict[str, list[Measured]]]:
    found: dict[str, dict[str, list[Measured]]] = {}
    cells = [(row, name) for row in _rows(sides) for name in sides if row in sides[name].calls]
    total = len(cells) * (rounds + 1)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            order = cells if number % 2 else list(reversed(cells))
            for done, (row, name) in enumerate(order):
                report("Measuring growth", number * len(cells) + done, total)
                side = sides[name]
                file = write_calls(Path(folder, "calls"), side.calls[row])
                measured = closed_loop(
                    side.server, file, seconds if number else 1, number * 97, connections=1
                )
                if number:
                    found.setdefault(row, {}).setdefault(name, []).append(measured)
        report("Measuring growth", total, total)
    return found


def _rows(sides: dict[str, Side]) -> list[str]:
    return list(dict.fromkeys(row for side in sides.values() for row in side.calls))


async def _side(access: Access, server: Server) -> Side:
    contents = await read_contents(access, _IDS)
    path = graphql_path(contents.release)
    words = Words(contents, {"cordgraph": path}, {"cordgraph": ask_cursors(server, path, OURS)})
    calls = {
        "first page of 10": [_page(words, "page_10", "")],
        f"page {DEEP:,} of 10": await _deep(access, server, words, "page_10", 10),
        "first page of 100": [_page(words, "page_100", "")],
        f"page {DEEP:,} of 100": await _deep(access, server, words, "page_100", 100),
        "any page of 100": words.calls(QUESTIONS["page_100"], "cordgraph", _IDS),
        "filtered page of 100": words.calls(QUESTIONS["filtered"], "cordgraph", _IDS),
        "inventory and totals": words.calls(QUESTIONS["inventory"], "cordgraph", _IDS),
        "50 nodes by id": words.calls(QUESTIONS["nodes_50"], "cordgraph", _IDS),
    }
    return Side(contents, server, {row: some for row, some in calls.items() if some})


def _page(words: Words, name: str, after: str) -> Call:
    variables: Variables = {"after": after} if after else {}
    return words.call(name, "cordgraph", variables)


async def _deep(access: Access, server: Server, words: Words, name: str, size: int) -> list[Call]:
    """Return the request for page 10,000, having compared its first unit with the database's."""
    connection = await connect(access.require("owner"))
    try:
        place = await connection.fetchval(_PLACE, (DEEP - 1) * size - 1)
        expected = await connection.fetchval(_PLACE, (DEEP - 1) * size)
    finally:
        await connection.close()
    if expected is None:
        return []
    call = _page(words, name, place)
    status, body = server.ask(call.method, call.path, call.body)
    nodes = orjson.loads(body)["data"]["units"]["nodes"] if status == 200 else []
    if not nodes or nodes[0]["id"] != expected:
        raise Refused(f"page {DEEP:,} of {name} begins with {nodes[:1]}, not with {expected}")
    return [call]
