"""Public identifiers: ``cbu_`` + 20 hex, ``bnk_BJ``, ``ind_AML``, ``rel_3``."""

import hmac
import re
from enum import StrEnum

_UNIT_ID = re.compile(r"cbu_[0-9a-f]{20}", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Kind(StrEnum):
    """What an identifier names; the value is its prefix."""

    UNIT = "cbu"
    BANK = "bnk"
    INDICATION = "ind"
    RELEASE = "rel"


class InvalidIdentifierError(ValueError):
    """A text that is no identifier of ours."""


def unit_id(key: bytes, bank: str, unit_number: str) -> str:
    """Return the public id of a unit: HMAC-SHA256 under the scheme's ``key``, cut to 80 bits.

    The bank code and the bank's own number are joined by a byte that neither can hold, so that
    no two pairs collide by concatenation. At 5 million units the chance of any collision in 80
    bits is about 1e-11; the primary key would refuse it.
    """
    message = f"{bank}\x1f{unit_number}".encode()
    return "cbu_" + hmac.digest(key, message, "sha256").hex()[:20]


def draw_rank(key: bytes, unit: str) -> bytes:
    """Return the place of a unit in draws: an HMAC of its id under ``key`` that is never shown."""
    return hmac.digest(key, f"draw\x1f{unit}".encode(), "sha256")


def bank_id(code: str) -> str:
    """Return the node id of the bank ``code``."""
    return f"bnk_{code}"


def indication_id(code: str) -> str:
    """Return the node id of the indication ``code``."""
    return f"ind_{code}"


def release_id(number: int) -> str:
    """Return the node id of release ``number``."""
    return f"rel_{number}"


def is_unit_id(text: str) -> bool:
    """Tell whether ``text`` has the form of a unit's id."""
    return _UNIT_ID.fullmatch(text) is not None


def parse(text: str) -> tuple[Kind, str]:
    """Split an id into its kind and its key (unit ids keep their prefix).

    Raises:
        InvalidIdentifierError: ``text`` has not the form of any of our ids.
    """
    if is_unit_id(text):
        return Kind.UNIT, text
    prefix, _, key = text.partition("_")
    if prefix in (Kind.BANK, Kind.INDICATION) and _CODE.fullmatch(key):
        return Kind(prefix), key
    if prefix == Kind.RELEASE and _NUMBER.fullmatch(key):
        return Kind.RELEASE, key
    raise InvalidIdentifierError(
        "an id is cbu_ and 20 hexadecimal digits, bnk_ or ind_ and a code, or rel_ and a number"
    )
