"""The costs of documents, kept where they do not depend on variables."""

import weakref
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLSchema

from schema.cost import Cost, cost_of

Key = tuple[int, str | None]
"""Identity of a document, and the name of an operation."""


class Costs:
    """The costs of the documents of one schema, each as long as the document is kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[Key, tuple[weakref.ref[DocumentNode], Cost]] = {}

    def of(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
    ) -> Cost:
        """Return the cost of an operation, as `schema.cost.cost_of` does.

        Raises:
            LookupError: There is no such operation.
        """
        key = id(document), operation_name
        known = self._known.get(key)
        if known is not None:
            return known[1]
        cost = cost_of(self._schema, document, operation_name, variables)
        if not cost.varies:
            # Forgotten together with the document, whose identity another may have then.
            reference = weakref.ref(document, lambda _: self._known.pop(key, None))
            self._known[key] = reference, cost
        return cost
