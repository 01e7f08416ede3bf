"""The documentation: where each file of it is among the pages."""

import posixpath
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from markupsafe import Markup

from api.pages.language import Language
from api.pages.markdown import Rendered, Resolve, localised, rendered

_EXAMPLES = "docs/examples"
_FOLDERS = ("docs", "docs/adr", "docs/migrating", _EXAMPLES)
_SINGLE = {
    "CHANGELOG.md": "/changelog",
    "README.md": "/",
    "LICENSE": "/terms",
    "docs": "/guides",
    "docs/adr/README.md": "/guides/adr",
    "docs/adr": "/guides/adr",
    _EXAMPLES: "/examples",
    "docs/examples/": "/examples",
}
_COMPARISON = re.compile(r"docs/schema/(?P<before>[0-9-]+)\.\.(?P<after>[0-9-]+)\.md")


def _root() -> Traversable:
    """Return the folder that holds the documentation: of the package, or of the repository."""
    packaged = files("api.pages") / "documentation"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


@cache
def document(path: str) -> str | None:
    """Return the text of a file, such as ``docs/quickstart.md``, or ``None``."""
    folder, _, name = path.rpartition("/")
    if path not in _SINGLE and folder not in _FOLDERS:
        return None
    place = _root()
    for part in path.split("/"):
        place = place / part
    return place.read_text(encoding="utf-8") if name and place.is_file() else None


@cache
def documents(folder: str) -> tuple[str, ...]:
    """Return the names, without ending, of the documents in a folder, sorted."""
    place = _root()
    for part in folder.split("/"):
        place = place / part
    names = (each.name for each in place.iterdir())
    return tuple(
        sorted(name[:-3] for name in names if name.endswith(".md") and name != "README.md")
    )


def address_of(path: str) -> str | None:
    """Return the address, in English, of the page that shows a file; ``None`` if none does."""
    if path in _SINGLE:
        return _SINGLE[path]
    comparison = _COMPARISON.fullmatch(path)
    if comparison:
        return f"/reference/{comparison['after']}/changes"
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".md")
    if folder not in _FOLDERS or stem == name or stem not in documents(folder):
        return None
    if folder == _EXAMPLES:
        return f"/examples/{stem}"
    return posixpath.join("/guides", *folder.split("/")[1:], stem)


@cache
def page_of(path: str, language: Language, code_label: str) -> Rendered | None:
    """Return a file as HTML, its links leading to our pages; ``None`` if there is none."""
    text = document(path)
    return None if text is None else rendered(text, _resolver(path, language), code_label)


@cache
def prose(text: str, path: str, language: Language) -> Markup:
    """Return Markdown that stands in a file as HTML, its links leading to our pages."""
    return rendered(text, _resolver(path, language), "").body


def _resolver(path: str, language: Language) -> Resolve:
    """Return what finds the pages that the links in a file name."""

    def resolve(target: str) -> str | None:
        place, hash_, part = target.partition("#")
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
        found = address_of(whole)
        return None if found is None else localised(found, language) + hash_ + part

    return resolve
