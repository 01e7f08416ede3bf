"""Code in colours, by classes that our own style sheet knows."""

import re
from functools import lru_cache
from typing import Any

import orjson
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_NAMES = {"sh": "bash", "console": "console", "variables": "json", "js": "javascript"}
_FORMATTER: "HtmlFormatter[str]" = HtmlFormatter(nowrap=True, classprefix="hl-")


@lru_cache(maxsize=256)
def coloured(text: str, language: str) -> Markup:
    """Return code as HTML; as it is where nothing knows the language."""
    try:
        lexer = get_lexer_by_name(_NAMES.get(language, language or "text"))
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return Markup(highlight(text, lexer, _FORMATTER))  # noqa: S704 - escaped by pygments


_SMALL = re.compile(r"\{\s+([^{}\[\]]{1,400}?)\s+\}")
_LONGEST_LINE = 72


def readable(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return JSON with an object of plain values on one line, where it is short."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()

    def joined(match: re.Match[str]) -> str:
        line = "{ " + " ".join(match[1].split()) + " }"
        return line if len(line) <= _LONGEST_LINE else match[0]

    return _SMALL.sub(joined, text)
