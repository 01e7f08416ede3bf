"""What clients of one version of the schema should hear of deprecations."""

import weakref
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import strawberry
from graphql import DocumentNode, GraphQLType, get_operation_ast

from api.advice import advice_headers
from api.visit import Visit
from schema.deprecations import Notice, notices
from schema.uses import Guide, Use
from schema.versioned_schema import VersionedSchema
from schema.versions import Versions

DEPRECATED = "deprecated:"
"""What the names of the counters of deprecated parts begin with; the coordinate follows."""

Key = tuple[int, str | None]
"""Identity of a document, and the name of an operation."""


class _Known(NamedTuple):
    """What is known of an operation.

    Attributes:
        document: Its document.
        uses: What it uses that goes.
        variables: Variables that may hold more of that.
    """

    document: weakref.ref[DocumentNode]
    uses: list[Use]
    variables: dict[str, GraphQLType]


class Guidance:
    """Finds what a request uses that goes; looks at each document once as long as it is kept.

    Attributes:
        notices: What goes, by coordinate.
    """

    def __init__(
        self,
        name: str,
        schema: strawberry.Schema,
        going: Mapping[str, Notice],
        versions: Versions,
    ) -> None:
        self.notices = going
        self._versions = versions
        self._version = versions.get(name)
        self._guide = Guide(schema._schema, going)  # noqa: SLF001 - no other way
        self._known: dict[Key, _Known] = {}

    def advise(
        self,
        visit: Visit,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
    ) -> None:
        """Note on ``visit`` what its answer should say of deprecations."""
        visit.uses = self.uses(document, operation_name, variables)
        visit.advice = advice_headers(self._version, visit.uses, self._versions)

    def uses(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
    ) -> list[Use]:
        """Return the uses in an operation of a valid document, and in its variables."""
        operation = get_operation_ast(document, operation_name)
        if operation is None or not self.notices:
            return []
        key = id(document), operation_name
        known = self._known.get(key)
        if known is None:
            # Forgotten together with the document, whose identity another may have then.
            reference = weakref.ref(document, lambda _: self._known.pop(key, None))
            uses = self._guide.uses_in(document, operation)
            known = _Known(reference, uses, self._guide.touched_variables(operation))
            self._known[key] = known
        if not known.variables:
            return known.uses
        in_values = self._guide.uses_in_variables(known.variables, variables)
        return list(dict.fromkeys([*known.uses, *in_values])) if in_values else known.uses


def deprecation_counters(uses: Iterable[Use]) -> set[str]:
    """Return the names of the counters of what was used, each once."""
    return {f"{DEPRECATED}{use.notice.coordinate}" for use in uses}


def notices_of_all(
    schemas: Mapping[str, strawberry.Schema],
) -> dict[str, Mapping[str, Notice]]:
    """Return, for each version, what its clients should know, by coordinate."""
    versioned = [each for each in _in_order(schemas) if isinstance(each, VersionedSchema)]
    found: dict[str, Mapping[str, Notice]] = {name: {} for name in schemas}
    for schema in versioned:
        found[schema.version] = notices(schema, versioned)
    return found


def without_deprecated(schema: strawberry.Schema, going: Mapping[str, Notice]) -> strawberry.Schema:
    """Return the schema without what goes."""
    if not going or not isinstance(schema, VersionedSchema):
        return schema
    return schema.without(going.__contains__)


def _in_order(schemas: Mapping[str, strawberry.Schema]) -> Iterable[strawberry.Schema]:
    return (schemas[name] for name in sorted(schemas))
