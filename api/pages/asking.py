"""Asks the contract for what pages show, so that no page can disagree with an answer."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import DocumentNode, parse

from loaders.catalogue import Catalogue
from loaders.request import Loaders, Store
from loaders.statements import Pool
from schema.context import Context
from schema.operations import Operations

_MAX_ERRORS = 1


class AskingError(Exception):
    """A document of our own was not answered: a fault of the service, never of the visitor."""


@cache
def query_text(name: str) -> str:
    """Return the document ``queries/<name>.graphql``, as it is also shown to visitors."""
    path = files("api.pages") / "queries" / f"{name}.graphql"
    return path.read_text(encoding="utf-8").strip()


@cache
def _document(name: str) -> DocumentNode:
    return parse(query_text(name))


class Asking:
    """Executes our own documents in one version of the schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._operations = Operations(
            schema._schema,  # noqa: SLF001 - no other way
            schema.execution_context_class,
            _MAX_ERRORS,
        )

    async def answer(
        self,
        name: str,
        variables: Mapping[str, Any],
        release: int | None,
        pool: Pool,
        catalogue: Catalogue,
    ) -> dict[str, Any]:
        """Return the data of the answer to a document, with ``release`` pinned.

        Raises:
            AskingError: There was an error.
        """
        context = Context(Loaders(Store(pool, catalogue)), release)
        executor = self._operations.executor(_document(name), None, variables, context)
        if isinstance(executor, list):
            raise AskingError(f"{name}: {executor[0]}")
        try:
            result: Any = executor.execute_operation()
            if isawaitable(result):
                result = await result
        finally:
            context.loaders.close()
        if result.errors:
            raise AskingError(f"{name}: {result.errors[0]}") from result.errors[0].original_error
        data: dict[str, Any] = result.data
        return data
