"""Documents are checked once and kept in bounded room."""

import pytest
from graphql import DocumentNode

from api.documents import KEPT_CHARACTERS, MAX_KEPT_LENGTH, Documents
from api.refusal import RefusalError
from schema.build import build_schema
from schema.errors import Code
from schema.limits import LIMITS


@pytest.fixture
def documents() -> Documents:
    """The documents of 2026-10, none accepted yet."""
    return Documents(build_schema("2026-10")._schema, LIMITS)


def _accept(documents: Documents, text: str) -> DocumentNode:
    return documents.accept(text, safe=True)


def test_an_accepted_document_is_kept(documents: Documents) -> None:
    """The second time the same tree is given."""
    assert _accept(documents, "{ __typename }") is _accept(documents, "{ __typename }")


def test_a_refused_document_is_not_kept(documents: Documents) -> None:
    """It is refused again, with the same code."""
    for _ in range(2):
        with pytest.raises(RefusalError) as refusal:
            _accept(documents, "{ nothing }")
        assert refusal.value.code is Code.DOCUMENT_INVALID


def test_the_least_used_documents_make_room(documents: Documents) -> None:
    """Used ones stay, and the text that is kept is bounded."""
    used = _accept(documents, "{ a: __typename }")
    unused = _accept(documents, "{ b: __typename }")
    for number in range(KEPT_CHARACTERS // MAX_KEPT_LENGTH):
        _accept(documents, f"{{ c{number}: __typename }}".ljust(MAX_KEPT_LENGTH))
        assert _accept(documents, "{ a: __typename }") is used
    assert _accept(documents, "{ b: __typename }") is not unused


def test_a_long_document_pushes_nothing_out(documents: Documents) -> None:
    """It is checked each time."""
    text = "{ __typename }".ljust(MAX_KEPT_LENGTH + 1)
    assert _accept(documents, text) is not _accept(documents, text)


@pytest.mark.parametrize("text", ["mutation { a }", "{ __typename } subscription B { a }"])
def test_only_queries_are_safe(documents: Documents, text: str) -> None:
    """What came by GET may not change anything."""
    with pytest.raises(RefusalError) as refusal:
        documents.accept(text, safe=True)
    assert refusal.value.code is Code.METHOD_NOT_ALLOWED
    assert refusal.value.headers == {"Allow": "POST"}
    with pytest.raises(RefusalError) as refusal:
        documents.accept(text, safe=False)
    assert refusal.value.code is Code.DOCUMENT_INVALID
