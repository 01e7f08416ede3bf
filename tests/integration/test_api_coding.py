"""Content codings of answers, kept or not: the same bytes under tags of their own."""

import gzip
from typing import Any

import brotli
import httpx
import orjson
import pytest

from tests.answer_form import fields_of

_GRAPHQL = "application/graphql-response+json"
_PAGE = {"query": "{ units(first: 50) { nodes { id bank { code } } } }"}


def _raw(client: httpx.Client, method: str = "GET", **request: Any) -> tuple[httpx.Response, bytes]:
    """Return an answer and its body as it came over the line."""
    with client.stream(method, "/graphql/2026-10", **request) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("accept", ["application/json", _GRAPHQL])
def test_each_coding_decodes_to_the_same_bytes_and_has_its_tag(
    keeping: httpx.Client, forgetting: httpx.Client, accept: str
) -> None:
    """Kept or not, by GET and HEAD, which differ in the body only."""
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
    tags = set()
    for client in (keeping, forgetting, keeping):
        for coding, decoded in undo.items():
            headers = {"accept": accept, "accept-encoding": coding}
            answer, body = _raw(client, params=_PAGE, headers=headers)
            head, nothing = _raw(client, "HEAD", params=_PAGE, headers=headers)
            plain = client.get("/graphql/2026-10", params=_PAGE, headers={"accept": accept})
            assert decoded(body) == plain.content
            assert answer.headers.get("content-encoding", "identity") == coding
            assert answer.headers["content-length"] == str(len(body))
            assert answer.headers["vary"] == "Accept, Accept-Encoding"
            assert (nothing, fields_of(head)) == (b"", fields_of(answer))
            tags.add((coding, answer.headers["etag"]))
            known = {**headers, "if-none-match": answer.headers["etag"]}
            again, empty = _raw(client, params=_PAGE, headers=known)
            assert (again.status_code, empty) == (304, b"")
            assert "content-encoding" not in again.headers
    assert len(tags) == 3
    assert len({tag for _, tag in tags}) == 3


def test_a_coding_that_the_client_refuses_is_not_sent(keeping: httpx.Client) -> None:
    """What is tiny is compressed only for those who want nothing else; without any it is 406."""
    tiny = {"query": "{ __typename }"}
    for wanted, sent in (("gzip", None), ("gzip, identity;q=0", "gzip")):
        answer, _ = _raw(keeping, params=tiny, headers={"accept-encoding": wanted})
        assert answer.headers.get("content-encoding") == sent
    for _ in range(2):
        answer = keeping.get("/graphql", params=tiny, headers={"accept-encoding": "*;q=0"})
        assert answer.status_code == 406
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "NOT_ACCEPTABLE"}
        assert error["message"] == "Accept one of the content codings br, gzip, identity."


def test_an_answer_to_post_is_compressed_but_has_no_tag(keeping: httpx.Client) -> None:
    """Nobody else may keep it."""
    for _ in range(2):
        answer, body = _raw(keeping, "POST", json=_PAGE, headers={"accept-encoding": "br"})
        assert orjson.loads(brotli.decompress(body))["data"]
        assert {"etag", "cache-control"}.isdisjoint(answer.headers)
