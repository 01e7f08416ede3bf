"""The documentation says what is true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate

from api.settings import described
from api.statuses import STATUSES
from database.access import Access
from schema.build import build_schema
from schema.errors import Code
from schema.versions import VERSIONS
from tests.answer_form import same_form
from tests.serving import serving

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.md"))
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases."""
    with serving(published) as base:
        yield base


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_answered_in_the_shown_form(url: str, path: Path) -> None:
    """Each query runs without error, and its answer has the fields and types that are shown.

    The numbers shown are those of the demonstration; here the same query meets other units.
    """
    blocks = dict(_BLOCK.findall(path.read_text(encoding="utf-8")))
    variables = json.loads(blocks.get("variables", "{}"))
    version = _first_that_knows(blocks["graphql"])
    answer = httpx.post(
        f"{url}/graphql/{version}", json={"query": blocks["graphql"], "variables": variables}
    ).json()
    shown = json.loads(blocks["json"])
    assert "errors" not in answer
    assert same_form(shown["data"], answer["data"]), answer["data"]


def _first_that_knows(document: str) -> str:
    """Return the oldest version of the schema in which an example is valid."""
    names = [version.name for version in VERSIONS.served]
    return next(each for each in names if not validate(build_schema(each)._schema, parse(document)))


def test_there_are_examples() -> None:
    """The folder is not empty, and the README shows one of them."""
    assert len(EXAMPLES) >= 5


def test_every_error_code_is_documented() -> None:
    """docs/errors.md has a row for each code, with the status of the one table."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+|-) \|", text, re.MULTILINE))
    assert rows == {code.value: str(STATUSES.get(code, "-")) for code in Code}


def test_every_setting_is_documented() -> None:
    """docs/settings.md names each variable with its default and its help text."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, default, help_text in described():
        assert f"`{name}`" in text
        assert default in text
        assert help_text in text


def test_every_dependency_is_justified() -> None:
    """docs/dependencies.md has a line for each requirement of pyproject.toml."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = re.findall(r'^    "([a-z0-9-]+)[><=]', project, re.MULTILINE)
    assert "asyncpg" in names
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name
)
def test_links_inside_the_documentation_lead_somewhere(path: Path) -> None:
    """Every relative link names a file that is there."""
    targets = _LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_changelog_knows_the_version() -> None:
    """The package's version has a heading, or is still being prepared."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (version,) = re.findall(r'^version = "(.+)"', project, re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {version}" in changelog or "## Unreleased" in changelog
