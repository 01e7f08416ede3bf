"""What changed between versions, and the pages that say so."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from graphql import build_schema

from commands.schema import PAGES_FOLDER, pages
from schema.changelog import as_atom, as_json, as_markdown
from schema.changes import Change, Comparison, Severity, changes_between, compare_versions
from schema.guides import guide
from schema.versions import VERSIONS
from tests.contracts_in_time import SERVED, TIMES, build

ROOT = Path(__file__).parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"
DEFINITIONS = {name: build(name).definition() for name in SERVED}


def test_pages_are_those_that_are_checked_in() -> None:
    """Whoever changes the contract changes its changelog."""
    found = {
        path.name: path.read_text(encoding="utf-8")
        for path in PAGES_FOLDER.iterdir()
        if path.name != "README.md"
    }
    assert found == pages(), "docs/schema is out of date; run: make sdl"


def test_every_guide_that_is_named_exists() -> None:
    """And no guide lies about that no version names."""
    named = sorted(version.guide for version in VERSIONS if version.guide)
    assert named == sorted(path.name for path in (ROOT / "docs" / "migrating").glob("*.md"))
    for name in named:
        assert str(guide(name)).startswith("# Moving to schema")
    assert guide("1999-01.md") is None


def _kinds(before: str, after: str) -> dict[str, list[str]]:
    comparison = compare_versions(before, after, DEFINITIONS)
    return {
        severity.value: [f"{each.kind} {each.coordinate}" for each in comparison.of(severity)]
        for severity in Severity
    }


def test_changes_are_sorted_by_what_they_ask_of_a_client() -> None:
    """Removals and types break, new optional input may surprise, additions are safe."""
    assert _kinds("2022-01", "2023-01") == {
        "breaking": ["VALUE_REMOVED_FROM_ENUM Shade.GREY", "FIELD_CHANGED_KIND Thing.price"],
        "dangerous": ["VALUE_ADDED_TO_ENUM Shade.BRIGHT"],
        "safe": ["TYPE_ADDED Price"],
        "deprecated": ["DEPRECATED Named.title", "DEPRECATED Shade.PALE", "DEPRECATED Thing.title"],
    }
    assert _kinds("2021-01", "2022-01") == {
        "breaking": ["FIELD_REMOVED Query.gone"],
        "dangerous": [
            "OPTIONAL_INPUT_FIELD_ADDED Filter.label",
            "OPTIONAL_ARG_ADDED Query.things(first:)",
        ],
        "safe": ["FIELD_ADDED Thing.label"],
        "deprecated": ["DEPRECATED Filter.name", "DEPRECATED Query.things(limit:)"],
    }
    assert _kinds("2021-01", "2021-01") == {severity.value: [] for severity in Severity}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (
            'type Query { "Old." a(b: Int): Int }',
            'type Query { "New Query.x(y:) text" a(b: Int): Int }',
            ("safe", "DESCRIPTION_CHANGED", "Query.a", "Description of field Query.a has changed."),
        ),
        (
            'type Query { a("Old." b: Int): Int }',
            'type Query { a("New." b: Int): Int }',
            (
                "safe",
                "DESCRIPTION_CHANGED",
                "Query.a(b:)",
                "Description of argument Query.a(b) has changed.",
            ),
        ),
        (
            '"Old." type Query { a: Int }',
            '"New." type Query { a: Int }',
            ("safe", "DESCRIPTION_CHANGED", "Query", "Description of Query has changed."),
        ),
        (
            "type Query { a: Int }",
            "type Query { a(b: Int!): Int }",
            (
                "breaking",
                "REQUIRED_ARG_ADDED",
                "Query.a(b:)",
                "A required argument Query.a(b:) was added.",
            ),
        ),
        (
            "type Query { a: Int } directive @d on FIELD",
            "type Query { a: Int }",
            ("breaking", "DIRECTIVE_REMOVED", "@d", "Directive @d was removed."),
        ),
        (
            "type Query { a: Int } directive @d on FIELD | QUERY",
            "type Query { a: Int } directive @d on FIELD",
            ("breaking", "DIRECTIVE_LOCATION_REMOVED", "@d", "QUERY was removed from @d."),
        ),
        (
            "type Query { a: Int @deprecated }",
            "type Query { a: Int }",
            ("safe", "DEPRECATION_REMOVED", "Query.a", "Query.a is no longer deprecated."),
        ),
        (
            'type Query { a: Int @deprecated(reason: "x") }',
            'type Query { a: Int @deprecated(reason: "y") }',
            (
                "safe",
                "DEPRECATION_CHANGED",
                "Query.a",
                "Query.a stays deprecated, with another reason: y",
            ),
        ),
    ],
)
def test_a_change_has_its_coordinate(
    before: str, after: str, change: tuple[str, str, str, str]
) -> None:
    """Also where the library gives only a sentence; deprecations are our own."""
    (found,) = changes_between(build_schema(before), build_schema(after))
    assert found == Change(Severity(change[0]), *change[1:])


def test_a_page_shows_what_there_is() -> None:
    """Headings for the severities that occur, or a word that nothing changed."""
    text = as_markdown(compare_versions("2021-01", "2022-01", DEFINITIONS), "guide.md")
    assert text.startswith("# Schema 2021-01 to 2022-01\n\nWhat to do about it: [the guide to ")
    assert "- `Query.gone`: Field Query.gone was removed.\n" in text
    assert as_markdown(Comparison("a", "b", [])) == "# Schema a to b\n\nNothing changed.\n"


def test_the_json_page_counts_and_lists() -> None:
    """Programs decide by severity and coordinate."""
    page = json.loads(as_json(compare_versions("2021-01", "2022-01", DEFINITIONS), "g"))
    assert (page["from"], page["to"], page["guide"]) == ("2021-01", "2022-01", "g")
    assert page["counts"] == {"breaking": 1, "dangerous": 2, "safe": 1, "deprecated": 2}
    assert page["changes"][0] == {
        "severity": "breaking",
        "kind": "FIELD_REMOVED",
        "coordinate": "Query.gone",
        "description": "Field Query.gone was removed.",
    }


def test_the_feed_has_an_entry_for_each_version() -> None:
    """What RFC 4287 requires of a feed and of an entry; the newest entry comes first."""
    comparisons = [
        compare_versions("2021-01", "2022-01", DEFINITIONS),
        compare_versions("2022-01", "2023-01", DEFINITIONS),
    ]
    feed = ET.fromstring(as_atom(comparisons, TIMES, "https://example.org"))  # noqa: S314 - our own
    for required in ("id", "title", "updated"):
        assert feed.findtext(ATOM + required)
    entries = feed.findall(ATOM + "entry")
    assert [entry.findtext(ATOM + "title") for entry in entries] == [
        "Schema 2023-01 (candidate)",
        "Schema 2022-01 (stable)",
    ]
    assert [entry.findtext(ATOM + "updated") for entry in entries] == [
        "2023-01-01T00:00:00Z",
        "2022-01-20T00:00:00Z",
    ]
    assert entries[1].findtext(ATOM + "summary") == (
        "Since 2021-01: 1 breaking, 2 dangerous, 1 safe, 2 deprecated."
    )
    assert [link.get("href") for link in entries[1].findall(ATOM + "link")] == [
        "https://example.org/schema/changes/2021-01..2022-01.md",
        "https://example.org/schema/changes/2021-01..2022-01.json",
        "https://example.org/schema/migrating/2027-01.md",
    ]
