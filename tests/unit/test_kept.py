"""Answers that are kept: in how many bytes, for which data, in which forms."""

import asyncio
import os
import zlib

import pytest

from api.coding import INLINE_BYTES, Coding
from api.endpoint.freshness import Freshness
from api.endpoint.ready import Form, Ready
from api.kept import KeptAnswers
from api.logs import Notes
from api.negotiation import MediaType

_PLAIN: Form = (MediaType.JSON, Coding.IDENTITY, Freshness.CURRENT)
_GZIP: Form = (MediaType.JSON, Coding.GZIP, Freshness.CURRENT)


def _ready(body: bytes) -> Ready:
    return Ready(body, {"Vary": "Accept"}, Notes("2026-10", None, [1]), pinned=False)


def _fields(form: Form) -> dict[bytes, bytes]:
    reply = _ready(b'{"data":{}}').at_once(form, None)
    assert reply is not None
    return dict(reply.head.fields)


def test_the_bytes_are_bounded_and_those_of_what_is_kept() -> None:
    """An answer takes 5,000 bytes besides its body."""
    kept = KeptAnswers(800_000)
    kept.get("a", b"")
    for number in range(100):
        kept.put("a", b"%d" % number, _ready(b"x" * 15_000))
    assert (len(kept), kept.bytes) == (40, 800_000)
    kept.put("a", b"too large", _ready(b"x" * 95_001))
    assert kept.get("a", b"too large") is None
    assert kept.get("a", b"59") is None
    assert kept.get("a", b"60") is not None


async def test_a_coding_counts_and_is_dropped_where_it_is_too_much() -> None:
    """Bytes that cannot be compressed are kept once, not twice."""
    kept = KeptAnswers(160_000)
    kept.get("a", b"")
    small, large = _ready(b"x" * 4_000), _ready(os.urandom(10_000))
    for key, ready in ((b"small", small), (b"large", large)):
        kept.put("a", key, ready)
        await ready.coded(Coding.GZIP)
        kept.weigh(key, ready)
    assert set(small.codings) == {Coding.GZIP}
    assert large.codings == {}
    assert kept.bytes == 5_000 + 4_000 + len(small.codings[Coding.GZIP]) + 5_000 + 10_000


def test_other_data_drop_all_and_what_comes_late_is_not_kept() -> None:
    """An answer to the data of before may still be on its way."""
    kept = KeptAnswers(800_000)
    kept.get("a", b"")
    kept.put("a", b"1", _ready(b"one"))
    assert kept.get("b", b"1") is None
    kept.put("a", b"1", _ready(b"one"))
    assert (len(kept), kept.bytes, kept.get("b", b"1")) == (0, 0, None)


@pytest.mark.parametrize("size", [1_000, INLINE_BYTES + 1])
async def test_a_coding_is_made_once(size: int) -> None:
    """However many ask for it at the same time, in a thread or not."""
    ready = _ready(b"x" * size)
    found = await asyncio.gather(*(ready.coded(Coding.GZIP) for _ in range(20)))
    assert zlib.decompress(found[0], wbits=31) == ready.body
    assert {id(each) for each in found} == {id(ready.codings[Coding.GZIP])}


def test_tags_differ_by_media_type_and_coding_and_are_the_same_everywhere() -> None:
    """They follow from the bytes alone, so that all processes give the same."""
    assert _fields(_PLAIN)[b"etag"] == b'"8d2621a4c20094b80e33c5dc4666532d"'
    other = _fields((MediaType.GRAPHQL, Coding.IDENTITY, Freshness.CURRENT))
    assert other[b"etag"] == b'"394e984a2c45c0d3c80c6fb61418ba55"'


async def test_a_304_has_the_fields_but_those_of_the_content() -> None:
    """And only for the tag of the very form that would be sent."""
    ready = _ready(b"x" * 2_000)
    plain, packed = await ready.reply(_PLAIN, None), await ready.reply(_GZIP, None)
    tag = dict(packed.head.fields)[b"etag"]
    assert tag != dict(plain.head.fields)[b"etag"]
    assert (await ready.reply(_PLAIN, tag)).status == 200
    known = await ready.reply(_GZIP, b'W/"other", ' + tag)
    assert (known.status, known.body) == (304, b"")
    assert [name for name, _ in known.head.fields] == [b"vary", b"cache-control", b"etag"]
    assert [name for name, _ in packed.head.fields] == [
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"vary",
        b"cache-control",
        b"etag",
    ]
