"""The checked-in contract."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, is_specified_directive, is_specified_scalar_type

from schema import build
from schema.freeze import drift
from schema.versions import VERSIONS

FOLDER = Path(build.__file__).parent / "sdl"
NAMES = [version.name for version in VERSIONS.served]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_the_one_that_is_checked_in(name: str) -> None:
    """A change of the contract shows in review."""
    checked_in = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    version = VERSIONS.get(name)
    assert version is not None
    assert drift(version, build.sdl(name), checked_in) is None


def test_nothing_else_is_checked_in() -> None:
    """Each file belongs to a version, retired or not."""
    files = sorted(path.stem for path in FOLDER.glob("*.graphql"))
    assert files == [version.name for version in VERSIONS]


@pytest.mark.parametrize("name", NAMES)
def test_every_element_has_a_description(name: str) -> None:
    """Types, fields, arguments, input fields and enum values are all described."""
    assert _undescribed(build_schema(build.sdl(name))) == []


def test_an_unknown_version_is_not_built() -> None:
    """No version answers for another."""
    with pytest.raises(LookupError):
        build.build_schema("2020-01")


def _undescribed(schema: GraphQLSchema) -> list[str]:
    found = []
    for type_name, type_ in schema.type_map.items():
        if type_name.startswith("__") or is_specified_scalar_type(type_):
            continue
        if not type_.description:
            found.append(type_name)
        for kind in ("fields", "values"):
            for member_name, member in getattr(type_, kind, {}).items():
                if not member.description:
                    found.append(f"{type_name}.{member_name}")
                found.extend(
                    f"{type_name}.{member_name}({argument_name}:)"
                    for argument_name, argument in getattr(member, "args", {}).items()
                    if not argument.description
                )
    found.extend(
        f"@{directive.name}"
        for directive in schema.directives
        if not is_specified_directive(directive) and not directive.description
    )
    return found
