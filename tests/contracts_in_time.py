"""A small contract with a past and a future: one part of every kind that comes, goes or changes."""

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry

from schema.lifetime import EnumReason, lifetime
from schema.versioned_schema import VersionedSchema
from schema.versions import Version, Versions, VersionStatus

TIMES = Versions(
    Version(
        "2020-01",
        VersionStatus.RETIRED,
        stable_since=dt.date(2020, 1, 15),
        deprecated_since=dt.date(2021, 1, 1),
        sunset=dt.date(2022, 1, 1),
        successor="2021-01",
    ),
    Version(
        "2021-01",
        VersionStatus.DEPRECATED,
        stable_since=dt.date(2021, 1, 10),
        deprecated_since=dt.date(2022, 6, 1),
        sunset=dt.date(2023, 6, 1),
        successor="2022-01",
    ),
    Version("2022-01", VersionStatus.STABLE, stable_since=dt.date(2022, 1, 20), guide="2027-01.md"),
    Version("2023-01", VersionStatus.CANDIDATE),
    Version("2024-01", VersionStatus.UNSTABLE),
)
"""A version in every state; the current one is 2022-01."""

RETIRED = {"2020-01": "type Query {\n  things: [String!]\n  older: Int\n}\n"}
"""Definition of the version that is no longer served."""

SERVED = [version.name for version in TIMES.served]


@strawberry.enum(name="Shade")
class EarlyShade(Enum):
    """Before 2023-01."""

    PALE = strawberry.enum_value("PALE")
    DARK = strawberry.enum_value("DARK")
    GREY = strawberry.enum_value("GREY")


@strawberry.enum(name="Shade")
class Shade(Enum):
    """Since 2023-01: GREY is gone, PALE is deprecated, BRIGHT is new."""

    PALE = strawberry.enum_value("PALE", deprecation_reason=EnumReason("BRIGHT"))
    DARK = strawberry.enum_value("DARK")
    BRIGHT = strawberry.enum_value("BRIGHT")


@strawberry.input
class Filter:
    """Input fields."""

    name: str | None = strawberry.field(
        default=None, metadata=lifetime(deprecated="2022-01", replacement="label")
    )
    label: str | None = strawberry.field(default=None, metadata=lifetime(since="2022-01"))
    kind: str | None = None
    size: int | None = strawberry.field(default=None, metadata=lifetime(until="2024-01"))


@strawberry.type
class Price:
    """What a price becomes in 2023-01."""

    amount: int


@strawberry.interface
class Named:
    """An interface whose field goes."""

    id: strawberry.ID
    title: str = strawberry.field(
        default="t",
        metadata=lifetime(until="2024-01", deprecated="2023-01", replacement="label"),
    )


@strawberry.type
class Thing(Named):
    """Fields."""

    price: int = strawberry.field(
        metadata=lifetime(until="2023-01", replacement="price { amount }")
    )

    @strawberry.field(name="price", metadata=lifetime(since="2023-01"))
    def price_object(self) -> Price:
        """The same name with another type."""
        return Price(amount=self.price)

    @strawberry.field(metadata=lifetime(since="2022-01"))
    def label(self) -> str:
        """The new name of title."""
        return self.title


OldLimit = Annotated[
    int | None,
    strawberry.argument(
        name="limit",
        metadata=lifetime(until="2024-01", deprecated="2022-01", replacement="first"),
    ),
]
NewLimit = Annotated[int | None, strawberry.argument(metadata=lifetime(since="2022-01"))]
EarlyShadeArgument = Annotated[
    EarlyShade | None, strawberry.argument(name="shade", metadata=lifetime(until="2023-01"))
]
ShadeArgument = Annotated[
    Shade | None, strawberry.argument(name="shade", metadata=lifetime(since="2023-01"))
]


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def things(
        self,
        limit: OldLimit = None,
        first: NewLimit = None,
        filter: Filter | None = None,  # noqa: A002 - as in the real contract
        early_shade: EarlyShadeArgument = None,
        shade: ShadeArgument = None,
    ) -> list[Thing]:
        """Say how it was called."""
        shades = [each.name for each in (early_shade, shade) if each]
        size = limit or first or 0
        label = filter and (filter.name or filter.label)
        return [Thing(id=strawberry.ID("1"), title=label or ",".join(shades), price=size)]

    @strawberry.field(metadata=lifetime(until="2022-01"))
    def gone(self) -> int:
        """A field without replacement."""
        return 1


def build(version: str) -> VersionedSchema:
    """Return a new schema of ``version``."""
    return VersionedSchema(version, query=Query, types=[Thing])


def build_all() -> dict[str, VersionedSchema]:
    """Return a new schema of every version that is served."""
    return {name: build(name) for name in SERVED}
