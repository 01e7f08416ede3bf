"""Requests of tests that go without HTTP."""

from loaders.catalogue import read_catalogue
from loaders.request import Loaders, Store
from loaders.statements import Pool
from schema.context import Context


async def context_of(source: Pool, release: int | None = None) -> Context:
    """Return the context of a request that reads what ``source`` holds now."""
    return Context(Loaders(Store(source, await read_catalogue(source))), release)
