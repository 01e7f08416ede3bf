"""Asks for exports over a real socket, and for the same units page by page."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from graphql import OperationDefinitionNode, parse, print_ast

from tests.queries import Query

_PATIENCE_S = 30


@dataclass(frozen=True)
class Exported:
    """What came of one export.

    Attributes:
        status: Its status.
        headers: Its headers.
        body: What arrived, decompressed.
        whole: Whether the answer came to its end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def problem(self) -> dict[str, Any]:
        """The problem with which it was refused."""
        assert self.headers["content-type"] == "application/problem+json"
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def ending(self) -> dict[str, Any]:
        """What the last line says of one that was broken off."""
        assert (self.status, self.whole) == (200, False)
        found: dict[str, Any] = json.loads(self.body.splitlines()[-1].removeprefix(b"# "))
        return found


def export(
    url: str, query: Query | str, *, version: str = "2026-10", method: str = "POST", **more: Any
) -> Exported:
    """Ask for an export; ``more`` are parameters of its address, and ``headers``."""
    asked = Query(query) if isinstance(query, str) else query
    headers = more.pop("headers", {})
    parameters = {name: str(value) for name, value in more.items() if value is not None}
    body: dict[str, Any] | None = {"query": asked.text, "variables": asked.variables}
    if method in ("GET", "HEAD"):
        parameters |= {"query": asked.text, "variables": json.dumps(asked.variables)}
        body = None
    pieces: list[bytes] = []
    whole = True
    with httpx.stream(
        method,
        f"{url}/export/{version}",
        params=parameters,
        json=body,
        headers=headers,
        timeout=_PATIENCE_S,
    ) as answer:
        try:
            pieces.extend(answer.iter_bytes())
        except httpx.RemoteProtocolError:
            whole = False
    return Exported(answer.status_code, answer.headers, b"".join(pieces), whole)


def pages(
    url: str, query: Query, key: str, size: int, *, version: str = "2026-10", **more: Any
) -> Iterator[dict[str, Any]]:
    """Yield the answers of ``/graphql`` to all pages of what an export of ``query`` selects."""
    text = _paged(query.text, key, size)
    parameters = {name: str(value) for name, value in more.items() if value is not None}
    after = None
    while True:
        variables = {**query.variables, "afterHere": after}
        answer: dict[str, Any] = httpx.post(
            f"{url}/graphql/{version}",
            params=parameters,
            json={"query": text, "variables": variables},
            headers={"accept": "application/graphql-response+json"},
            timeout=_PATIENCE_S,
        ).json()
        yield answer
        units = (answer.get("data") or {}).get("units")
        if not units or not units["pageInfo"]["hasNextPage"]:
            return
        after = units["pageInfo"]["endCursor"]


def _paged(text: str, key: str, size: int) -> str:
    """Return the document with paging, written as a client would."""
    document = parse(text)
    operation = next(
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    )
    (units,) = operation.selection_set.selections
    others = [print_ast(each) for each in document.definitions if each is not operation]
    declared = [print_ast(each) for each in operation.variable_definitions or ()]
    arguments = [print_ast(each) for each in getattr(units, "arguments", None) or ()]
    (items,) = getattr(units, "selection_set").selections  # noqa: B009 - of any node
    assert items.name.value == key
    return "\n".join(
        [
            f"query ({', '.join([*declared, '$afterHere: String'])}) {{",
            f"units({', '.join([*arguments, f'first: {size}', 'after: $afterHere'])}) {{",
            print_ast(items),
            "pageInfo { hasNextPage endCursor } } }",
            *others,
        ]
    )


def ndjson(items: list[dict[str, Any]]) -> bytes:
    """Return items as an export writes them."""
    return b"".join(orjson.dumps(item) + b"\n" for item in items)


def table(body: bytes) -> list[dict[str, str]]:
    """Read a table with a header as any reader does."""
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


def cell_of(item: Any, column: str) -> str:
    """Return the cell of a column, worked out from an item of GraphQL."""
    for name in column.split("."):
        if item is None:
            return ""
        item = item[name]
    if item is None or isinstance(item, str):
        return item or ""
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False)
