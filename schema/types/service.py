"""What the service says of itself."""

import dataclasses
import datetime as dt
from typing import Self

import strawberry

from schema.context import Info
from schema.lifetime import lifetime
from schema.limits import LIMITS
from schema.limits import Limits as PublicLimits
from schema.types.gate import Gate
from schema.versions import VERSIONS, Version, VersionStatus
from schema.weights import VERSION_LIST


@strawberry.type(description="A version of this schema.")
class SchemaVersion:
    """One version."""

    name: str = strawberry.field(description='Year and month, for instance "2026-10".')
    status: VersionStatus = strawberry.field(description="Where the version stands in its life.")
    stable_since: dt.date | None = strawberry.field(
        description="Day from which the version is frozen; null before."
    )
    sunset: dt.date | None = strawberry.field(
        description="Day after which the version is no longer served; null while none is set."
    )
    url: str = strawberry.field(
        description="Address that answers with this version, relative to the root of the service."
    )
    successor: str | None = strawberry.field(
        description="Name of the version to move to; null while none is named.",
        metadata=lifetime(since="2027-01"),
    )
    guide: str | None = strawberry.field(
        description="Address of the guide that leads to this version from the one before, "
        "relative to the root of the service; null for the first.",
        metadata=lifetime(since="2027-01"),
    )

    @classmethod
    def of(cls, version: Version) -> Self:
        """Return the public view of a version."""
        return cls(
            name=version.name,
            status=version.status,
            stable_since=version.stable_since,
            sunset=version.sunset,
            url=f"graphql/{version.name}",
            successor=version.successor,
            guide=f"schema/migrating/{version.guide}" if version.guide else None,
        )


@strawberry.type(description="The limits that every request meets.")
class Limits:
    """The numbers of `schema.limits`."""

    max_body_bytes: int = strawberry.field(description="Bytes of a request's body.")
    max_tokens: int = strawberry.field(description="Lexical tokens of a document.")
    max_depth: int = strawberry.field(description="Levels of nested selections.")
    max_aliases: int = strawberry.field(
        description="Aliased fields of a document, counted where fragments are spread."
    )
    max_fragments: int = strawberry.field(description="Fragment definitions of a document.")
    max_root_fields: int = strawberry.field(
        description="Fields at the root of an operation, counted where fragments are spread."
    )
    max_directives: int = strawberry.field(description="Directives of a document.")
    max_fields: int = strawberry.field(
        description="Fields of an operation, counted where fragments are spread."
    )
    max_spreads: int = strawberry.field(
        description="Fragment spreads of an operation, counted where fragments are spread."
    )
    max_operations: int = strawberry.field(description="Operations of a document.")
    max_comments: int = strawberry.field(description="Comments in a document.")
    max_alias_length: int = strawberry.field(description="Characters of an alias.")
    max_literal_entries: int = strawberry.field(
        description="Entries of a list, and fields of an object, that stand in a document."
    )
    max_number_length: int = strawberry.field(
        description="Characters of a number that stands in a document."
    )
    max_overlaps: int = strawberry.field(
        description="Comparisons between fields that share a response name."
    )
    max_variable_values: int = strawberry.field(
        description="Values in the variables, counted through lists and objects."
    )
    max_variable_depth: int = strawberry.field(
        description="Levels of lists and objects in the variables."
    )
    max_cost: int = strawberry.field(
        description="Cost of an operation: one for each object that it asks for, and the weights "
        "of fields (@cost)."
    )
    max_values: int = strawberry.field(
        description="Scalars and enums that an operation asks for, counted like the cost."
    )
    default_page_size: int = strawberry.field(
        description='Items of a page when neither "first" nor "last" is given.'
    )
    max_page_size: int = strawberry.field(description='Largest "first" or "last".')
    max_ids: int = strawberry.field(
        description="Ids in one call of nodes, and entries of a list in a filter."
    )
    max_inventory_cells: int = strawberry.field(description="Cells of one inventory.")
    max_search_length: int = strawberry.field(description="Characters of a search text.")
    max_answer_bytes: int = strawberry.field(description="Bytes of an answer.")

    @classmethod
    def of(cls, limits: PublicLimits) -> Self:
        """Return the public view of the limits."""
        return cls(**dataclasses.asdict(limits))


@strawberry.type(
    description="The service itself. Live: unlike data, it is not pinned to a release."
)
class Service:
    """Versions, limits and the gate."""

    @strawberry.field(
        description="All versions of the schema, oldest first.", directives=VERSION_LIST
    )
    def versions(self) -> list[SchemaVersion]:
        """List the versions."""
        return [SchemaVersion.of(version) for version in VERSIONS]

    @strawberry.field(description="The limits that every request meets.")
    def limits(self) -> Limits:
        """Show the limits."""
        return Limits.of(LIMITS)

    @strawberry.field(
        description="Whether there is enough data to share the next release; null until the "
        "operator has looked once.",
        metadata=lifetime(since="2027-01"),
    )
    def gate(self, info: Info) -> Gate | None:
        """Show the newest look at the gate."""
        info.context.live = True
        record = info.context.catalogue.gate
        return None if record is None else Gate.of(record)
