"""All words of the pages, by language: tables of texts in ``texts/<language>.toml``."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from api.pages.language import Language

Texts = Mapping[str, Any]
"""Texts and tables of them, by name."""


@cache
def texts(language: Language) -> Texts:
    """Return the texts of a language."""
    path = files("api.pages") / "texts" / f"{language.value}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def text_at(found: Texts, name: str) -> str:
    """Return the text at a dotted ``name``.

    Raises:
        KeyError: There is none.
    """
    value: Any = found
    for part in name.split("."):
        value = value[part]
    if not isinstance(value, str):
        raise KeyError(name)
    return value


def table_at(found: Texts, name: str) -> Texts:
    """Return the table of texts at a dotted ``name``.

    Raises:
        KeyError: There is none.
    """
    value: Any = found
    for part in name.split("."):
        value = value[part]
    if not isinstance(value, Mapping):
        raise KeyError(name)
    return value


def flat(found: Texts, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted name, text) of all texts in a table."""
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
