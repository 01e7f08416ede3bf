"""One version of the schema as it is served: what it has accepted, and executing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, Executor

from api.costs import Costs
from api.documents import MAX_ERRORS, Documents
from api.guidance import Guidance
from api.refusal import RefusalError
from schema.context import Context
from schema.errors import Code
from schema.limits import Limits
from schema.operations import Operations


@dataclass(frozen=True)
class Service:
    """One version of the schema, whole or without what is deprecated.

    Attributes:
        name: Name of the version.
        pruned: Whether what is deprecated is left out.
        schema: The schema.
        documents: The documents that it has accepted.
        costs: Their costs.
        guidance: What they use that goes.
        operations: Makes what executes them.
    """

    name: str
    pruned: bool
    schema: strawberry.Schema
    documents: Documents
    costs: Costs
    guidance: Guidance
    operations: Operations

    @classmethod
    def of(
        cls,
        name: str,
        schema: strawberry.Schema,
        guidance: Guidance,
        limits: Limits,
        *,
        pruned: bool,
    ) -> "Service":
        """Serve ``schema``, nothing accepted yet."""
        inner = schema._schema  # noqa: SLF001 - no other way
        operations = Operations(inner, schema.execution_context_class, MAX_ERRORS - 1)
        documents, costs = Documents(inner, limits), Costs(inner)
        return cls(name, pruned, schema, documents, costs, guidance, operations)

    def executor(
        self,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
        context: Context | None,
    ) -> Executor[Any]:
        """Return what executes an operation of a document.

        Raises:
            RefusalError: VARIABLES_INVALID.
        """
        executor = self.operations.executor(document, operation_name, variables, context)
        if isinstance(executor, list):
            raise RefusalError(Code.VARIABLES_INVALID, *executor)
        return executor

    async def run(
        self,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any],
        context: Context,
    ) -> ExecutionResult:
        """Execute an operation of a document.

        Raises:
            RefusalError: VARIABLES_INVALID.
        """
        executor = self.executor(document, operation_name, variables, context)
        result: Any = executor.execute_operation()
        if isawaitable(result):
            result = await result
        if not result.errors:
            # They refer to the executor, which would leave all that the request has read to the
            # garbage collector: it held up everybody for ten milliseconds, six times a second.
            del executor.async_helpers
        return cast("ExecutionResult", result)
