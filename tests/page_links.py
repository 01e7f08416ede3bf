"""All links of all pages: walks a site as a reader who follows every link would."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers accept."""
_LINK = re.compile(r'\s(?:href|src)="([^"]*)"')
_SET = re.compile(r'\ssrcset="([^"]*)"')
_DRAWN = re.compile(r"^/pictures/.*\.svg$")
"""Each takes a while, and has tests of its own."""
_ID = re.compile(r'\sid="([^"]*)"')


@dataclass
class Site:
    """What a walk found.

    Attributes:
        answers: The answer at each address, with its query.
        outside: Addresses of other servers.
        wanted: Each part of a page that a link leads to, and where the link is.
    """

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    wanted: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def pages(self) -> dict[str, str]:
        """The text of each page."""
        return {path: each.text for path, each in self.answers.items() if _is_page(each)}

    def missing_parts(self) -> list[str]:
        """Return links to parts of pages that have no such part."""
        parts = {path: set(map(unescape, _ID.findall(text))) for path, text in self.pages.items()}
        return [
            f"{where} -> {path}#{part}"
            for (path, part), where in self.wanted.items()
            # What is said to the IDE is no part of its page.
            if path in parts and part not in parts[path] and not path.startswith("/graphql")
        ]


def walk(client: httpx.Client, *starts: str) -> Site:
    """Follow every link from some addresses on, to the end, but have no pictures drawn."""
    site, waiting = Site(), deque(starts)
    while waiting:
        path = waiting.popleft()
        if path in site.answers or _DRAWN.search(path):
            continue
        answer = site.answers[path] = client.get(path, headers={"accept": HTML})
        if _is_page(answer):
            for link in _links(answer.text):
                _follow(site, str(client.base_url.join(path)), link, path, waiting)
    return site


def _follow(site: Site, base: str, link: str, path: str, waiting: deque[str]) -> None:
    target, part = urldefrag(urljoin(base, link))
    address = urlsplit(target)
    if address.netloc != urlsplit(base).netloc:
        site.outside.add(target)
        return
    found = address.path + (f"?{address.query}" if address.query else "")
    if part:
        site.wanted.setdefault((found, part), path)
    waiting.append(found)


def _links(text: str) -> Iterator[str]:
    for found in _LINK.findall(text):
        yield unescape(found)
    for found in _SET.findall(text):
        for candidate in found.split(","):
            yield unescape(candidate.strip().split(" ")[0])


def _is_page(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("content-type", "")
    return kind.startswith("text/html")
