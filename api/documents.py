"""From the text of a document to a tree that is within limits and valid; kept for the next time."""

import asyncio
from collections import OrderedDict

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.limits import check_document, exceeded
from api.refusal import RefusalError
from schema.errors import Code
from schema.limits import LIMITS, Limits

MAX_ERRORS = 10
"""Most errors in one answer."""
KEPT_CHARACTERS = 200_000
"""Text of the documents that are kept per version; a tree takes 120 to 280 bytes a character."""
MAX_KEPT_LENGTH = 10_000
"""Characters of a document that is kept; longer ones would push out too many others."""

overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = LIMITS.max_overlaps  # its only setting


class Documents:
    """The documents that one version of the schema has accepted, the latest used ones kept."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, DocumentNode] = OrderedDict()
        self._characters = 0

    def accept(self, text: str, *, safe: bool) -> DocumentNode:
        """Return the tree of ``text``; with ``safe`` only if all its operations are queries.

        Raises:
            RefusalError: The text is too long, no GraphQL, asks for too much, is not valid, or
                not safe (METHOD_NOT_ALLOWED).
        """
        document = self.known(text)
        if document is None:
            document = self._parsed(text, safe=safe)
            self._validate(document)
            self._keep(text, document)
        return document

    def known(self, text: str) -> DocumentNode | None:
        """Return the tree of ``text`` if it was accepted before and is kept."""
        document = self._kept.get(text)
        if document is not None:
            self._kept.move_to_end(text)
        return document

    def examine(self, text: str) -> DocumentNode:
        """Return the tree of ``text`` as `accept` would, without keeping it.

        Raises:
            RefusalError: As `accept`.
        """
        document = self._parsed(text, safe=False)
        self._validate(document)
        return document

    async def admit(self, text: str, *, safe: bool) -> DocumentNode:
        """Do as `accept`, and let others work between the steps for a new document.

        Raises:
            RefusalError: As `accept`.
        """
        known = self.known(text)
        if known is not None:
            return known
        document = self._parsed(text, safe=safe)
        await asyncio.sleep(0)
        self._validate(document)
        self._keep(text, document)
        await asyncio.sleep(0)
        return document

    def _parsed(self, text: str, *, safe: bool) -> DocumentNode:
        document = _parsed(text, self._limits)
        if safe:
            _require_queries(document)
        check_document(document, self._limits)
        return document

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(self._schema, document, max_errors=MAX_ERRORS - 1)
        if any(error.message == "Validation aborted." for error in errors):
            most = self._limits.max_overlaps
            raise exceeded("comparisons of fields with one response name", None, most)
        if errors:
            raise RefusalError(Code.DOCUMENT_INVALID, *errors)

    def _keep(self, text: str, document: DocumentNode) -> None:
        if len(text) > MAX_KEPT_LENGTH or text in self._kept:
            return
        self._kept[text] = document
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS:
            oldest, _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)


def _parsed(text: str, limits: Limits) -> DocumentNode:
    if len(text) > limits.max_body_bytes:
        raise exceeded("characters of a document", len(text), limits.max_body_bytes)
    try:
        return parse(text, max_lexical_tokens=limits.max_tokens, max_comments=limits.max_comments)
    except GraphQLError as error:
        raise _refusal_of(error, limits) from None


def _refusal_of(error: GraphQLError, limits: Limits) -> RefusalError:
    """Tell the parser's limits, which it only puts in words, from errors of syntax."""
    if not error.message.endswith("Parsing aborted."):
        return RefusalError(Code.DOCUMENT_SYNTAX, error)
    if "comments" in error.message:
        return exceeded("comments", None, limits.max_comments)
    if "tokens" in error.message:
        return exceeded("tokens", None, limits.max_tokens)
    return exceeded("depth", None, limits.max_depth)


def _require_queries(document: DocumentNode) -> None:
    # What is kept needs no second look: there is no mutation that validation would let pass.
    for definition in document.definitions:
        if (
            isinstance(definition, OperationDefinitionNode)
            and definition.operation is not OperationType.QUERY
        ):
            raise RefusalError(
                Code.METHOD_NOT_ALLOWED,
                "Only a query can be asked by GET, HEAD or QUERY.",
                headers={"Allow": "POST"},
            )
