"""Markdown to HTML: guides and short texts of the pages; raw HTML is never let through."""

import re
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from api.pages.code import coloured
from api.pages.language import Language
from api.pages.reply import NOWHERE

Resolve = Callable[[str], str | None]
"""Returns the address of what a link names, or ``None`` where it is not among the pages."""

_NO_PAGES = (
    "/graphql",
    "/schema",
    "/health",
    "/static",
    "/pictures",
    "/cost",
    "/compat",
    "/catalog",
    "/zh/",
)
DEMONSTRATION = "http://127.0.0.1:8000"
"""What the documentation calls the service; commands and links on pages name the service itself."""
_OUTSIDE = ("https://", "http://", "mailto:", "#")


@dataclass(frozen=True)
class Heading:
    """A heading: its level, its anchor and its words."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A document as HTML, without its first heading of the first level.

    Attributes:
        title: The words of that heading.
        summary: The words of the first paragraph.
        body: The rest.
        headings: Those of the second and third level.
    """

    title: str
    summary: str
    body: Markup
    headings: Sequence[Heading]


def inline(text: str, language: Language) -> Markup:
    """Return a text without paragraphs as HTML; its links stay in the language."""
    renderer = _renderer()
    tokens = renderer.parseInline(text)
    for token in tokens:
        _resolve(token.children or (), partial(localised, language=language))
    return Markup(renderer.renderer.render(tokens, renderer.options, {}))  # noqa: S704 - our own


def rendered(text: str, resolve: Resolve, code_label: str) -> Rendered:
    """Return a document as HTML.

    Args:
        text: Markdown.
        resolve: Finds where its links lead.
        code_label: What a block of code is called where nobody sees it.
    """
    renderer = _renderer()
    tokens = renderer.parse(text)
    title, tokens = _without_title(tokens)
    headings = _anchored(tokens)
    for token in tokens:
        _resolve(token.children or (), resolve)
    body = renderer.renderer.render(tokens, renderer.options, {"code_label": code_label})
    first = next(
        (tokens[n + 1] for n, each in enumerate(tokens) if each.type == "paragraph_open"), None
    )
    summary = _words(first) if first else title
    return Rendered(title, summary, Markup(body), headings)  # noqa: S704 - HTML of our renderer


def localised(target: str, language: Language) -> str:
    """Return an address in a language; those of programs and of other servers as they are."""
    if not target.startswith("/") or target.startswith(_NO_PAGES):
        return target
    return language.path(target)


@cache
def _renderer() -> MarkdownIt:
    found = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return found.enable("table")


class _Renderer(RendererHTML):
    """Adds what the style sheet and screen readers need."""

    def fence(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,  # noqa: ARG002 - the library's own
        env: MutableMapping[str, Any],
    ) -> str:
        """Render a block of code, in colours, which can be scrolled by keyboard."""
        token = tokens[idx]
        kind = token.info.strip().split(" ")[0]
        env["blocks"] = env.get("blocks", 0) + 1  # regions have names of their own
        label = escape(f"{env.get('code_label', '')} {env['blocks']}")
        code = coloured(token.content.replace(DEMONSTRATION, NOWHERE), kind)
        return (
            f'<div class="snippet"><div class="code" role="region" aria-label="{label}" '
            f'tabindex="0"><pre><code>{code}</code></pre></div></div>\n'
        )

    def table_open(self, *_: object) -> str:
        """Let a wide table scroll by itself."""
        return '<div class="table"><table>\n'

    def table_close(self, *_: object) -> str:
        """End it."""
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """Say what a heading is the heading of."""
        return f'<th scope="col"{_alignment(tokens[idx])}>'

    def td_open(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """Align numbers by class: styles of elements are against our policy."""
        return f"<td{_alignment(tokens[idx])}>"


def _alignment(cell: Token) -> str:
    return ' class="n"' if cell.attrs.get("style") == "text-align:right" else ""


def _resolve(tokens: Sequence[Token], resolve: Resolve) -> None:
    """Point links where they lead here; what is not here stays as words."""
    unlinked = 0
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            target = str(token.attrs.get("href", "")).replace(DEMONSTRATION, NOWHERE)
            if token.markup == "autolink":
                tokens[place + 1].content = target
            found = target if target.startswith(_OUTSIDE) else resolve(target)
            if found is None:
                token.tag = "span"
                token.attrs = {}
                unlinked += 1
            else:
                token.attrs["href"] = found
        elif token.type == "link_close" and unlinked:
            token.tag = "span"
            unlinked -= 1


def _without_title(tokens: list[Token]) -> tuple[str, list[Token]]:
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            words = _words(tokens[place + 1])
            return words, [*tokens[:place], *tokens[place + 3 :]]
    return "", tokens


def _anchored(tokens: Sequence[Token]) -> list[Heading]:
    """Give each heading the anchor that it has on code hosts, so that links to parts work."""
    found: list[Heading] = []
    known: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        words = _words(tokens[place + 1])
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        known[anchor] = known.get(anchor, -1) + 1
        if known[anchor]:
            anchor = f"{anchor}-{known[anchor]}"
        token.attrs["id"] = anchor
        if token.tag in ("h2", "h3"):
            found.append(Heading(int(token.tag[1]), anchor, words))
    return found


def _words(token: Token) -> str:
    """Return the text of an inline token, without marks."""
    parts = (
        " " if each.type in ("softbreak", "hardbreak") else each.content
        for each in token.children or ()
    )
    return "".join(parts).strip()
