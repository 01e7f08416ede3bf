"""The limits that a document meets before validation."""

from typing import Any

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from api.limits import check_document
from api.refusal import RefusalError
from schema.errors import Code
from schema.limits import LIMITS


def _refused(text: str) -> dict[str, Any]:
    with pytest.raises(RefusalError) as refusal:
        check_document(parse(text), LIMITS)
    (error,) = refusal.value.errors
    assert error.extensions is not None
    return error.extensions


def _exceeded(limit: str, maximum: int, found: int) -> dict[str, Any]:
    return {"code": Code.LIMIT_EXCEEDED, "limit": limit, "maximum": maximum, "found": found}


def _doubling(levels: int, *, of: str = "Query", selecting: str = "x") -> str:
    """Fragments that each spread the next one twice."""
    steps = [f"fragment f{n} on {of} {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return " ".join([*steps, f"fragment f{levels} on {of} {{ {selecting} }}"])


def test_the_largest_allowed_document_passes() -> None:
    """Each limit includes its maximum."""
    fields = " ".join(f"f{n}" for n in range(LIMITS.max_root_fields - 1))
    nested = "{ a " * (LIMITS.max_depth - 1) + "}" * (LIMITS.max_depth - 1)
    check_document(parse(f"{{ {fields} a {nested} }}"), LIMITS)
    check_document(parse("{ a { " + "x: y " * LIMITS.max_aliases + "} }"), LIMITS)
    check_document(parse("{ a " + "@b " * LIMITS.max_directives + "}"), LIMITS)


def test_introspection_passes() -> None:
    """The query that every tool sends is within the limits."""
    everything = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    check_document(parse(everything), LIMITS)


@pytest.mark.parametrize(
    ("text", "limit", "maximum", "found"),
    [
        ("{ a " * 16 + "}" * 16, "depth", 15, 16),
        ("{ a { ...F } } fragment F on T " + "{ b " * 15 + "}" * 15, "depth", 15, 16),
        ("{ a { " + "... { x: y } " * 31 + "} }", "aliases", 30, 31),
        ("{ a { ...F ...F } } fragment F on T { " + "x: y " * 16 + "}", "aliases", 30, 32),
        ("{ " + "a " * 21 + "}", "root fields", 20, 21),
        ("{ ...F ...F } fragment F on Q { " + "a " * 11 + "}", "root fields", 20, 22),
        ("query ($a: I @b) @b { a @b(c: 1) ...F @b ... @b { d" + " @b" * 46 + "} }"
         " fragment F on Q @b { e }", "directives", 50, 52),
        ("{ a } " + "".join(f"fragment f{n} on Q {{ a }} " for n in range(31)),
         "fragments", 30, 31),
        ("".join(f"query q{n} {{ a }} " for n in range(21)), "operations", 20, 21),
        ("{ a { " + "b " * 1000 + "} }", "fields", 1000, 1001),
        ("{ a { ...f0 } } " + _doubling(29), "fields", 1000, 2**29 + 1),
        ("{ a { ...f0 } } " + _doubling(29, selecting="...g"),
         "fragment spreads", 300, 3 * 2**29 - 1),
        ("{ a(b: [" + "1 " * 201 + "]) }", "entries of a list in the document", 200, 201),
        ("{ a @b(c: {" + "d: 1 " * 201 + "}) }", "fields of an input object", 200, 201),
        ("query ($a: [I] = [" + "1 " * 201 + "]) { a }",
         "entries of a list in the document", 200, 201),
        ("{ " + "a" * 201 + ": b }", "length of an alias", 200, 201),
        ("{ a(b: -" + "9" * 50 + ") }", "digits of a number", 50, 51),
    ],
)  # fmt: skip
def test_a_document_that_is_too_large_is_refused(
    text: str, limit: str, maximum: int, found: int
) -> None:
    """The refusal names the limit, the maximum and what the document has."""
    assert _refused(text) == _exceeded(limit, maximum, found)


def test_doubling_fragments_are_counted_without_being_expanded() -> None:
    """A chain that stands for half a billion root fields is measured in its own length."""
    assert _refused("{ ...f0 } " + _doubling(29)) == _exceeded("root fields", 20, 2**29)


def test_cycles_and_unknown_fragments_are_left_to_validation() -> None:
    """What is not valid anyway neither loops nor fails here."""
    check_document(parse("{ ...A } fragment A on Q { ...B a } fragment B on Q { ...A }"), LIMITS)
    check_document(parse("{ ...A } fragment A on Q { b { ...A ...Nope } }"), LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        r'{ a(b: "x\u0000") }',
        r'{ a @b(c: [{d: "\u{0}"}]) }',
        r'query ($a: S = "\u0000") { a }',
        r'{ a { ... on B { c(d: "\u0000") } } }',
        r'{ a } fragment F on Q { c(d: "\u0000") }',
    ],
)
def test_the_character_nul_is_refused_wherever_it_stands(text: str) -> None:
    """No string with a NUL reaches the database."""
    assert _refused(text) == {"code": Code.DOCUMENT_INVALID}


def _rendered(tree: list[Any]) -> str:
    return "{ " + " ".join(f"a {_rendered(each)}" if each else "a" for each in tree) + " }"


def _depth(tree: list[Any]) -> int:
    return 1 + max((_depth(each) for each in tree if each), default=0)


def _count(tree: list[Any]) -> int:
    return len(tree) + sum(_count(each) for each in tree)


_LEAF: st.SearchStrategy[list[Any]] = st.builds(list)
_TREES = st.recursive(_LEAF, lambda inner: st.lists(inner, min_size=1, max_size=4))


@given(_TREES.filter(bool))
def test_counts_are_the_same_as_by_expansion(tree: list[Any]) -> None:
    """Depth and number of fields are those of the tree, inline or in a fragment."""
    limits = type(LIMITS)(max_depth=_depth(tree) - 1, max_root_fields=10_000)
    for text in (_rendered(tree), f"{{ ...F }} fragment F on Q {_rendered(tree)}"):
        with pytest.raises(RefusalError) as refusal:
            check_document(parse(text), limits)
        (error,) = refusal.value.errors
        assert error.extensions == _exceeded("depth", _depth(tree) - 1, _depth(tree))
    exact = type(LIMITS)(max_depth=_depth(tree), max_root_fields=len(tree))
    if _count(tree) <= 1000:
        check_document(parse(_rendered(tree)), exact)
