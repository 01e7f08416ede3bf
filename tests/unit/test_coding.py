"""Which content coding an answer gets, and that it can be undone."""

import zlib

import brotli
import pytest

from api.coding import LEAST_BYTES, Coding, accepted_codings, chosen_coding, compressed

BR, GZIP, IDENTITY = Coding.BROTLI, Coding.GZIP, Coding.IDENTITY


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, [IDENTITY]),
        (b"", [IDENTITY]),
        (b"gzip", [GZIP, IDENTITY]),
        (b"X-GZIP", [GZIP, IDENTITY]),
        (b"gzip, deflate, br, zstd", [BR, GZIP, IDENTITY]),
        (b"br;q=0.5, gzip;q=0.8", [GZIP, BR, IDENTITY]),
        (b"*", [BR, GZIP, IDENTITY]),
        (b"gzip, *;q=0.5", [GZIP, BR, IDENTITY]),
        (b"gzip, *;q=0", [GZIP]),
        (b"identity", [IDENTITY]),
        (b"identity, gzip;q=0.5", [IDENTITY, GZIP]),
        (b"identity;q=0.5, gzip;q=0.1", [IDENTITY, GZIP]),
        (b"identity;q=0, gzip", [GZIP]),
        (b"identity;q=0", []),
        (b"*;q=0", []),
        (b"*;q=0, identity", [IDENTITY]),
        (b"gzip;q=0, br;q=0", [IDENTITY]),
        (b"deflate", [IDENTITY]),
        (b"gzip;q=2", [IDENTITY]),
        (b"gzip;q=x, br", [BR, IDENTITY]),
        (b" gzip ; q=0.5 , br ; q = 0.4", [GZIP, BR, IDENTITY]),
        (b",,;q=1,", [IDENTITY]),
        (b"a" * 300 + b", gzip", [GZIP, IDENTITY]),
        (b"a," * 40 + b"gzip", [IDENTITY]),
    ],
)
def test_quality_and_then_our_order_decide(header: bytes | None, expected: list[Coding]) -> None:
    """RFC 9110, section 12.5.3, with the first 40 members of the list."""
    assert list(accepted_codings(header)) == expected


@pytest.mark.parametrize(
    ("accepted", "size", "expected"),
    [
        ((BR, IDENTITY), LEAST_BYTES, BR),
        ((BR, IDENTITY), LEAST_BYTES - 1, IDENTITY),
        ((GZIP,), 1, GZIP),
        ((), 1, None),
    ],
)
def test_what_is_tiny_is_sent_as_it_is(
    accepted: tuple[Coding, ...], size: int, expected: Coding | None
) -> None:
    """Unless the client refuses just that."""
    assert chosen_coding(accepted, size) is expected


def test_a_coding_can_be_undone_and_is_the_same_each_time() -> None:
    """No date or name of a file gets into it."""
    body = b'{"data": "' + b"cord blood " * 500 + b'"}'
    packed = {coding: compressed(body, coding) for coding in Coding}
    assert packed[IDENTITY] == body
    assert brotli.decompress(packed[BR]) == body
    assert zlib.decompress(packed[GZIP], wbits=31) == body
    assert packed[GZIP][:10] == bytes.fromhex("1f8b0800000000000003")
    assert packed == {coding: compressed(body, coding) for coding in Coding}
