"""One kind of page: an address, a template of the same name as its texts, and what it needs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from api.pages.view import View

Make = Callable[[View], Awaitable[Mapping[str, object]]]
"""Collects what a template needs."""


async def nothing(_view: View) -> Mapping[str, object]:
    """Need nothing but texts."""
    return {}


def only(path: str) -> Callable[[View], Iterable[str]]:
    """Return a function that names one address."""
    return lambda _view: [path]


@dataclass(frozen=True)
class Page:
    """A kind of page.

    Attributes:
        path: Its address in English, with the names of parameters in braces.
        name: Of its template and of its table of texts.
        make: Collects what the template needs.
        paths: Every address that it has now, for the map of the site; none by default where there
            are parameters.
    """

    path: str
    name: str
    make: Make = nothing
    paths: Callable[[View], Iterable[str]] | None = None

    def addresses(self, view: View) -> list[str]:
        """Return every address that there is now, in English."""
        if self.paths is not None:
            return list(self.paths(view))
        return [] if "{" in self.path else [self.path]
