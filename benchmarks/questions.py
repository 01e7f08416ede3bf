"""The questions that are asked of all servers, each in the words that the server understands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import TypeAlias

from graphql import get_introspection_query

from benchmarks.contents import Contents
from benchmarks.cursors import Cursors
from benchmarks.workload import Call, post

_FOLDER = Path(__file__).with_name("queries")
_ABO = ("A", "B", "O", "AB")
_NODES = 50
_REPEATED_EVERY = 10
_MIXED = ("page_10", "page_100", "filtered", "nodes_50")

Variables: TypeAlias = dict[str, object]


@cache
def document(name: str) -> str:
    """Return the text of ``queries/<name>.graphql``; a page of 10 is that of 100, but for its size."""
    if name == "introspection":
        return get_introspection_query()
    if name.endswith("page_10"):
        return document(f"{name}0").replace("first: 100,", "first: 10,")
    return (_FOLDER / f"{name}.graphql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        name: Short name; the documents have it too.
        title: What the report calls it.
        servers: Who is asked, in order: names of servers.
        variables: Yields variables, all different for as long as the database has places.
    """

    name: str
    title: str
    servers: tuple[str, ...]
    variables: Callable[[Contents], Iterator[Variables]]


def _places(contents: Contents) -> Iterator[Variables]:
    """Yield pages from all over the list; ``after`` is an id until a server's words are known."""
    return ({"after": id_} for id_ in contents.ids)


def _filtered(contents: Contents) -> Iterator[Variables]:
    pairs = cycle([(bank, abo) for bank in contents.banks for abo in _ABO])
    for id_, (bank, abo) in zip(contents.ids, pairs, strict=False):
        yield {"bank": bank, "abo": abo, "after": id_}


def _inventories(contents: Contents) -> Iterator[Variables]:
    for low in range(2000, 2020):
        for bank in contents.banks:
            yield {"filter": {"bank": [bank], "collectedFrom": low}}


def _first_ten(_contents: Contents) -> Iterator[Variables]:
    """Yield variables that differ and ask the same, so that no two requests are joined."""
    return ({"first": first} for first in range(10, 90))


def _nodes(contents: Contents) -> Iterator[Variables]:
    for first in range(len(contents.ids) - _NODES):
        yield {"ids": list(contents.ids[first : first + _NODES])}


def _nothing(_contents: Contents) -> Iterator[Variables]:
    yield {}


ALL = ("cordgraph", "strawberry", "bare", "postgraphile")
QUESTIONS = {
    each.name: each
    for each in (
        Question("page_10", "page of 10 with bank and bands", ALL, _places),
        Question("page_100_flat", "page of 100, flat", ALL, _places),
        Question("page_100", "page of 100 with bank and bands", ALL, _places),
        Question(
            "page_100_edges",
            "the same with cursors and pageInfo",
            ("cordgraph", "strawberry", "postgraphile"),
            _places,
        ),
        Question(
            "filtered",
            "filtered page of 100 with bank and bands",
            ("cordgraph", "strawberry", "postgraphile"),
            _filtered,
        ),
        Question("inventory", "inventory and totals", ("cordgraph", "strawberry"), _inventories),
        Question("releases", "nested releases", ("cordgraph", "strawberry"), _first_ten),
        Question("nodes_50", "50 nodes by id", ("cordgraph", "strawberry"), _nodes),
        Question("introspection", "introspection", ("cordgraph-keeping", "strawberry"), _nothing),
        Question(
            "kept", "the same page of 100 again (kept)", ("cordgraph-keeping", "bare"), _nothing
        ),
        Question(
            "mix", "mix, 90 % distinct variables", ("cordgraph-keeping", "strawberry"), _nothing
        ),
    )
}


class Words:
    """Puts questions into the words of the servers.

    Args:
        contents: What the database holds.
        paths: Path of each server's GraphQL endpoint, by the server's name.
        cursors: Cursors of `cordgraph` and of `postgraphile`, by these names.
    """

    def __init__(
        self, contents: Contents, paths: Mapping[str, str], cursors: Mapping[str, Cursors]
    ) -> None:
        self._contents = contents
        self._paths = paths
        self._cursors = cursors

    def calls(self, question: Question, server: str, most: int, skip: int = 0) -> list[Call]:
        """Return at most ``most`` requests, leaving out the first ``skip``."""
        if question.name == "kept":
            return [self.kept(server)]
        if question.name == "mix":
            return list(islice(self._mix(server), skip, skip + most))
        chosen = islice(question.variables(self._contents), skip, skip + most)
        return [self.call(question.name, server, variables) for variables in chosen]

    def call(self, name: str, server: str, variables: Variables) -> Call:
        """Return one request; a place ``after`` is the id of a unit."""
        if server == "bare":
            size = name.split("_")[1]
            return Call("GET", f"/page/{name}?first={size}&after={variables['after']}")
        peer = server == "postgraphile"
        given = self._marked(variables, self._cursors["postgraphile" if peer else "cordgraph"])
        text = document(f"postgraphile/{name}" if peer else name)
        return post(self._paths[server], text, given)

    def kept(self, server: str) -> Call:
        """Return the request that is always the same."""
        if server == "bare":
            return Call("GET", "/ready")
        return self.call("page_100", server, {"after": self._contents.ids[-1]})

    def _marked(self, variables: Variables, cursors: Cursors) -> Variables:
        """Replace the id of a place by its cursor."""
        if "after" not in variables:
            return variables
        return {**variables, "after": cursors.at(str(variables["after"]))}

    def _mix(self, server: str) -> Iterator[Call]:
        """Yield four kinds of requests with ever new variables; every tenth is always the same."""
        kinds = [(name, QUESTIONS[name].variables(self._contents)) for name in _MIXED]
        same = self.kept(server)
        for number in range(len(self._contents.ids)):
            if number % _REPEATED_EVERY == 0:
                yield same
            else:
                name, variables = kinds[number % len(kinds)]
                yield self.call(name, server, next(variables))
