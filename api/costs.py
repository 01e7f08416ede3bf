"""The costs of documents, kept as long as their documents, or for some values of variables."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLSchema

from api.shelf import Shelf
from schema.cost import Cost, cost_of

Key = tuple[int, str | None]
"""Identity of a document, and the name of an operation."""

_MAX_BYTES = 4_000_000
"""Bytes of the costs that depend on variables."""
_BYTES_PER_CHARACTER = 500
"""Bytes that a cost takes for each character of its document, at most."""
_MOST_PATHS = 4
_LONGEST_VALUES = 500


@dataclass(slots=True)
class _Known:
    """What is known of one operation.

    Attributes:
        document: Its document, whose identity another may have once it is gone.
        number: A number that no other has.
        cost: Its cost, if that does not depend on variables.
        paths: The variables that its cost was found to depend on: one set for each way through
            its conditions.
    """

    document: weakref.ref[DocumentNode]
    number: int
    cost: Cost | None = None
    paths: set[frozenset[str]] = field(default_factory=set)


class Costs:
    """The costs of the documents of one schema, each as long as the document is kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[Key, _Known] = {}
        self._numbers = count()
        self._varying: Shelf[tuple[int, frozenset[str], bytes], Cost] = Shelf(_MAX_BYTES)

    def of(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
    ) -> Cost:
        """Return the cost of an operation, as `schema.cost.cost_of` does.

        Raises:
            LookupError: There is no such operation.
        """
        known = self._known.get((id(document), operation_name))
        cost = None if known is None else self._kept(known, variables)
        if cost is None:
            cost = cost_of(self._schema, document, operation_name, variables)
            self._keep(cost, document, operation_name, variables)
        return cost

    def _kept(self, known: _Known, variables: Mapping[str, Any]) -> Cost | None:
        """Return the cost if it is known that nothing else could come out."""
        if known.cost is not None:
            return known.cost
        for names in known.paths:
            cost = self._varying.get((known.number, names, _values(names, variables)))
            if cost is not None:
                return cost
        return None

    def _keep(
        self,
        cost: Cost,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
    ) -> None:
        key = id(document), operation_name
        if key not in self._known:
            # Forgotten together with the document.
            reference = weakref.ref(document, lambda _: self._known.pop(key, None))
            self._known[key] = _Known(reference, next(self._numbers))
        known = self._known[key]
        if not cost.variables:
            known.cost = cost
            return
        if len(known.paths) < _MOST_PATHS:
            known.paths.add(cost.variables)
        values = _values(cost.variables, variables)
        if cost.variables in known.paths and len(values) <= _LONGEST_VALUES:
            length = document.loc.end if document.loc else 0
            size = _BYTES_PER_CHARACTER * (length + len(values))
            self._varying.put((known.number, cost.variables, values), cost, size)


def _values(names: frozenset[str], variables: Mapping[str, Any]) -> bytes:
    """Return the values of variables in JSON; those that are not given are left out."""
    given = {name: variables[name] for name in sorted(names) if name in variables}
    return orjson.dumps(given)
