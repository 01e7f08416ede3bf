"""Bytes cut into numbered lines, and the limits of a line."""

import pytest

from publishing.intake.faults import Code, FileFaultError
from publishing.intake.lines import MAXIMUM_LINE, Lines


def _lines(*pieces: bytes) -> list[tuple[int, str]]:
    lines = Lines()
    found = [(lines.number, line) for piece in pieces for line in lines.feed(piece)]
    return found + [(lines.number, line) for line in lines.close()]


def test_lines_lose_their_ends() -> None:
    """LF and CR LF end a line, also across pieces; a lone CR and other separators do not."""
    assert _lines(b"a\r", b"\nb\n\nc\rd\x0b\xe2", b"\x80\xa8e") == [
        (1, "a"),
        (2, "b"),
        (3, ""),
        (4, "c\rd\x0b\u2028e"),
    ]


def test_a_mark_counts_at_the_beginning_only() -> None:
    """A byte order mark is taken off the first line, and is content in others."""
    assert _lines("\ufeffa\n\ufeffb\n".encode()) == [(1, "a"), (2, "\ufeffb")]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_longest_line_passes(end: bytes) -> None:
    """1,048,576 bytes are a line; one more is a fault with its number, ended or not."""
    longest = b"1" * MAXIMUM_LINE
    assert _lines(b"a\n" + longest + end) == [(1, "a"), (2, "1" * MAXIMUM_LINE)]

    with pytest.raises(FileFaultError) as raised:
        _lines(b"a\n" + longest, b"1" + end)

    assert (raised.value.finding.code, raised.value.finding.line) == (Code.TEXT_TOO_LONG, 2)
