"""What changed in the contract from one version to another."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_schema_changes,
)
from graphql.utilities.find_schema_changes import BreakingChange, DangerousChange

from schema.versions import Version


class Severity(StrEnum):
    """What a change means for a client, the gravest first."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"
    DEPRECATED = "deprecated"


MEANINGS: Mapping[Severity, str] = {
    Severity.BREAKING: "documents that use it must change",
    Severity.DANGEROUS: "documents stay valid, but a client may meet what it does not expect",
    Severity.SAFE: "nothing to do",
    Severity.DEPRECATED: "still there; use what is named instead",
}
"""What each severity asks of a client."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        severity: What it means for a client.
        kind: What kind of change it is, for instance ``FIELD_REMOVED``.
        coordinate: The part that changed, for instance ``Release.licence``.
        description: A sentence.
    """

    severity: Severity
    kind: str
    coordinate: str
    description: str

    def as_json(self) -> dict[str, str]:
        """Return the change with its four members."""
        return {
            "severity": self.severity.value,
            "kind": self.kind,
            "coordinate": self.coordinate,
            "description": self.description,
        }


@dataclass(frozen=True)
class Comparison:
    """All changes between two versions, the gravest first, then by coordinate."""

    before: str
    after: str
    changes: Sequence[Change]

    @property
    def name(self) -> str:
        """How addresses and files name it: ``2026-10..2027-01``."""
        return f"{self.before}..{self.after}"

    def of(self, severity: Severity) -> list[Change]:
        """Return the changes of one severity."""
        return [change for change in self.changes if change.severity is severity]


def checked_in(versions: Iterable[Version]) -> dict[str, str]:
    """Return the checked-in definition of each version, retired or not, in their order."""
    folder = files("schema") / "sdl"
    return {
        version.name: (folder / f"{version.name}.graphql").read_text(encoding="utf-8")
        for version in versions
    }


def compare_versions(before: str, after: str, definitions: Mapping[str, str]) -> Comparison:
    """Compare the definitions of two versions.

    Raises:
        KeyError: There is no definition of one of them.
    """
    old, new = build_schema(definitions[before]), build_schema(definitions[after])
    return Comparison(before, after, changes_between(old, new))


def successive(definitions: Mapping[str, str]) -> list[Comparison]:
    """Compare each version with the one before it, oldest first."""
    pairs = pairwise(definitions)
    return [compare_versions(before, after, definitions) for before, after in pairs]


def changes_between(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Return the changes from one schema to another, the gravest first, then by coordinate."""
    found = [*_structural(old, new), *_deprecations(old, new)]
    order = list(Severity)
    return sorted(found, key=lambda each: (order.index(each.severity), each.coordinate, each.kind))


_COORDINATE = re.compile(
    r"(?:(?:Field|Argument|An? (?:required|optional) (?:argument|field)|Enum value|Directive"
    r"|Standard scalar|Description of(?: (?:argument|field|enum value|input-field))?"
    r"|Repeatable flag was (?:removed from|added to)|[A-Z_]+ was (?:removed from|added to)(?= @)"
    r") )?(?P<coordinate>@?\w+(?:\.\w+)?(?:\(\w+:?\))?)"
)


def _structural(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Yield what the library finds, which says in words what changed."""
    for change in find_schema_changes(old, new):
        severity = Severity.SAFE
        if isinstance(change, BreakingChange):
            severity = Severity.BREAKING
        elif isinstance(change, DangerousChange):
            severity = Severity.DANGEROUS
        match = _COORDINATE.match(change.description)
        coordinate = match["coordinate"] if match else ""
        coordinate = re.sub(r"\((\w+)\)", r"(\1:)", coordinate)
        # The whole new text of a description would bury the other changes.
        description = re.sub(r' to "(?s:.*)"\.$', ".", change.description)
        yield Change(severity, change.type.name, coordinate, description)


def _deprecations(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Yield what the library passes over: deprecations that came, went or changed."""
    before, after = dict(_reasons(old)), dict(_reasons(new))
    for coordinate, reason in after.items():
        earlier = before.get(coordinate)
        if reason is not None and earlier is None:
            text = f"{coordinate} was deprecated: {reason}"
            yield Change(Severity.DEPRECATED, "DEPRECATED", coordinate, text)
        elif reason is not None and reason != earlier:
            text = f"{coordinate} stays deprecated, with another reason: {reason}"
            yield Change(Severity.SAFE, "DEPRECATION_CHANGED", coordinate, text)
        elif reason is None and earlier is not None:
            text = f"{coordinate} is no longer deprecated."
            yield Change(Severity.SAFE, "DEPRECATION_REMOVED", coordinate, text)


def _reasons(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Yield every coordinate with the reason of its deprecation, or ``None``."""
    for name, type_ in schema.type_map.items():
        parts: Mapping[str, Any] = {}
        if isinstance(type_, GraphQLEnumType):
            parts = type_.values
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            parts = type_.fields
        for part_name, part in parts.items():
            yield f"{name}.{part_name}", part.deprecation_reason
            for argument_name, argument in getattr(part, "args", {}).items():
                coordinate = f"{name}.{part_name}({argument_name}:)"
                yield coordinate, argument.deprecation_reason
