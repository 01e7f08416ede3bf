"""Several versions of a schema out of one set of types."""

import itertools
from pathlib import Path
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions.field_extension import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from commands.schema import write_definition
from domain.failures import Refused
from schema.build import build_schema
from schema.freeze import drift
from schema.lifetime import lifetime, lifetime_of
from schema.versioned_schema import LifetimeError, VersionedSchema
from schema.versions import VERSIONS
from tests.contracts_in_time import SERVED, TIMES, build


def _coordinates(schema: GraphQLSchema) -> set[str]:
    """Return the coordinates of all fields, arguments and input fields."""
    found = set()
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        for field_name, field in getattr(type_, "fields", {}).items():
            found.add(f"{name}.{field_name}")
            found |= {f"{name}.{field_name}({each}:)" for each in getattr(field, "args", {})}
    return found


def _declared(schema: VersionedSchema) -> set[str]:
    """Return what the Strawberry types declare alive, read from the types and nothing else."""
    found = set()
    convert = schema.config.name_converter.get_graphql_name
    for concrete in schema.schema_converter.type_map.values():
        definition = concrete.definition
        if not isinstance(definition, StrawberryObjectDefinition):
            continue
        for field in definition.fields:
            if lifetime_of(field.metadata).alive(schema.version):
                place = f"{definition.name}.{convert(field)}"
                found.add(place)
                for argument in field.arguments:
                    if lifetime_of(argument.metadata).alive(schema.version):
                        found.add(f"{place}({convert(argument)}:)")
    return found


@pytest.mark.parametrize("order", list(itertools.permutations(SERVED)), ids=" ".join)
def test_what_is_declared_alive_is_built_in_whatever_order(order: tuple[str, ...]) -> None:
    """Fields, arguments and input fields of each version; none is lost, added or swapped."""
    built = [build(version) for version in order]
    for schema in built:
        assert _coordinates(schema._schema) == _declared(schema)
        assert schema.definition() == build(schema.version).definition()


def test_what_is_declared_alive_is_built_in_the_real_versions() -> None:
    """The same for the contract itself, which has thousands of lines."""
    for version in [*VERSIONS.served, *reversed(VERSIONS.served)]:
        schema = build_schema(version.name)
        assert _coordinates(schema._schema) == _declared(schema)
        assert len(_declared(schema)) > 100
        again = schema.without(lambda _coordinate: False)
        assert again.definition() == schema.definition()


def test_the_small_contract_is_what_it_says() -> None:
    """One look at each kind of change."""
    early, late = (_coordinates(build(name)._schema) for name in ("2021-01", "2024-01"))
    assert early - late == {
        "Query.gone",
        "Query.things(limit:)",
        "Filter.size",
        "Named.title",
        "Thing.title",
    }
    assert late - early == {
        "Query.things(first:)",
        "Filter.label",
        "Price.amount",
        "Thing.label",
    }
    types = {name: str(build(name)._schema.type_map["Thing"].fields["price"].type)  # type: ignore[attr-defined]
             for name in SERVED}  # fmt: skip
    assert types == {"2021-01": "Int!", "2022-01": "Int!", "2023-01": "Price!", "2024-01": "Price!"}
    values = {name: list(build(name)._schema.type_map["Shade"].values) for name in SERVED}  # type: ignore[attr-defined]
    assert values["2022-01"] == ["PALE", "DARK", "GREY"]
    assert values["2023-01"] == ["PALE", "DARK", "BRIGHT"]


@pytest.mark.parametrize(
    ("version", "document", "answer"),
    [
        ("2021-01", "{ things(limit: 3, shade: GREY) { title price } }",
         {"title": "GREY", "price": 3}),
        ("2022-01", '{ things(first: 4, filter: {label: "x"}) { label price } }',
         {"label": "x", "price": 4}),
        ("2023-01", "{ things(first: 5, shade: BRIGHT) { label price { amount } } }",
         {"label": "BRIGHT", "price": {"amount": 5}}),
    ],
)  # fmt: skip
def test_each_version_answers_in_its_own_way(
    version: str, document: str, answer: dict[str, Any]
) -> None:
    """One set of resolvers serves all, with what each version has."""
    result = build(version).execute_sync(document)
    assert result.errors is None
    assert result.data == {"things": [answer]}


def test_a_part_is_deprecated_from_its_version_on() -> None:
    """Not before, and an argument like a field."""
    before, after = build("2021-01").definition(), build("2022-01").definition()
    assert "@deprecated" not in before
    assert 'limit: Int @deprecated(reason: "Use first.")' in after
    assert 'name: String @deprecated(reason: "Use label.")' in after


def test_two_living_fields_of_one_name_are_refused() -> None:
    """The message names the type, the field, the version, both places and both lifetimes."""

    @strawberry.type
    class Root:
        one: int = strawberry.field(name="price", metadata=lifetime(until="2022-01"))
        two: str = strawberry.field(name="price", metadata=lifetime(since="2021-01"))

    assert VersionedSchema("2020-01", query=Root).version == "2020-01"
    assert VersionedSchema("2022-01", query=Root).version == "2022-01"
    with pytest.raises(LifetimeError) as caught:
        VersionedSchema("2021-01", query=Root)
    assert str(caught.value) == (
        "Root has two living parts named price in version 2021-01: one (the first version up to "
        "2022-01) and two (2021-01 up to any later one). Give them lifetimes that do not overlap."
    )


def test_two_living_arguments_or_input_fields_of_one_name_are_refused() -> None:
    """They would silently replace each other, as fields would."""

    @strawberry.type
    class WithArguments:
        @strawberry.field
        def price(
            self,
            one: Annotated[int, strawberry.argument(name="size")] = 0,
            two: Annotated[int, strawberry.argument(name="size")] = 0,
        ) -> int:
            return one or two

    with pytest.raises(LifetimeError, match=r"^WithArguments\.price has two .* named size"):
        VersionedSchema("2021-01", query=WithArguments)

    @strawberry.input
    class Given:
        one: int = strawberry.field(name="size", default=0)
        two: int = strawberry.field(name="size", default=0)

    @strawberry.type
    class WithInput:
        @strawberry.field
        def price(self, given: Given) -> int:
            return given.one

    with pytest.raises(LifetimeError, match=r"^Given has two living parts named size"):
        VersionedSchema("2021-01", query=WithInput)


class _Adding(FieldExtension):
    """Gives its field an argument, as Relay's connections do, and remembers the field."""

    def __init__(self) -> None:
        self.applied: list[StrawberryField] = []

    def apply(self, field: StrawberryField) -> None:
        self.applied.append(field)
        argument = StrawberryArgument("size", None, StrawberryAnnotation(int))
        field.arguments = [*field.arguments, argument]

    def resolve(self, *_: Any, **kwargs: Any) -> Any:
        return kwargs["size"]


def test_an_extension_of_a_field_does_its_work_in_every_version() -> None:
    """Arguments do not pile up on the shared field, nor get lost in the second schema."""
    extension = _Adding()

    @strawberry.type
    class Root:
        sized: int = strawberry.field(extensions=[extension], default=0)

        @strawberry.field(extensions=[extension])
        def resolved(self, also: int = 1) -> int:
            return also

    for version in ("2021-01", "2022-01", "2021-01"):
        schema = VersionedSchema(version, query=Root)
        assert _coordinates(schema._schema) == {
            "Root.sized",
            "Root.sized(size:)",
            "Root.resolved",
            "Root.resolved(also:)",
            "Root.resolved(size:)",
        }


def test_a_directive_of_a_hidden_field_is_not_in_the_definition() -> None:
    """What a later version uses does not change an earlier, frozen one."""

    @strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="later")
    class Later:
        why: str

    @strawberry.type
    class Root:
        a: int
        b: int = strawberry.field(metadata=lifetime(since="2022-01"), directives=[Later(why="x")])

    assert "later" not in VersionedSchema("2021-01", query=Root).definition()
    assert 'b: Int! @later(why: "x")' in VersionedSchema("2022-01", query=Root).definition()


def test_a_schema_can_leave_parts_out() -> None:
    """Fields, arguments, input fields and enum values; and types that only they led to."""
    dropped = {"Thing.price", "Query.things(first:)", "Filter.name", "Shade.DARK"}
    rest = build("2023-01").without(dropped.__contains__)
    coordinates = _coordinates(rest._schema)
    assert not coordinates & dropped
    assert "Price" not in rest._schema.type_map
    assert list(rest._schema.type_map["Shade"].values) == ["PALE", "BRIGHT"]  # type: ignore[attr-defined]
    assert _coordinates(build("2023-01")._schema) - coordinates == {
        "Thing.price", "Price.amount", "Query.things(first:)", "Filter.name",
    }  # fmt: skip


def test_a_type_is_never_left_empty() -> None:
    """GraphQL has no empty types, and a service that cannot start helps nobody."""
    dropped = {"Filter.name", "Filter.label", "Filter.kind", "Filter.size"}
    dropped |= {"Shade.PALE", "Shade.DARK", "Shade.BRIGHT"}
    assert build("2023-01").without(dropped.__contains__).definition() == (
        build("2023-01").definition()
    )


def test_a_frozen_version_may_not_change_by_one_byte(tmp_path: Path) -> None:
    """The test fails and the command refuses, for a description as for a field."""
    stable, candidate = TIMES.get("2022-01"), TIMES.get("2023-01")
    assert stable is not None
    assert candidate is not None
    text = build("2022-01").definition()
    assert drift(stable, text, text) is None
    changed = text.replace("first: Int", "first:  Int")
    fault = drift(stable, changed, text)
    assert fault is not None
    assert "2022-01" in fault
    assert "frozen byte for byte" in fault
    write_definition(stable, text, tmp_path)
    write_definition(stable, text, tmp_path)
    with pytest.raises(Refused, match="frozen byte for byte"):
        write_definition(stable, changed, tmp_path)
    assert (tmp_path / "2022-01.graphql").read_text() == text
    write_definition(candidate, text, tmp_path)
    write_definition(candidate, changed, tmp_path)
    assert (tmp_path / "2023-01.graphql").read_text() == changed
    assert "make sdl" in str(drift(candidate, text, changed))
