"""Plans are made once for a document, and no longer kept than it."""

import gc
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, parse

from schema import plans as module
from schema.executor import SetExecutor
from schema.plans import Plan, Plans


@strawberry.type
class _Item:
    number: int = 1


@strawberry.type
class _Query:
    one: _Item = strawberry.field(default_factory=_Item)
    two: int = 2


_CONDITIONS = """
query ($a: Boolean = true, $b: Boolean!, $n: Int) {
  one @skip(if: $a) { number @include(if: $b) } ...F
}
fragment F on Query { two @include(if: $b) }
"""


@pytest.fixture
def schema() -> strawberry.Schema:
    """A schema without plans."""
    return strawberry.Schema(_Query, execution_context_class=SetExecutor)


def _plan(schema: strawberry.Schema, document: DocumentNode, **variables: Any) -> Plan | None:
    executor: Any = SetExecutor.build(schema._schema, document, raw_variable_values=variables)
    return Plans.of_schema(schema._schema).of(executor)


def test_a_document_is_planned_once(schema: strawberry.Schema) -> None:
    """The next who asks the same document gets the same plan; another document has its own."""
    document, other = parse("{ one { number } }"), parse("{ one { number } }")
    first = _plan(schema, document)
    assert first is not None
    assert _plan(schema, document) is first
    assert _plan(schema, other) is not first
    assert first.size == 4


def test_a_plan_depends_on_conditions_only(schema: strawberry.Schema) -> None:
    """Variables in @skip and @include tell plans apart, and no others."""
    document = parse(_CONDITIONS)
    known = _plan(schema, document, b=True)
    assert known is not None
    assert _plan(schema, document, b=True, a=True, n=3) is known
    assert [column.name for column in known.root.columns] == ["two"]
    full = _plan(schema, document, b=True, a=False)
    assert full is not None
    assert [column.name for column in full.root.columns] == ["one", "two"]
    least = _plan(schema, document, b=False)
    assert least is not None
    assert least.root.columns == ()


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } two }",
        "{ two @deprecated }",
        "query @unknown { two }",
        "{ ...F } fragment F on Query @unknown { two }",
        "{ unknown }",
        "mutation { two }",
        "{ two @skip }",
    ],
)
def test_there_is_no_plan_for_the_rest(schema: strawberry.Schema, text: str) -> None:
    """That is kept, too."""
    document = parse(text)
    assert _plan(schema, document) is None
    assert _plan(schema, document) is None


def test_an_operation_is_known_with_its_fragments(schema: strawberry.Schema) -> None:
    """The same operation in a document with other fragments has another plan."""
    document = parse("{ one { ...F } } fragment F on Item { number }")
    other = parse("fragment F on Item { a: number b: number }")
    mixed = DocumentNode(definitions=(document.definitions[0], other.definitions[0]))
    first, second = _plan(schema, document), _plan(schema, mixed)
    assert first is not None
    assert second is not None
    assert (first.size, second.size) == (4, 5)


def test_a_plan_goes_with_its_document(schema: strawberry.Schema) -> None:
    """Nothing is left of a document that nobody keeps."""
    plans = Plans.of_schema(schema._schema)
    document = parse(_CONDITIONS)
    _plan(schema, document, b=True)
    _plan(schema, document, b=False)
    assert (len(plans._known), plans._size) == (1, 4)
    del document
    gc.collect()
    assert (len(plans._known), plans._size) == (0, 0)


def test_plans_are_bounded(schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were not used for longest go first, however many a document has."""
    monkeypatch.setattr(module, "MAX_COLUMNS", 12)
    plans = Plans.of_schema(schema._schema)
    documents = [parse("{ one { number } }") for _ in range(3)]
    first, second, third = documents
    kept, lost = _plan(schema, first), _plan(schema, second)
    assert _plan(schema, first) is kept
    _plan(schema, third)
    assert plans._size <= 12
    assert _plan(schema, first) is kept
    assert _plan(schema, second) is not lost
    many = parse("query ($a: Boolean, $b: Boolean) { two @skip(if: $a) one @skip(if: $b) { n } }")
    for a in (True, False):
        for b in (True, False):
            _plan(schema, many, a=a, b=b)
    assert plans._size <= 12


def test_a_plan_larger_than_all_is_not_kept(
    schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is used all the same."""
    monkeypatch.setattr(module, "MAX_COLUMNS", 3)
    document = parse("{ one { number } }")
    first = _plan(schema, document)
    assert first is not None
    assert _plan(schema, document) is not first
    assert Plans.of_schema(schema._schema)._size == 0
