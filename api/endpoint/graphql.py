"""GraphQL over HTTP: ``/graphql``, the current version, and ``/graphql/<version>``."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, get_operation_ast
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.execution import optimized_is_awaitable

from api.documents import MAX_ERRORS, Documents
from api.endpoint.answer import VARY, Answers
from api.endpoint.body import read_json_body
from api.endpoint.departure import ended_by_departure
from api.endpoint.parameters import Parameters, pinned_release, url_parameters
from api.negotiation import MediaType, preferred
from api.refusal import RefusalError
from api.settings import Settings
from api.visit import visit_of
from loaders.request import Loaders
from schema.context import Context
from schema.errors import Code, ContractError, quoted
from schema.limits import LIMITS, Limits

ALLOW = "GET, HEAD, POST, QUERY, OPTIONS"
_IN_URL = ("GET", "HEAD")
_OFFERED = (MediaType.JSON, MediaType.GRAPHQL)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests over the schemas of all versions."""

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        current: str,
        settings: Settings,
        limits: Limits = LIMITS,
    ) -> None:
        self._services = {
            name: _Service(schema, Documents(schema._schema, limits))  # noqa: SLF001 - no other way
            for name, schema in schemas.items()
        }
        self._current = current
        self._settings = settings
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ALLOW, "Vary": VARY})
        accepted = preferred(", ".join(request.headers.getlist("accept")), _OFFERED)
        answers = Answers(accepted or MediaType.JSON, visit_of(request.scope))
        try:
            _require_acceptable(accepted)
            return answers.completed(await self._execute(request))
        except RefusalError as refusal:
            return answers.refused(refusal)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and masked
            return answers.failed(error)

    async def _execute(self, request: Request) -> ExecutionResult:
        visit = visit_of(request.scope)
        service = self._service(request)
        in_url = url_parameters(request.scope["query_string"])
        release = pinned_release(in_url)
        parameters = await self._parameters(request, in_url)
        visit.name_operation(parameters.operation_name)
        document = service.documents.accept(parameters.query, safe=request.method in _IN_URL)
        visit.name_operation(_operation_name(document, parameters.operation_name))
        context = Context(Loaders(request.state.pool), release)
        running = service.run(document, parameters, context)
        try:
            async with ended_by_departure(request.receive):
                return await self._in_time(running)
        finally:
            visit.releases = context.releases_read

    def _service(self, request: Request) -> "_Service":
        name = request.path_params.get("version", self._current)
        service = self._services.get(name)
        if service is None:
            error = ContractError(
                Code.VERSION_NOT_FOUND, f"There is no version {quoted(name)} of the schema."
            )
            error.extensions = {**(error.extensions or {}), "versions": list(self._services)}
            raise RefusalError(Code.VERSION_NOT_FOUND, error)
        visit_of(request.scope).version = name
        return service

    async def _parameters(self, request: Request, in_url: Mapping[str, str]) -> Parameters:
        if request.method in _IN_URL:
            return Parameters.from_url(in_url)
        if request.method not in ("POST", "QUERY"):
            raise RefusalError(
                Code.METHOD_NOT_ALLOWED, f"Use one of {ALLOW}.", headers={"Allow": ALLOW}
            )
        settings, limits = self._settings, self._limits
        body = await read_json_body(request, limits.max_body_bytes, settings.body_timeout_s)
        return Parameters.from_body(body)

    async def _in_time(self, running: Awaitable[ExecutionResult]) -> ExecutionResult:
        seconds = self._settings.request_timeout_s
        try:
            async with asyncio.timeout(seconds):
                return await running
        except TimeoutError:
            raise RefusalError(
                Code.TIMEOUT,
                f"This took longer than {seconds:g} seconds. Ask for less at once, or try again.",
            ) from None


@dataclass(frozen=True)
class _Service:
    """One version of the schema, and the documents that it has accepted."""

    schema: strawberry.Schema
    documents: Documents

    async def run(
        self, document: DocumentNode, parameters: Parameters, context: Context
    ) -> ExecutionResult:
        """Execute the operation that ``parameters`` choose.

        Raises:
            RefusalError: VARIABLES_INVALID.
        """
        executor = self.schema.execution_context_class.build(
            self.schema._schema,  # noqa: SLF001 - no other way
            document,
            context_value=context,
            raw_variable_values=dict(parameters.variables),
            operation_name=parameters.operation_name,
            max_coercion_errors=MAX_ERRORS - 1,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        if isinstance(executor, list):
            raise RefusalError(Code.VARIABLES_INVALID, *executor)
        result: Any = executor.execute_operation()
        if isawaitable(result):
            result = await result
        return cast("ExecutionResult", result)


def _require_acceptable(accepted: MediaType | None) -> None:
    if accepted is None:
        raise RefusalError(
            Code.NOT_ACCEPTABLE, f"Accept one of the media types {', '.join(_OFFERED)}."
        )


def _operation_name(document: DocumentNode, wanted: str | None) -> str | None:
    """Return the name of the operation that is executed; refuse a choice that is none."""
    operation = get_operation_ast(document, wanted)
    if operation is not None:
        return operation.name.value if operation.name else None
    if wanted is None:
        message = "The document has several operations, or none: choose one with operationName."
    else:
        message = f"The document has no operation named {quoted(wanted)}."
    raise RefusalError(Code.OPERATION_NOT_FOUND, message)
