"""The reference shows the schema that answers: every part, what it costs, and what changed."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
)

from database.access import Access
from schema.build import build_schema
from schema.changes import checked_in, compare_versions
from schema.example import examples
from schema.versions import VERSIONS
from tests.page_links import HTML
from tests.serving import serving

_SERVED = [each.name for each in VERSIONS.served]


@pytest.fixture(scope="module")
def client(module_database: Access) -> Iterator[httpx.Client]:
    """A client of a running service."""
    headers = {"accept": HTML}
    with serving(module_database) as url, httpx.Client(base_url=url, headers=headers) as opened:
        yield opened


def _plain(page: str) -> str:
    """Return the words of a page, without marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def _said(text: str | None) -> str:
    return " ".join((text or "").split())


@pytest.mark.parametrize("version", _SERVED)
def test_every_part_of_the_schema_is_in_its_reference(client: httpx.Client, version: str) -> None:
    """Types, fields, arguments and values, each at its own anchor and with its description."""
    page = client.get(f"/reference/{version}").text
    anchors = set(map(unescape, re.findall(r'id="([^"]+)"', page)))
    words = _plain(page)
    parts: list[tuple[str, Any]] = []
    for name, type_ in build_schema(version)._schema.type_map.items():
        if is_introspection_type(type_) or name in {"Boolean", "Float", "ID", "Int", "String"}:
            continue
        parts.append((name, type_))
        if isinstance(type_, GraphQLEnumType):
            parts += [(f"{name}.{value}", each) for value, each in type_.values.items()]
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, each in type_.fields.items():
                parts.append((f"{name}.{field}", each))
                arguments = getattr(each, "args", {}).items()
                parts += [(f"{name}.{field}.{argument}", one) for argument, one in arguments]
    assert len(parts) > 200
    assert [anchor for anchor, _ in parts if anchor not in anchors] == []
    assert [anchor for anchor, part in parts if _said(part.description) not in words] == []
    reasons = [getattr(part, "deprecation_reason", None) for _, part in parts]
    assert [each for each in reasons if _said(each) not in words] == []


@pytest.mark.parametrize("version", _SERVED)
def test_every_cost_is_in_the_reference(client: httpx.Client, version: str) -> None:
    """As many weights and assumed sizes as the definition has directives."""
    definition = build_schema(version).definition()
    weights = re.findall(r'@cost\(weight: "([0-9]+)"\)', definition)
    sizes = re.findall(r"assumedSize: ([0-9]+)", definition)
    page = client.get(f"/reference/{version}").text
    shown = re.findall(r'<span class="tag">costs ([0-9]+)</span>', page)
    assert sorted(shown) == sorted(weights) != []
    told = re.findall(r"Counts as (?:many items as [^.]*, else ([0-9]+)\.|([0-9]+) items\.)", page)
    assert sorted(sliced or assumed for sliced, assumed in told) == sorted(sizes) != []


def test_examples_are_where_they_are_of_use(client: httpx.Client) -> None:
    """Each example that a version can answer is named in its reference, and has a page."""
    for version in _SERVED:
        page = client.get(f"/reference/{version}").text
        schema = build_schema(version)._schema
        for example in examples():
            linked = f'href="/examples/{example.name}"' in page
            assert linked is example.is_valid(schema), (version, example.name)
    for example in examples():
        page = client.get(f"/zh/examples/{example.name}").text
        assert f"<h1>{example.chinese}</h1>" in page
        assert _said(example.document) in _plain(page)
        assert _said(example.answer) in _plain(page)


def test_every_change_is_on_the_page_of_changes(client: httpx.Client) -> None:
    """The same that the file for programs has, in words for people."""
    before, after = _SERVED[-2:]
    comparison = compare_versions(before, after, checked_in(VERSIONS))
    page = client.get(f"/reference/{after}/changes").text
    shown = re.findall(r'<th scope="row"><code>([^<]+)</code></th><td lang="en">([^<]+)</td>', page)
    assert [tuple(map(unescape, each)) for each in shown] == [
        (change.coordinate, change.description) for change in comparison.changes
    ]
    assert page.count('<h2 id="') == len({each.severity for each in comparison.changes})


def test_a_version_that_was_never_there_has_no_reference(client: httpx.Client) -> None:
    """Nor has the first one a version before it."""
    assert client.get("/reference/2020-01").status_code == 404
    assert client.get(f"/reference/{_SERVED[0]}/changes").status_code == 404
