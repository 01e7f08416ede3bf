"""Builds the schema of a version."""

from functools import cache

from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from schema.query import Query
from schema.scalars import SCALARS
from schema.types.bank import Bank
from schema.types.indication import Indication
from schema.types.release import Release
from schema.types.unit import CordBloodUnit
from schema.versioned_schema import VersionedSchema
from schema.versions import VERSIONS


class KeptNames(NameConverter):
    """Makes each name once: Strawberry asks for those of all arguments in every request."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, str] = {}

    def apply_naming_config(self, name: str) -> str:
        """Return the name in GraphQL of a name in Python; these are few."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = super().apply_naming_config(name)
        return known


@cache
def build_schema(version: str) -> VersionedSchema:
    """Return the schema of ``version``, built once in each process.

    Raises:
        LookupError: There is no such version, or it is retired.
    """
    if version not in {each.name for each in VERSIONS.served}:
        raise LookupError(f"there is no schema version {version}")
    return VersionedSchema(
        version,
        query=Query,
        types=(Bank, CordBloodUnit, Indication, Release),
        config=StrawberryConfig(scalar_map=SCALARS, name_converter=KeptNames()),
    )


def sdl(version: str) -> str:
    """Return the schema definition of ``version`` in the form that is checked in."""
    return build_schema(version).definition()
