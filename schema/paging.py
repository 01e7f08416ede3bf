"""Relay paging: which page a field was asked for, and the cursors that mark places."""

import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schema.errors import Code, ContractError, quoted
from schema.limits import LIMITS

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_RELEASE = re.compile(r"[a-z]+@([1-9][0-9]{0,8})[/|]", re.ASCII)
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)


def cursor(scope: str, key: str) -> str:
    """Return the cursor of a place in a list: its list, release and order, and an item's key there.

    Cursors are opaque to clients but neither secret nor signed, so that every mirror of a release
    answers with the same bytes.
    """
    raw = binascii.b2a_base64(f"{scope}|{key}".encode(), newline=False)
    return raw.rstrip(b"=").translate(_URL_SAFE).decode()


def read_cursor(text: str, scope: str, argument: str) -> str:
    """Return the key that the cursor ``text`` marks in the list named by ``scope``.

    Raises:
        ContractError: ``text`` is no cursor of ours, or one of another list, release or order.
    """
    found, separator, key = _decode(text).partition("|")
    if not separator or not key:
        raise ContractError(
            Code.INVALID_CURSOR,
            f'Argument "{argument}": {quoted(text)} is not a cursor of this service. Use a cursor '
            "from an edge or from pageInfo.",
        )
    if found != scope:
        raise ContractError(
            Code.INVALID_CURSOR,
            f'Argument "{argument}": this cursor belongs to {_scope_text(found)}, and this list '
            f"is {_scope_text(scope)}. A cursor serves only the release and order it came from.",
        )
    return key


def release_of(text: str) -> int | None:
    """Return the release whose list the cursor ``text`` belongs to; ``None`` if it tells none."""
    found = _RELEASE.match(_decode(text))
    return None if found is None else int(found[1])


def _decode(text: str) -> str:
    if not _CURSOR.fullmatch(text):
        return ""
    padded = text.encode().translate(_STANDARD) + b"=" * (-len(text) % 4)
    try:
        raw = binascii.a2b_base64(padded, strict_mode=True)
        decoded = raw.decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    canonical = binascii.b2a_base64(raw, newline=False) == padded
    return decoded if canonical and decoded.isprintable() else ""


def _scope_text(scope: str) -> str:
    name, _, rest = scope.partition("@")
    release, _, order = rest.partition("/")
    if not release:
        return quoted(name)
    return f'"{name}" of release {release}' + (f" in the order {order}" if order else "")


@dataclass(frozen=True)
class PageRequest:
    """A valid combination of first, after, last and before.

    Attributes:
        size: Items wanted, at most.
        key: The key that the cursor marks, or ``None`` to start at the end of the list.
        backward: Whether to go towards the start.
    """

    size: int
    key: str | None
    backward: bool


def page_request(
    scope: str,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> PageRequest:
    """Check the four paging arguments of a list.

    Raises:
        ContractError: the arguments contradict each other, or a size or cursor is invalid.
    """
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        raise ContractError(
            Code.INVALID_ARGUMENT,
            'Give "first" with "after" to page forward, or "last" with "before" to page '
            "backward, not a mixture.",
        )
    name, size = ("last", last) if backward else ("first", first)
    if size is None:
        size = LIMITS.default_page_size
    if not 0 <= size <= LIMITS.max_page_size:
        raise ContractError(
            Code.INVALID_ARGUMENT,
            f'Argument "{name}" must be between 0 and {LIMITS.max_page_size}, not {size}.',
        )
    cursor_name, cursor = ("before", before) if backward else ("after", after)
    key = None if cursor is None else read_cursor(cursor, scope, cursor_name)
    return PageRequest(size, key, backward)


@dataclass(frozen=True)
class Page(Generic[T_co]):
    """Items of a list in its own order, and whether it goes on at either side."""

    items: Sequence[T_co]
    has_previous: bool
    has_next: bool


def cut_page(items: Sequence[T], key_of: Callable[[T], str], request: PageRequest) -> Page[T]:
    """Cut a page out of a whole list that is ordered by ``key_of``, ascending."""
    keys = [key_of(item) for item in items]
    if request.backward:
        end = len(items)
        if request.key is not None:
            end = sum(1 for key in keys if key < request.key)
        start = max(0, end - request.size)
    else:
        start = 0
        if request.key is not None:
            start = sum(1 for key in keys if key <= request.key)
        end = min(len(items), start + request.size)
    return Page(items[start:end], has_previous=start > 0, has_next=end < len(items))
