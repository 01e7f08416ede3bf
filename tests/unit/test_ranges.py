"""Which parts of a file a request asks for."""

import pytest

from api.files.ranges import MOST_RANGES, Part, UnsatisfiableError, parts


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-", [(0, 100)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=90-1000", [(90, 100)]),
        ("bytes=-1", [(99, 100)]),
        ("bytes=-1000", [(0, 100)]),
        ("Bytes = 5-9", [(5, 10)]),
        ("bytes=0-9, 20-29", [(0, 10), (20, 30)]),
        ("bytes=20-29,0-9", [(20, 30), (0, 10)]),
        ("bytes=,0-9,, ,20-29,", [(0, 10), (20, 30)]),
        ("bytes=0-9,200-300", [(0, 10)]),
        ("bytes=0-9,-0", [(0, 10)]),
        ("bytes=0-50,10-60,20-70", [(0, 51), (10, 61), (20, 71)]),
        ("bytes=000-0099", [(0, 100)]),
    ],
)
def test_parts_are_read_and_cut_at_the_end(header: str, expected: list[tuple[int, int]]) -> None:
    """They come in the order of the request; what lies behind the end is left out."""
    assert parts(header, 100) == [Part(*each) for each in expected]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=0-9,5-4",
        "bytes=0 - 9",
        "bytes=--5",
        "bytes=0-9-",
        "bytes=+1-2",
        "bytes=1.0-2",
        "bytes=\u0660-\u0669",
        "bytes=0-9;20-29",
        "items=0-9",
        "octets=0-9",
        "0-9",
        "bytes=9999999999999999999999-",
    ],
)
def test_what_is_not_understood_is_ignored(header: str | None) -> None:
    """The client gets the whole file, as RFC 9110 wants it for other units."""
    assert parts(header, 100) is None


@pytest.mark.parametrize(
    "header",
    [
        "bytes=100-",
        "bytes=-0",
        "bytes=100-200,300-",
        "bytes=" + ",".join(f"{2 * place}-{2 * place}" for place in range(MOST_RANGES + 1)),
        "bytes=" + "0-," * 5_000,
        "bytes=0-,0-,0-,0-",
        "bytes=0-90,1-2,3-4,5-6",
        "bytes=" + "1" * 3_000 + "-",
    ],
)
def test_too_much_or_nothing_is_refused(header: str) -> None:
    """Also thousands of small or overlapping parts, which would make a little request dear."""
    with pytest.raises(UnsatisfiableError):
        parts(header, 100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_an_empty_file_has_no_parts(header: str) -> None:
    """There is nothing to send a part of."""
    with pytest.raises(UnsatisfiableError):
        parts(header, 0)


def test_fifty_parts_are_sent() -> None:
    """What a reader of Parquet may want at once."""
    header = "bytes=" + ",".join(f"{2 * place}-{2 * place}" for place in range(MOST_RANGES))
    found = parts(header, 1_000)
    assert found is not None
    assert len(found) == MOST_RANGES


def test_a_part_says_where_it_is() -> None:
    """As ``Content-Range`` says it: both ends included."""
    assert Part(10, 20).of(100) == "bytes 10-19/100"
    assert Part(10, 20).size == 10
