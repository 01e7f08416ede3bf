"""Entity tags: strong ones of an answer's bytes, and what a client has already."""

import hashlib
from collections.abc import Sequence

_DIGITS = 32


def etag_of(*parts: bytes) -> str:
    """Return the strong tag of a representation that consists of ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return f'"{digest.hexdigest()[:_DIGITS]}"'


def is_known(if_none_match: Sequence[str], tag: str) -> bool:
    """Tell whether the values of ``If-None-Match`` name ``tag``; weak tags compare as strong ones.

    See RFC 9110, section 13.1.2.
    """
    named = (each.strip().removeprefix("W/") for line in if_none_match for each in line.split(","))
    return any(each in (tag, "*") for each in named)
