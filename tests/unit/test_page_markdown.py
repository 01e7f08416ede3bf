"""Markdown becomes HTML that is safe, has anchors, and leads to our own pages."""

import pytest

from api.pages.language import Language
from api.pages.library import address_of, document, page_of
from api.pages.markdown import inline, rendered
from api.pages.reply import NOWHERE

_TEXT = """# A title

First words, `code` and
[a link](other.md#part).

## A part & more

| a | b |
|---|--:|
| 1 | 2 |

## A part & more

```json
{"a": 1}
```

<script>alert(1)</script> [outside](https://example.org/) [nowhere](missing.md)
"""


def test_a_document_becomes_a_page() -> None:
    """Title, summary and headings apart; anchors as on code hosts; tables for screen readers."""
    found = rendered(
        _TEXT, lambda target: f"/x/{target}" if target != "missing.md" else None, "Code"
    )
    assert (found.title, found.summary) == ("A title", "First words, code and a link.")
    assert [each.anchor for each in found.headings] == ["a-part--more", "a-part--more-1"]
    assert '<a href="/x/other.md#part">' in found.body
    assert '<a href="https://example.org/">outside</a>' in found.body
    assert "<span>nowhere</span>" in found.body
    assert '<th scope="col">a</th>' in found.body
    assert '<td class="n">2</td>' in found.body
    assert 'aria-label="Code 1" tabindex="0"' in found.body
    assert '<span class="hl-nt">"a"</span>' in found.body
    assert "<h1" not in found.body


def test_raw_html_is_never_let_through() -> None:
    """It is shown as text, in documents and in short texts."""
    assert "&lt;script&gt;" in rendered(_TEXT, lambda _target: None, "Code").body
    assert inline("<b>no</b>", Language.EN) == "&lt;b&gt;no&lt;/b&gt;"


def test_commands_name_the_service_itself() -> None:
    """Rather than the demonstration, in code and in links; words are left as they are."""
    text = """# T

<http://127.0.0.1:8000/graphql>, `http://127.0.0.1:8000`

```sh
curl http://127.0.0.1:8000/graphql
```
"""
    body = rendered(text, lambda _target: None, "Code").body
    assert f'<a href="{NOWHERE}/graphql">{NOWHERE}/graphql</a>' in body
    assert f"{NOWHERE}/graphql\n</code>" in body
    assert "<code>http://127.0.0.1:8000</code>" in body


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("/terms", "/zh/terms"),
        ("#part", "#part"),
        ("/graphql", "/graphql"),
        ("/schema/changes.atom", "/schema/changes.atom"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_links_of_texts_stay_in_the_language(target: str, address: str) -> None:
    """Those of pages; what has no languages stays where it is."""
    assert inline(f"[x]({target})", Language.ZH) == f'<a href="{address}">x</a>'


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("docs/quickstart.md", "/guides/quickstart"),
        ("docs/adr/README.md", "/guides/adr"),
        (
            "docs/adr/0001-packages-lie-at-the-top-level.md",
            "/guides/adr/0001-packages-lie-at-the-top-level",
        ),
        ("docs/migrating/2027-01.md", "/guides/migrating/2027-01"),
        ("docs/examples", "/examples"),
        ("docs/examples/banks.md", "/examples/banks"),
        ("docs/schema/2026-10..2027-01.md", "/reference/2027-01/changes"),
        ("CHANGELOG.md", "/changelog"),
        ("benchmarks/RESULTS.md", None),
        ("docs/nothing.md", None),
        ("../secrets.md", None),
    ],
)
def test_every_file_of_the_documentation_has_an_address(path: str, address: str | None) -> None:
    """What is not among the pages has none."""
    assert address_of(path) == address


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "docs/../pyproject.toml",
        "docs/examples/../../LICENSE.md",
        "/etc/passwd",
        "",
    ],
)
def test_nothing_but_the_documentation_is_read(path: str) -> None:
    """Other files are not there, however they are named."""
    assert document(path) is None
    assert page_of(path, Language.EN, "Code") is None
