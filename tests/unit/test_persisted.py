"""The store of documents that clients name by their hash."""

import hashlib
from typing import Any

import pytest

from api.persisted import PersistedDocuments, hash_of, named_hash
from api.refusal import RefusalError

_TEXT = "{ __typename }"
_HASH = hashlib.sha256(_TEXT.encode()).hexdigest()


def _message(values: dict[str, Any]) -> str:
    with pytest.raises(RefusalError) as refused:
        named_hash(values)
    assert refused.value.code == "REQUEST_INVALID"
    (error,) = refused.value.errors
    return error.message


def test_hashes_are_those_of_the_specification() -> None:
    """The two examples of the appendix on persisted documents."""
    spaced = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"
    dense = "query($id:ID!){user(id:$id){name}}"
    assert hash_of(spaced) == "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"
    assert hash_of(dense) == "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"


@pytest.mark.parametrize(
    "values",
    [
        {"documentId": f"sha256:{_HASH}"},
        {"documentId": f"sha256:{_HASH}", "query": _TEXT},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}},
        {
            "documentId": f"sha256:{_HASH}",
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}},
        },
    ],
)
def test_both_ways_to_name_a_document(values: dict[str, Any]) -> None:
    """The identifier of the specification and the extension of Apollo mean the same."""
    assert named_hash(values) == _HASH


@pytest.mark.parametrize(
    "values",
    [{}, {"query": _TEXT}, {"documentId": None}, {"extensions": {"persistedQuery": None}}],
)
def test_a_document_need_not_be_named(values: dict[str, Any]) -> None:
    """Nothing, or null, names nothing."""
    assert named_hash(values) is None


@pytest.mark.parametrize(
    "document_id",
    [
        "",
        "sha256:",
        _HASH,
        f"sha256:{_HASH.upper()}",
        f"sha256:{_HASH}0",
        f"md5:{_HASH}",
        7,
        "x" * 500,
        f"sha256:{_HASH}\n",
    ],
)
def test_another_form_of_identifier_is_refused(document_id: object) -> None:
    """Only SHA-256 in lower case names a document; long input is cut."""
    message = _message({"documentId": document_id})
    assert message.startswith("The parameter documentId must be sha256: and 64 hexadecimal digits")
    assert len(message) < 180


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        ("x", "extensions.persistedQuery must be an object with version 1."),
        ({}, "extensions.persistedQuery must be an object with version 1."),
        ({"version": True}, "extensions.persistedQuery must be an object with version 1."),
        (
            {"version": 2, "sha256Hash": _HASH},
            "extensions.persistedQuery must be an object with version 1.",
        ),
        (
            {"version": 1, "sha256Hash": "abc"},
            "extensions.persistedQuery.sha256Hash must be 64 hexadecimal digits in lower case.",
        ),
    ],
)
def test_another_form_of_the_extension_is_refused(extension: object, message: str) -> None:
    """The version and the form of the hash are checked."""
    assert _message({"extensions": {"persistedQuery": extension}}) == message


def test_names_that_contradict_are_refused() -> None:
    """Two different hashes, or a text with another hash."""
    other = "0" * 64
    extension = {"persistedQuery": {"version": 1, "sha256Hash": other}}
    both = {"documentId": f"sha256:{_HASH}", "extensions": extension}
    assert _message(both) == (
        "documentId and extensions.persistedQuery name two different documents."
    )
    assert _message({"query": _TEXT, "extensions": extension}) == (
        "The SHA-256 that names the document is not that of the text in query."
    )


def test_an_unknown_document_has_apollos_message() -> None:
    """The message and the code that clients wait for."""
    with pytest.raises(RefusalError) as refused:
        PersistedDocuments().text_of(_HASH)
    (error,) = refused.value.errors
    assert error.formatted == {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }


def _held(store: PersistedDocuments, texts: list[str]) -> list[str]:
    held = []
    for text in texts:
        try:
            held.append(store.text_of(hash_of(text)))
        except RefusalError:
            continue
    return held


def test_the_store_is_bounded_in_entries_and_bytes() -> None:
    """The least recently used ones go first; bytes count, not characters."""
    store = PersistedDocuments(max_entries=3, max_bytes=1_000)
    texts = [f"{{ a{n}: __typename }}" for n in range(4)]
    for text in texts[:3]:
        store.keep(hash_of(text), text)
    store.text_of(hash_of(texts[0]))
    store.keep(hash_of(texts[3]), texts[3])
    assert _held(store, texts) == [texts[0], texts[2], texts[3]]
    large = "#" + "中" * 325
    store.keep(hash_of(large), large)
    assert _held(store, [*texts, large]) == [texts[3], large]


def test_a_long_document_is_not_kept() -> None:
    """It would push out many others."""
    store = PersistedDocuments()
    for length, held in ((20_000, 1), (20_001, 0)):
        text = "#" * length
        store.keep(hash_of(text), text)
        assert len(_held(store, [text])) == held
