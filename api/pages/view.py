"""What a page is made from: a language, an address, and one state of the data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLSchema, parse, validate
from starlette.requests import Request

from api.pages.asking import Asking
from api.pages.language import Language
from api.pages.library import page_of
from api.pages.markdown import Rendered
from api.pages.texts import table_at, text_at, texts
from api.portals.description import Publisher
from loaders.catalogue import Catalogue
from loaders.releases import ReleaseRecord
from loaders.statements import Pool
from schema.versions import Versions

_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class NoSuchPageError(Exception):
    """There is nothing at an address; ``status`` tells whether there was."""

    def __init__(self, status: int = 404, reason: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Sources:
    """What all pages are made from, for as long as the process runs.

    Attributes:
        asking: Asks the contract, in its newest version.
        schemas: The schema of each version that is served.
        retired: Definition of each version that no longer is.
        versions: Where the versions stand.
        anonymous_quota: Cost that a client without a key may spend in a minute; 0 is no limit.
        publisher: Who publishes.
    """

    asking: Asking
    schemas: Mapping[str, strawberry.Schema]
    retired: Mapping[str, str]
    versions: Versions
    anonymous_quota: int
    publisher: Publisher

    def view(self, request: Request, language: Language, path: str) -> "View":
        """Return what the page at ``path`` in English is made from, as the data are now.

        Raises:
            ConnectionError: The database has been away too long.
        """
        catalogue, pool = request.state.newest.catalogue, request.state.pool
        return View(self, language, path, catalogue, pool, request.path_params)


@dataclass(frozen=True)
class View:
    """One page as it is being made.

    Attributes:
        sources: What all pages are made from.
        language: Its language.
        path: Its address in English.
        catalogue: All that is published but the units.
        pool: Runs statements.
        parameters: What the address says, by name.
    """

    sources: Sources
    language: Language
    path: str
    catalogue: Catalogue
    pool: Pool
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def versions(self) -> Versions:
        """The versions of the schema."""
        return self.sources.versions

    @property
    def anonymous_quota(self) -> int:
        """Cost that a client without a key may spend in a minute; 0 is no limit."""
        return self.sources.anonymous_quota

    @property
    def latest(self) -> ReleaseRecord | None:
        """The newest release, if there is one."""
        return self.catalogue.releases.latest

    def version_for(self, document: str) -> str:
        """Return the version to open a document in: the current one, unless it needs the newest."""
        current = self.versions.current.name
        schema = self.sources.schemas[current]._schema  # noqa: SLF001 - no other way
        return current if _is_valid(schema, document) else self.versions.newest.name

    def text(self, name: str) -> str:
        """Return a text of the page's language by its dotted name."""
        return text_at(texts(self.language), name)

    def text_table(self, name: str) -> Mapping[str, Any]:
        """Return a table of texts of the page's language by its dotted name."""
        return table_at(texts(self.language), name)

    def document(self, path: str) -> Rendered:
        """Return a file of the documentation as HTML.

        Raises:
            LookupError: There is none.
        """
        found = page_of(path, self.language, self.text("site.code"))
        if found is None:
            raise LookupError(path)
        return found

    def number(self) -> int:
        """Return the number of the release that the address names.

        Raises:
            NoSuchPageError: There is no such release, or it was withdrawn.
        """
        text = self.parameters["number"]
        record = None
        if _NUMBER.fullmatch(text):
            record = self.catalogue.releases.get(int(text))
        if record is None:
            raise NoSuchPageError
        if record.withdrawn_at is not None:
            raise NoSuchPageError(410, record.withdrawn_reason or "")
        return record.number

    async def ask(self, name: str, release: int | None = None, **variables: object) -> Any:  # noqa: ANN401 - any JSON
        """Return the data of one of our own documents; names in them are in the page's language.

        Args:
            name: Of the file in ``queries``.
            release: What to pin.
            variables: Of the document, beside ``language``.
        """
        every = {"language": self.language.in_contract, **variables}
        return await self.sources.asking.answer(name, every, release, self.pool, self.catalogue)

    async def ask_all(self, name: str, release: int | None = None) -> list[dict[str, Any]]:
        """Return all nodes of the connection ``page`` of one of our own documents."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = (await self.ask(name, release, after=after))["page"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


@lru_cache(maxsize=256)
def _is_valid(schema: GraphQLSchema, document: str) -> bool:
    return not validate(schema, parse(document))
