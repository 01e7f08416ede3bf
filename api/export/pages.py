"""The pages of an export: each is executed, costed and charged as one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, Executor, GraphQLError

from api.budget import check_cost
from api.endpoint.call import Call
from api.endpoint.execution import Execution
from api.endpoint.outcome import newest_catalogue, require_readable
from api.endpoint.service import Service
from api.export.columns import Column, columns_of
from api.export.document import UNITS, Export
from api.limits import exceeded
from api.quota.meter import Account
from loaders.request import Loaders, Store
from schema.context import Context
from schema.cost import Cost
from schema.limits import Limits
from schema.unit_cursor import cursor_of


class PageError(Exception):
    """A page has errors beside its data, or in their place.

    Attributes:
        errors: The errors, at least one.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        items: What it has.
        total: How many the whole list has.
        cursor: Where the page ends; ``None`` if it has nothing.
        more: Whether the list goes on.
        releases: The releases that were read.
    """

    items: Sequence[Mapping[str, Any]]
    total: int
    cursor: str | None
    more: bool
    releases: list[int]


class Pages:
    """Reads the pages of one export.

    Attributes:
        size: Items of a page.
        cost: What a page costs.
        key: Name of the items in a page.
    """

    def __init__(
        self,
        call: Call,
        service: Service,
        export: Export,
        variables: Mapping[str, Any],
        release: int | None,
        execution: Execution,
        limits: Limits,
        quota: int,
    ) -> None:
        """Read nothing yet; pages are as large as ``limits`` and ``quota`` allow.

        Args:
            call: The request.
            service: The version of the schema.
            export: What is exported.
            variables: Values of the variables of its document.
            release: The release that fields read unless they name one.
            execution: Executes the pages.
            limits: What every request meets.
            quota: What the client may spend in a minute; 0 is no limit.

        Raises:
            RefusalError: COST_EXCEEDED or LIMIT_EXCEEDED: a page of one item would break them.
        """
        self.key = export.key
        self._call = call
        self._service = service
        self._export = export
        self._variables = variables
        self._release = release
        self._execution = execution
        self._name = export.operation.name.value if export.operation.name else None
        self.size, self._document, self.cost = self._fitted(limits, quota)

    def _fitted(self, limits: Limits, quota: int) -> tuple[int, DocumentNode, Cost]:
        """Return the largest size of a page that passes, its document and its cost."""
        most = min(limits.max_cost, quota) if quota else limits.max_cost
        fits, breaks = 0, limits.max_page_size + 1
        size = limits.max_page_size
        while breaks - fits > 1:
            cost = self._sized(size)[1]
            if cost.total <= most and cost.values <= limits.max_values:
                fits = size
            else:
                breaks = size
            size = (fits + breaks) // 2
        document, cost = self._sized(fits or 1)
        check_cost(cost, limits)
        if not fits:
            raise exceeded("cost, which would be more than a minute's quota,", cost.total, most)
        return fits, document, cost

    def columns(self) -> list[Column]:
        """Return the columns of a table of the items.

        Raises:
            RefusalError: VARIABLES_INVALID.
        """
        return columns_of(self._executor(), self.key)

    async def cursor_of(self, unit: str) -> str:
        """Return the cursor of a unit in the list.

        Raises:
            PageError: The release does not hold it, or is gone itself.
            RefusalError: VARIABLES_INVALID.
            ConnectionError: The database has been away too long.
        """
        executor = self._executor()
        context = self._context()
        try:
            return await cursor_of(context, executor, unit)
        except GraphQLError as error:
            raise PageError([error]) from None
        finally:
            context.loaders.close()

    async def page(self, after: str | None, account: Account) -> Page:
        """Return the page after a cursor; what it costs is charged to ``account``.

        Raises:
            PageError: There are errors.
            RefusalError: RELEASE_WITHDRAWN for the one that is pinned, RATE_LIMITED, OVERLOADED,
                VARIABLES_INVALID, or TIMEOUT.
            ConnectionError: The database has been away too long.
        """
        context = self._context()
        require_readable(context.catalogue, self._release)
        await account.settle(self.cost.total)
        variables = {**self._variables, self._export.after: after}
        async with self._execution.turns.turn(account.client.key):
            result = await self._execution.result(
                self._service, self._document, self._name, variables, context
            )
        if result.errors:
            raise PageError(result.errors)
        found = (result.data or {})[UNITS]
        where = found["pageInfo"]
        return Page(
            found[self.key],
            found["totalCount"],
            where["endCursor"],
            where["hasNextPage"],
            context.releases_read,
        )

    def _context(self) -> Context:
        store = Store(self._call.state["pool"], newest_catalogue(self._call))
        return Context(Loaders(store), self._release)

    def _executor(self) -> Executor[Any]:
        """Return what would execute a page, for what follows from the document alone."""
        return self._service.executor(self._document, self._name, self._variables, None)

    def _sized(self, size: int) -> tuple[DocumentNode, Cost]:
        document = self._export.page(size)
        return document, self._service.costs.of(document, self._name, self._variables)
