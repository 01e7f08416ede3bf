"""What a client hears of parts that go, computed against the newest version."""

import gc
import time
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from api.advice import advice_headers
from api.guidance import Guidance, notices_of_all
from schema.build import build_schema
from schema.changes import Severity, changes_between
from schema.deprecations import Notice
from schema.uses import Guide, Use
from schema.versions import VERSIONS, Version
from tests.contracts_in_time import SERVED, TIMES, build_all

SCHEMAS = build_all()
NOTICES = notices_of_all(SCHEMAS)
THINGS = ("things",)

TITLE = Notice("Thing.title", "2023-01", "2024-01", "label")
PRICE = Notice("Thing.price", "2023-01", "2023-01", "price { amount }")
GONE = Notice("Query.gone", "2022-01", "2022-01", None)
LIMIT = Notice("Query.things(limit:)", "2022-01", "2024-01", "first")
NAME = Notice("Filter.name", "2022-01", None, "label")
SIZE = Notice("Filter.size", "2024-01", "2024-01", None)
PALE = Notice("Shade.PALE", "2023-01", None, "BRIGHT")
GREY = Notice("Shade.GREY", "2023-01", "2023-01", None)


def _uses(version: str, text: str, variables: Mapping[str, Any] | None = None) -> list[Use]:
    schema = SCHEMAS[version]._schema
    document = parse(text)
    assert validate(schema, document) == []
    guidance = Guidance(version, SCHEMAS[version], NOTICES[version], TIMES)
    return guidance.uses(document, None, variables or {})


def test_each_version_has_its_notices() -> None:
    """The older the version, the more its clients hear; what goes on elsewhere is no news."""
    named = Notice("Named.title", "2023-01", "2024-01", "label")
    assert NOTICES["2021-01"] == {
        notice.coordinate: notice
        for notice in (TITLE, named, PRICE, GONE, LIMIT, NAME, SIZE, PALE, GREY)
    }
    assert sorted(NOTICES["2022-01"]) == sorted(set(NOTICES["2021-01"]) - {"Query.gone"})
    assert set(NOTICES["2023-01"]) == {
        "Named.title", "Thing.title", "Query.things(limit:)", "Filter.name", "Filter.size",
        "Shade.PALE",
    }  # fmt: skip
    assert set(NOTICES["2024-01"]) == {"Filter.name", "Shade.PALE"}


def test_every_breaking_change_of_the_real_versions_is_told() -> None:
    """Whatever a client must change for the newest version, it hears of while using an older."""
    schemas = {version.name: build_schema(version.name) for version in VERSIONS.served}
    newest = schemas[VERSIONS.newest.name]
    told = notices_of_all(schemas)
    for name, schema in schemas.items():
        changes = changes_between(schema._schema, newest._schema)
        breaking = {each.coordinate for each in changes if each.severity is Severity.BREAKING}
        assert breaking <= set(told[name])


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("{ gone }", [Use(GONE, ("gone",))]),
        ("{ a: gone gone }", [Use(GONE, ("a",)), Use(GONE, ("gone",))]),
        ("{ things { x: title price } }",
         [Use(TITLE, ("things", "x")), Use(PRICE, ("things", "price"))]),
        ("{ things(limit: 1) { id } }", [Use(LIMIT, THINGS)]),
        ('{ things(filter: {name: "n", size: 1}) { id } }', [Use(NAME, THINGS), Use(SIZE, THINGS)]),
        ("{ things(shade: GREY) { id } }", [Use(GREY, THINGS)]),
        ("{ things(shade: DARK) { id __typename } __schema { types { name } } }", []),
    ],
)  # fmt: skip
def test_a_use_has_a_coordinate_and_a_path(text: str, uses: list[Use]) -> None:
    """Fields, arguments, input fields and enum values, in the order of the text."""
    assert _uses("2021-01", text) == uses


def test_a_use_in_a_fragment_has_the_path_of_its_first_spread() -> None:
    """However often the fragment is spread, inline or by name, on a type or an interface."""
    text = """
    { a: things { ...T } b: things { ...T ... on Thing { price } } }
    fragment T on Thing { ...N } fragment N on Named { title }
    """
    named = Notice("Named.title", "2023-01", "2024-01", "label")
    assert _uses("2021-01", text) == [Use(named, ("a", "title")), Use(PRICE, ("b", "price"))]


def test_a_use_in_variables_is_found_where_the_value_is() -> None:
    """In what the request gave, and in the defaults of the document."""
    text = """
    query ($f: Filter, $s: Shade = PALE) { things(filter: $f, shade: $s) { id } }
    """
    in_default = Use(PALE, ("$s",))
    assert _uses("2022-01", text) == [in_default]
    given = {"f": {"name": "n", "label": None}, "s": "GREY", "unknown": {"name": 1}}
    assert _uses("2022-01", text, given) == [
        in_default,
        Use(NAME, ("$f", "name")),
        Use(GREY, ("$s",)),
    ]


def test_values_of_a_wrong_type_are_no_uses() -> None:
    """Whatever came as a variable, looking at it fails not."""
    text = "query ($f: Filter, $s: Shade) { things(filter: $f, shade: $s) { id } }"
    for odd in ({"f": "name", "s": {"GREY": 1}}, {"f": [1], "s": 2}, {"f": None}, {"f": {"x": 1}}):
        assert _uses("2022-01", text, odd) == []


def test_only_the_operation_that_is_executed_counts() -> None:
    """A document may hold old and new ways side by side."""
    document = parse("query Old { gone } query New { things { id } }")
    guidance = Guidance("2021-01", SCHEMAS["2021-01"], NOTICES["2021-01"], TIMES)
    assert [each.notice for each in guidance.uses(document, "Old", {})] == [GONE]
    assert guidance.uses(document, "New", {}) == []


def test_a_document_is_walked_once_as_long_as_it_is_kept() -> None:
    """What is known of it goes with it."""
    document = parse("{ gone }")
    guidance = Guidance("2021-01", SCHEMAS["2021-01"], NOTICES["2021-01"], TIMES)
    first = guidance.uses(document, None, {})
    assert guidance.uses(document, None, {}) is first
    assert len(guidance._known) == 1
    del document
    gc.collect()
    assert guidance._known == {}


def test_fragments_that_spread_each_other_are_walked_once() -> None:
    """Doubling at every level would take 2^40 steps."""
    levels = "".join(
        f"fragment F{n} on Thing {{ ...F{n + 1} ... on Thing {{ ...F{n + 1} }} }}"
        for n in range(40)
    )
    document = parse("{ things { ...F0 } } fragment F40 on Thing { title } " + levels)
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    started = time.process_time()
    uses = Guide(SCHEMAS["2021-01"]._schema, NOTICES["2021-01"]).uses_in(document, operation)
    assert uses == [Use(TITLE, ("things", "title"))]
    assert time.process_time() - started < 10


def _version(name: str) -> Version:
    version = TIMES.get(name)
    assert version is not None
    return version


def test_the_headers_of_a_use_say_since_when_and_where_to_look() -> None:
    """Deprecation is a structured date, and links lead to a guide and to the next version."""
    uses = _uses("2022-01", "{ things(limit: 1) { title } }")
    assert advice_headers(_version("2022-01"), uses, TIMES) == {
        "Deprecation": "@1642636800",  # 2022-01-20, from which version 2022-01 is stable
        "Link": '</schema/migrating/2027-01.md>; rel="deprecation"; type="text/markdown", '
        '</schema/changes/2022-01..2023-01.md>; rel="deprecation"; type="text/markdown", '
        '</graphql/2023-01>; rel="successor-version"',
    }


def test_the_headers_of_a_deprecated_version_are_on_every_answer() -> None:
    """Sunset is an HTTP date and never before Deprecation."""
    assert advice_headers(_version("2021-01"), [], TIMES) == {
        "Deprecation": "@1654041600",
        "Sunset": "Thu, 01 Jun 2023 00:00:00 GMT",
        "Link": '</schema/migrating/2027-01.md>; rel="deprecation"; type="text/markdown", '
        '</schema/migrating/2027-01.md>; rel="sunset"; type="text/markdown", '
        '</graphql/2022-01>; rel="successor-version"',
    }


def test_without_a_use_there_are_no_headers() -> None:
    """A stable version says nothing, and neither does one that nobody listed."""
    assert advice_headers(_version("2022-01"), [], TIMES) == {}
    assert advice_headers(None, [Use(GONE, ("gone",))], TIMES) == {}


def test_a_document_without_uses_survives_without_the_deprecated_parts() -> None:
    """`?remove_deprecated=true` and the list of deprecations agree."""
    for name in SERVED:
        rest = SCHEMAS[name].without(NOTICES[name].__contains__)._schema
        for text, survives in (
            ("{ things { id } }", True),
            ("{ things(shade: PALE) { id } }", False),
            ('{ things(filter: {name: "x"}) { id } }', False),
        ):
            document = parse(text)
            assert (validate(rest, document) == []) is survives
            (operation,) = document.definitions
            assert isinstance(operation, OperationDefinitionNode)
            guide = Guide(SCHEMAS[name]._schema, NOTICES[name])
            assert (guide.uses_in(document, operation) == []) is survives
