"""Public identifiers."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import InvalidIdentifierError, Kind, parse, unit_id

KEY = b"k" * 32


def test_a_unit_id_is_the_head_of_an_hmac() -> None:
    """The id is HMAC-SHA256 of bank and number under the key, cut to 20 hex digits."""
    expected = hmac.new(KEY, b"BJ\x1f0001", hashlib.sha256).hexdigest()[:20]
    assert unit_id(KEY, "BJ", "0001") == f"cbu_{expected}"


def test_unit_ids_depend_on_key_bank_and_number() -> None:
    """No two of these share an id, not even those whose texts join to the same."""
    ids = {
        unit_id(KEY, "BJ", "0001"),
        unit_id(KEY, "TJ", "0001"),
        unit_id(KEY, "BJ", "0002"),
        unit_id(KEY, "BJ0", "001"),
        unit_id(b"x" * 32, "BJ", "0001"),
    }
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("cbu_0123456789abcdef0123", (Kind.UNIT, "cbu_0123456789abcdef0123")),
        ("bnk_BJ", (Kind.BANK, "BJ")),
        ("ind_MPS1", (Kind.INDICATION, "MPS1")),
        ("rel_3", (Kind.RELEASE, "3")),
    ],
)
def test_ids_are_split_into_kind_and_key(text: str, parsed: tuple[Kind, str]) -> None:
    """Each prefix names its kind."""
    assert parse(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cbu_",
        "cbu_0123456789ABCDEF0123",
        "cbu_0123456789abcdef012",
        "cbu_0123456789abcdef01234",
        "cbu_0123456789abcdef0123\n",
        "bnk_bj",
        "bnk_",
        "rel_0",
        "rel_03",
        "rel_-1",
        "rel_٣",
        "rel_9999999999",
        "unit_1",
        "bnk_BJ\x00",
    ],
)
def test_other_texts_are_no_ids(text: str) -> None:
    """Nothing but the exact form is taken."""
    with pytest.raises(InvalidIdentifierError):
        parse(text)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """Parsing never fails in another way, and what it takes it can give back."""
    try:
        kind, key = parse(text)
    except InvalidIdentifierError:
        return
    assert text == (key if kind is Kind.UNIT else f"{kind}_{key}")
