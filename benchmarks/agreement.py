"""Whether the servers answer the same: no figure of one whose values differ is worth anything."""

from typing import Any, TypeAlias

import orjson

from benchmarks.questions import QUESTIONS, Question, Words
from benchmarks.servers.server import Server
from domain.failures import Refused

_TRIED = 3
"""Requests of each question that are compared."""

_BANDS = ("tnc", "cd34", "volume")
Node: TypeAlias = dict[str, Any]


def require_agreement(words: Words, servers: dict[str, Server]) -> int:
    """Compare the answers of all servers with CordGraph's; return how many agreed.

    Raises:
        Refused: One has another value; the message names question and server.
    """
    agreed = 0
    for question in QUESTIONS.values():
        first, *others = [name for name in question.servers if name in servers]
        for other in others:
            ours = words.calls(question, first, _TRIED)
            theirs = words.calls(question, other, _TRIED)
            for our, their in zip(ours, theirs, strict=True):
                right = _body(servers[first], our.method, our.path, our.body)
                found = _body(servers[other], their.method, their.path, their.body)
                _require_same(question, other, right, found)
                agreed += 1
    return agreed


def _body(server: Server, method: str, path: str, body: bytes) -> bytes:
    status, answer = server.ask(method, path, body)
    if status != 200 or b'"errors"' in answer[:2000]:
        raise Refused(f"{server.name} answered {status}: {answer[:300].decode()}")
    return answer


def _require_same(question: Question, server: str, right: bytes, found: bytes) -> None:
    if server == "bare":
        same = right == found
    else:
        expected = orjson.loads(right)["data"]
        data = orjson.loads(found)["data"]
        if server == "postgraphile":
            expected, data = _page_of_ours(expected["units"]), _page_of_peer(data["allUnits"])
        same = expected == data
        if same and "nodes" in data and question.name.startswith("page"):
            same = bool(data["nodes"])
    if not same:
        raise Refused(
            f"{server} answers {question.name} with other values than CordGraph",
            f"It says {found[:300].decode()}, and CordGraph {right[:300].decode()}",
        )


def _page_of_ours(page: dict[str, Any]) -> dict[str, Any]:
    """Return a page of CordGraph's in a form that PostGraphile's can be brought to as well."""
    nodes = page.get("nodes") or [edge["node"] for edge in page["edges"]]
    return {"nodes": [_flat(node) for node in nodes], "more": _more(page)}


def _page_of_peer(page: dict[str, Any]) -> dict[str, Any]:
    nodes = page.get("nodes") or [edge["node"] for edge in page["edges"]]
    return {"nodes": [_flat_of_peer(node) for node in nodes], "more": _more(page)}


def _more(page: dict[str, Any]) -> object:
    return page.get("pageInfo", {}).get("hasNextPage")


def _flat(node: Node) -> Node:
    flat: Node = {"id": node["id"], "abo": node["aboGroup"], "processing": node["processing"]}
    if "bank" in node:
        period = node["collectionPeriod"] or {"from": None, "to": None}
        flat |= {"period": (period["from"], period["to"]), "bank": tuple(node["bank"].values())}
        for band in _BANDS:
            ends = node[band] or {"min": None, "max": None}
            flat[band] = (ends["min"], ends["max"])
    return flat


def _flat_of_peer(node: Node) -> Node:
    flat: Node = {"id": node["rowId"], "abo": node["abo"], "processing": node["processing"]}
    if "bankByBankCode" in node:
        flat["period"] = (node["periodFrom"], node["periodTo"])
        flat["bank"] = tuple(node["bankByBankCode"].values())
        for band in _BANDS:
            flat[band] = (node[f"{band}Min"], node[f"{band}Max"])
    return flat
