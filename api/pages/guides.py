"""The pages that show the documentation: guides, decisions and examples."""

from collections.abc import Callable, Iterable, Mapping

from api.pages.language import Language
from api.pages.library import documents, prose
from api.pages.markdown import Rendered
from api.pages.view import NoSuchPageError, View
from schema.example import Audience, Example, examples


async def make_guides(view: View) -> Mapping[str, object]:
    """Return the guides by whom they are for."""
    names = view.text_table("guides.names")
    grouped = [name for of in GROUPS.values() for name in of]
    rest = [name for name in documents("docs") if name not in grouped]
    groups = {**GROUPS, "more": [*GROUPS["more"], *rest]}
    return {
        "groups": groups,
        "names": names,
        "titles": {name: view.document(f"docs/{name}.md").title for name in documents("docs")},
    }


GROUPS: Mapping[str, list[str]] = {
    "start": [
        "quickstart",
        "clinicians",
        "first-answers",
        "clients",
        "ide",
        "http",
        "export",
        "mirroring",
        "limits",
        "rate-limits",
        "errors",
        "versions",
    ],
    "data": ["catalogue", "release", "anonymity", "attacks", "hla", "scheme", "digest"],
    "more": ["intake", "operator", "production", "settings", "commands", "pages", "dependencies"],
}
"""Which guides are listed together."""


async def make_guide(view: View) -> Mapping[str, object]:
    """Return a guide."""
    name = view.parameters["name"]
    guide = _named(view, f"docs/{name}.md")
    named = view.text_table("guides.names").get(name, {"title": guide.title})
    return {
        "guide": guide,
        "back": "/guides",
        "named": named["title"],
        "markdown": f"/guides/{name}.md",
    }


async def make_decision(view: View) -> Mapping[str, object]:
    """Return a decision."""
    path = f"docs/adr/{view.parameters['name']}.md"
    return {"guide": _named(view, path), "back": "/guides/adr"}


async def make_decisions(view: View) -> Mapping[str, object]:
    """Return the list of the decisions."""
    return {"guide": view.document("docs/adr/README.md"), "back": "/guides"}


async def make_migration(view: View) -> Mapping[str, object]:
    """Return the guide to a version of the schema."""
    path = f"docs/migrating/{view.parameters['name']}.md"
    return {"guide": _named(view, path), "back": "/reference"}


async def make_examples(view: View) -> Mapping[str, object]:
    """Return all examples by whom they are for most."""
    groups = {
        audience: [each for each in examples() if each.audiences[0] is audience]
        for audience in Audience
    }
    return {"groups": groups, "version_for": view.version_for, "title_of": _title(view)}


async def make_example(view: View) -> Mapping[str, object]:
    """Return an example with its query, so that it can be opened in the IDE."""
    name = view.parameters["name"]
    example = next((each for each in examples() if each.name == name), None)
    if example is None:
        raise NoSuchPageError
    return {
        "example": example,
        "version": view.version_for(example.document),
        "title_of": _title(view),
        "words": prose(example.words, f"docs/examples/{name}.md", view.language),
    }


def guide_paths(_view: View) -> Iterable[str]:
    """Return the addresses of the guides."""
    return [f"/guides/{name}" for name in documents("docs")]


def decision_paths(_view: View) -> Iterable[str]:
    """Return the addresses of the decisions."""
    return [f"/guides/adr/{name}" for name in documents("docs/adr")]


def migration_paths(_view: View) -> Iterable[str]:
    """Return the addresses of the guides to versions."""
    return [f"/guides/migrating/{name}" for name in documents("docs/migrating")]


def example_paths(_view: View) -> Iterable[str]:
    """Return the addresses of the examples."""
    return [f"/examples/{each.name}" for each in examples()]


def _named(view: View, path: str) -> Rendered:
    folder, _, name = path.removesuffix(".md").rpartition("/")
    if name not in documents(folder):
        raise NoSuchPageError
    return view.document(path)


def _title(view: View) -> Callable[[Example], str]:
    chinese = view.language is Language.ZH
    return lambda example: example.chinese if chinese else example.title
