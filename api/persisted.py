"""Documents that clients name by their hash, after the persisted-documents appendix and Apollo.

The appendix of GraphQL over HTTP names a document by ``documentId=sha256:<hex>``; Apollo's
automatic persisted queries by ``extensions.persistedQuery``. Both go to one store.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from api.refusal import RefusalError
from schema.errors import Code, quoted

MAX_ENTRIES = 2_000
"""Documents that are kept."""
MAX_BYTES = 4_000_000
"""Bytes of all documents that are kept."""
MAX_DOCUMENT_BYTES = 20_000
"""Bytes of a document that is kept; longer ones would push out too many others."""

_PREFIX = "sha256:"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DOCUMENT_ID = re.compile(_PREFIX + _HASH.pattern, re.ASCII)
_VERSION = 1


class PersistedDocuments:
    """The texts that clients registered, the latest used ones kept."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def text_of(self, document_hash: str) -> str:
        """Return the document with this hash.

        Raises:
            RefusalError: PERSISTED_QUERY_NOT_FOUND, which tells the client to send the text too.
        """
        text = self._texts.get(document_hash)
        if text is None:
            # Apollo's clients compare this very message.
            raise RefusalError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        self._texts.move_to_end(document_hash)
        return text

    def touch(self, document_hash: str) -> bool:
        """Count the document with this hash as used; tell whether there is one."""
        known = document_hash in self._texts
        if known:
            self._texts.move_to_end(document_hash)
        return known

    def keep(self, document_hash: str, text: str) -> None:
        """Keep a document that was accepted, unless it is long."""
        size = _size(text)
        if document_hash in self._texts or size > MAX_DOCUMENT_BYTES:
            return
        self._texts[document_hash] = text
        self._bytes += size
        while len(self._texts) > self._max_entries or self._bytes > self._max_bytes:
            _, oldest = self._texts.popitem(last=False)
            self._bytes -= _size(oldest)


def named_hash(values: Mapping[str, Any]) -> str | None:
    """Return the hash by which the parameters of a request name their document, if they do.

    Raises:
        RefusalError: REQUEST_INVALID if the name has another form, two names differ, or the text
            that came along has another hash.
    """
    by_id = _from_document_id(values.get("documentId"))
    by_extension = _from_extension((values.get("extensions") or {}).get("persistedQuery"))
    if by_id and by_extension and by_id != by_extension:
        raise _invalid("documentId and extensions.persistedQuery name two different documents.")
    named = by_id or by_extension
    query = values.get("query")
    if named and query and hash_of(query) != named:
        raise _invalid("The SHA-256 that names the document is not that of the text in query.")
    return named


def hash_of(text: str) -> str:
    """Return the SHA-256 of a document's text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _from_document_id(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _DOCUMENT_ID.fullmatch(value):
        raise _invalid(
            "The parameter documentId must be sha256: and 64 hexadecimal digits in lower case, "
            f"not {quoted(value)}."
        )
    return value.removeprefix(_PREFIX)


def _from_extension(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not _is_version_1(value.get("version")):
        raise _invalid("extensions.persistedQuery must be an object with version 1.")
    found = value.get("sha256Hash")
    if not isinstance(found, str) or not _HASH.fullmatch(found):
        raise _invalid(
            "extensions.persistedQuery.sha256Hash must be 64 hexadecimal digits in lower case."
        )
    return found


def _is_version_1(value: object) -> bool:
    return value == _VERSION and not isinstance(value, bool)


def _size(text: str) -> int:
    return len(text.encode())


def _invalid(message: str) -> RefusalError:
    return RefusalError(Code.REQUEST_INVALID, message)
