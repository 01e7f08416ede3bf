"""What the newest version deprecates or no longer has, as clients of one version meet it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from graphql import GraphQLEnumType, GraphQLSchema, resolve_schema_coordinate

from schema.lifetime import EnumReason, Lifetime
from schema.versioned_schema import VersionedSchema


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to know of a part of the contract that goes.

    Attributes:
        coordinate: The part, for instance ``Release.licence`` or ``Query.units(orderBy:)``.
        since: First version that deprecates it, or has it no more.
        removed_in: First version without it, or ``None`` while none is decided.
        replacement: What to write instead, as GraphQL, or ``None``.
    """

    coordinate: str
    since: str
    removed_in: str | None
    replacement: str | None

    def as_json(self) -> dict[str, object]:
        """Return the notice as clients read it."""
        return {
            "coordinate": self.coordinate,
            "since": self.since,
            "removedIn": self.removed_in,
            "replacement": self.replacement,
        }


def notices(served: VersionedSchema, versions: Sequence[VersionedSchema]) -> Mapping[str, Notice]:
    """Return what users of ``served`` should know, by coordinate.

    Args:
        served: The version that the client uses.
        versions: All versions that are served, oldest first; the last one decides.
    """
    newest = versions[-1]
    found = {
        coordinate: _of_lifetime(coordinate, life)
        for coordinate, life in served.lifetimes.items()
        if life.ends_by(newest.version) and not _goes_on(coordinate, life, newest)
    }
    later = [each for each in versions if each.version >= served.version]
    for notice in _of_enums(served, later):
        found[notice.coordinate] = notice
    return MappingProxyType(found)


def _goes_on(coordinate: str, life: Lifetime, newest: VersionedSchema) -> bool:
    """Tell whether another part takes over the name, with nothing for a client to do."""
    if life.deprecated or life.replacement:
        return False
    return resolve_schema_coordinate(_schema(newest), coordinate) is not None


def _of_lifetime(coordinate: str, life: Lifetime) -> Notice:
    since = life.deprecated or life.until
    if since is None:  # ends_by has seen one
        raise ValueError(f"the lifetime of {coordinate} has no end")
    return Notice(coordinate, since, life.until, life.replacement)


def _of_enums(served: VersionedSchema, later: Sequence[VersionedSchema]) -> Iterator[Notice]:
    """Yield a notice for each enum value that a later version deprecates or leaves out."""
    for type_ in _schema(served).type_map.values():
        if isinstance(type_, GraphQLEnumType) and not type_.name.startswith("__"):
            for value in type_.values:
                notice = _of_enum_value(type_.name, value, later)
                if notice is not None:
                    yield notice


def _of_enum_value(enum: str, value: str, versions: Sequence[VersionedSchema]) -> Notice | None:
    since = removed_in = replacement = None
    for version in versions:
        type_ = _schema(version).type_map.get(enum)
        found = type_.values.get(value) if isinstance(type_, GraphQLEnumType) else None
        if found is None:
            removed_in = version.version
            since = since or removed_in
            break
        if found.deprecation_reason is not None:
            since = since or version.version
            replacement = _replacement(found.deprecation_reason)
    if since is None:
        return None
    return Notice(f"{enum}.{value}", since, removed_in, replacement)


def _replacement(reason: str) -> str | None:
    return reason.replacement if isinstance(reason, EnumReason) else None


def _schema(version: VersionedSchema) -> GraphQLSchema:
    return version._schema  # noqa: SLF001 - strawberry has no public name for it
