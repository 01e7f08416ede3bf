"""Executing operations: so many at once, in fair turns, each in its time."""

import asyncio
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, ExecutionResult

from api.endpoint.service import Service
from api.refusal import RefusalError
from api.settings import Settings
from api.turns import Turns
from schema.context import Context
from schema.errors import Code


class Execution:
    """Executes operations of documents.

    Attributes:
        turns: The turns at it, which all who execute share.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.request_timeout_s
        self.turns = Turns(settings.max_executing, settings.max_waiting, settings.request_timeout_s)

    async def result(
        self,
        service: Service,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
        context: Context,
    ) -> ExecutionResult:
        """Execute an operation of a document, which is to be done in a turn.

        Raises:
            RefusalError: VARIABLES_INVALID, or TIMEOUT.
        """
        running = service.run(document, operation_name, variables, context)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await running
        except TimeoutError:
            raise RefusalError(
                Code.TIMEOUT,
                f"This took longer than {self._timeout_s:g} seconds. Ask for less at once, or try "
                "again.",
            ) from None
        finally:
            context.loaders.close()
