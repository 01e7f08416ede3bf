"""Executors that are made from what is known of a document are those that the library makes."""

import gc
import weakref
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, Executor, GraphQLError, parse
from hypothesis import given
from hypothesis import strategies as st

from api.endpoint.service import Service
from api.guidance import Guidance
from loaders.catalogue import Catalogue
from loaders.request import Loaders, Store
from loaders.statements import Pool
from schema.context import Context
from schema.executor import SetExecutor
from schema.limits import LIMITS
from schema.operations import Operations
from schema.versions import VERSIONS
from tests.executors import ask_by_sets


@strawberry.input
class _Box:
    size: int = 1


@strawberry.type
class _Query:
    @strawberry.field
    def shown(self, text: str | None = None, number: int | None = None) -> str:
        """Show what came."""
        return f"{text} {number}"


_SCHEMA = strawberry.Schema(_Query, types=[_Box], execution_context_class=SetExecutor)
_TYPES = ("String", "ID", "Int", "Float", "Boolean", "Box", "[Int!]")
_DEFAULTS = {"String": '"d"', "ID": '"d"', "Int": "4", "Float": "4.5", "Boolean": "true"}
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.integers(-(2**33), 2**33),
    st.floats(),
    st.lists(st.integers(0, 3), max_size=2),
    st.fixed_dictionaries({"size": st.integers(0, 3)}),
)


def _operations() -> Operations:
    return Operations(_SCHEMA._schema, SetExecutor, 3)


@st.composite
def _declared(draw: st.DrawFn) -> str:
    """Draw the declarations of the variables v0, v1, ... of an operation."""
    declared = []
    for place, type_ in enumerate(draw(st.lists(st.sampled_from(_TYPES), max_size=4))):
        form = draw(st.sampled_from(("{}", "{}!", "{} = {}")))
        has_default = "=" in form and type_ in _DEFAULTS
        text = form.format(type_, _DEFAULTS[type_]) if has_default else type_ + "!" * ("!" in form)
        declared.append(f"$v{place}: {text}")
    return f"({', '.join(declared)})" if declared else ""


def _data(made: Executor[Any] | list[GraphQLError]) -> object:
    assert not isinstance(made, list)
    result = made.execute_operation()
    assert isinstance(result, ExecutionResult)
    return result.data


def _outcome(made: Executor[Any] | list[GraphQLError]) -> object:
    if isinstance(made, list):
        return [str(error) for error in made]
    values = made.variable_values
    sources = [
        (name, source.signature.name, source.value) for name, source in values.sources.items()
    ]
    types = [type(value) for value in values.coerced.values()]
    return repr((values.coerced, sources, types))


@given(_declared(), st.dictionaries(st.sampled_from([f"v{n}" for n in range(5)]), _VALUES))
def test_variables_are_coerced_as_the_library_does(declared: str, given: dict[str, Any]) -> None:
    """The first run and all later ones have the same values, or the same errors."""
    document = parse(f"query {declared} {{ shown }}")
    built = SetExecutor.build(
        _SCHEMA._schema, document, raw_variable_values=given, max_coercion_errors=3
    )
    operations = _operations()
    for _ in range(2):
        assert _outcome(operations.executor(document, None, given, None)) == _outcome(built)
    valid = {f"v{n}": value for n, value in enumerate(["1", "2", "3", "4", "5"])}
    operations.executor(document, None, valid, None)
    assert _outcome(operations.executor(document, None, given, None)) == _outcome(built)


async def test_an_executor_is_for_one_run() -> None:
    """Context, variables and what went wrong are its own; fragments and operation are the same."""
    document = parse(
        "query A($n: Int) { ...F } query B { shown } fragment F on Query { shown(number: $n) }"
    )
    operations = _operations()
    first, second = (operations.executor(document, "A", {"n": n}, f"c{n}") for n in (1, 2))
    assert not isinstance(first, list)
    assert not isinstance(second, list)
    assert first is not second
    assert first.collected_errors is not second.collected_errors
    assert [each.context_value for each in (first, second)] == ["c1", "c2"]
    assert first.fragments is second.fragments
    assert _data(first) == {"shown": "None 1"}
    assert _data(second) == {"shown": "None 2"}
    other = operations.executor(document, "B", {}, None)
    assert _data(other) == {"shown": "None None"}


def test_what_is_known_goes_with_the_document() -> None:
    """Another document may have the identity of one that is gone."""
    operations = _operations()
    document = parse("{ shown }")
    operations.executor(document, None, {}, None)
    assert len(operations) == 1
    del document
    gc.collect()
    assert len(operations) == 0


class _Request(Context):
    """The context of a request, which can be watched."""


async def test_nothing_of_a_request_is_left_to_the_collector() -> None:
    """All that it has read goes with it: a collection holds up whoever comes then."""
    guidance = Guidance("2026-10", _SCHEMA, {}, VERSIONS)
    service = Service.of("2026-10", _SCHEMA, guidance, LIMITS, pruned=False)
    document = parse("query ($n: Int) { shown(number: $n) }")
    gc.collect()
    gc.disable()
    try:
        for number in range(3):
            store = Store(cast("Pool", None), cast("Catalogue", None))
            request = _Request(Loaders(store))
            gone = weakref.ref(request)
            result = await service.run(document, None, {"n": number}, request)
            assert result.data == {"shown": f"None {number}"}
            del request, result
            assert gone() is None
    finally:
        gc.enable()


async def test_a_variable_that_is_left_out_leaves_the_argument_out() -> None:
    """A null is given, and what is left out is not, also where variables are passed on."""
    document = parse("query ($t: String, $n: Int) { shown(text: $t, number: $n) }")
    shown = [
        (await ask_by_sets(_SCHEMA, document, given, None)).data
        for given in ({}, {"t": None}, {"t": "x", "n": 5})
    ]
    assert shown == [
        b'{"shown":"None None"}',
        b'{"shown":"None None"}',
        b'{"shown":"x 5"}',
    ]
