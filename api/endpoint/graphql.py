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

from api.budget import check_cost, cost_json
from api.costs import Costs
from api.documents import MAX_ERRORS, Documents
from api.endpoint.answer import VARY, Answers
from api.endpoint.body import ACCEPT_QUERY, read_json_body
from api.endpoint.departure import ended_by_departure
from api.endpoint.dry_run import is_dry_run
from api.endpoint.freshness import SAFE, fresh_answer, freshness_of
from api.endpoint.parameters import (
    Parameters,
    deprecated_removed,
    pinned_release,
    url_parameters,
)
from api.guidance import Guidance, deprecation_counters, notices_of_all, without_deprecated
from api.negotiation import MediaType, preferred
from api.persisted import PersistedDocuments
from api.quota.meter import Account
from api.refusal import RefusalError
from api.settings import Settings
from api.turns import Turns
from api.version_choice import refusal_of_version
from api.visit import visit_of
from loaders.request import Loaders
from schema.context import Context
from schema.cost import Cost
from schema.errors import Code, quoted
from schema.limits import LIMITS, Limits
from schema.versions import VERSIONS, Versions, VersionStatus

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
        versions: Versions = VERSIONS,
    ) -> None:
        self._versions = versions
        self._services: dict[tuple[str, bool], _Service] = {}
        for name, going in notices_of_all(schemas).items():
            schema = schemas[name]
            whole = Guidance(name, schema, going, versions)
            self._services[name, False] = _Service.of(schema, whole, limits)
            rest = without_deprecated(schema, going)
            lasting = Guidance(name, rest, {}, versions)
            self._services[name, True] = _Service.of(rest, lasting, limits)
        self._persisted = PersistedDocuments()
        self._current = current
        self._settings = settings
        self._limits = limits
        waiting, patience_s = settings.max_waiting, settings.request_timeout_s
        self._reading = Turns(1, waiting, patience_s, breathe=True)
        self._executing = Turns(settings.max_executing, waiting, patience_s)

    @property
    def reading(self) -> Turns:
        """The turns in which documents are read, one at a time, since that holds up all others."""
        return self._reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(
                status_code=204,
                headers={"Allow": ALLOW, "Accept-Query": ACCEPT_QUERY, "Vary": VARY},
            )
        accepted = preferred(", ".join(request.headers.getlist("accept")), _OFFERED)
        visit = visit_of(request.scope)
        answers = Answers(accepted or MediaType.JSON, visit)
        response = await self._answer(request, accepted, answers)
        response = fresh_answer(request, response, freshness_of(visit))
        if visit.account is not None:
            response.headers.update(visit.account.headers)
        return response

    async def _answer(
        self, request: Request, accepted: MediaType | None, answers: Answers
    ) -> Response:
        try:
            account = await _open_account(request)
            _require_acceptable(accepted)
            result = await self._execute(request, account)
            if isinstance(result, Cost):
                return answers.priced(result, self._limits)
            return answers.completed(result)
        except RefusalError as refusal:
            return answers.refused(refusal)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and masked
            return answers.failed(error)

    async def _execute(self, request: Request, account: Account) -> ExecutionResult | Cost:
        version = self._version(request)
        in_url = url_parameters(request.scope["query_string"])
        service = self._services[version, deprecated_removed(in_url)]
        release = pinned_release(in_url)
        parameters = await self._parameters(request, in_url)
        context = Context(Loaders(request.state.pool), release)
        async with ended_by_departure(request.receive):
            client = account.client.key
            async with self._reading.turn(client), account.fined(parameters.query or ""):
                document, cost = await self._read(request, service, parameters)
            if is_dry_run(request.scope):
                return cost
            check_cost(cost, self._limits)
            await account.settle(cost.total)
            async with self._executing.turn(client):
                return await self._run(request, service, document, parameters, context)

    async def _read(
        self, request: Request, service: "_Service", parameters: Parameters
    ) -> tuple[DocumentNode, Cost]:
        """Return the document that is to be executed, and what it costs."""
        visit = visit_of(request.scope)
        visit.name_operation(parameters.operation_name)
        document = await self._document(service, parameters, safe=request.method in SAFE)
        visit.name_operation(_operation_name(document, parameters.operation_name))
        name = parameters.operation_name
        service.guidance.advise(visit, document, name, parameters.variables)
        request.state.tally.count(deprecation_counters(visit.uses))
        cost = service.costs.of(document, name, parameters.variables)
        visit.cost = cost_json(cost, self._limits)
        return document, cost

    async def _run(
        self,
        request: Request,
        service: "_Service",
        document: DocumentNode,
        parameters: Parameters,
        context: Context,
    ) -> ExecutionResult:
        visit = visit_of(request.scope)
        try:
            return await self._in_time(service.run(document, parameters, context))
        finally:
            context.loaders.close()
            visit.releases = context.releases_read
            visit.pinned = not context.live and self._is_pinned(request)

    async def _document(
        self, service: "_Service", parameters: Parameters, *, safe: bool
    ) -> DocumentNode:
        """Return the document that ``parameters`` hold or name; keep what was held and named."""
        text, named = parameters.query, parameters.document_hash
        if text is None:
            return await service.documents.admit(self._persisted.text_of(str(named)), safe=safe)
        document = await service.documents.admit(text, safe=safe)
        if named:
            self._persisted.keep(named, text)
        return document

    def _is_pinned(self, request: Request) -> bool:
        """Tell whether the address names a version, and one that is not changed at any time."""
        version = self._versions.get(request.path_params.get("version", ""))
        return version is not None and version.status is not VersionStatus.UNSTABLE

    def _version(self, request: Request) -> str:
        """Return the version that the address names, or the current one."""
        name: str = request.path_params.get("version", self._current)
        if (name, False) not in self._services:
            served = [each for each, with_all in self._services if not with_all]
            raise refusal_of_version(name, served, self._versions)
        visit_of(request.scope).version = name
        return name

    async def _parameters(self, request: Request, in_url: Mapping[str, str]) -> Parameters:
        if request.method in _IN_URL:
            return Parameters.from_url(in_url)
        if request.method not in ("POST", "QUERY"):
            raise RefusalError(
                Code.METHOD_NOT_ALLOWED,
                f"Use one of {ALLOW}.",
                headers={"Allow": ALLOW, "Accept-Query": ACCEPT_QUERY},
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
    costs: Costs
    guidance: Guidance

    @classmethod
    def of(cls, schema: strawberry.Schema, guidance: Guidance, limits: Limits) -> "_Service":
        """Serve ``schema``, nothing accepted yet."""
        inner = schema._schema  # noqa: SLF001 - no other way
        return cls(schema, Documents(inner, limits), Costs(inner), guidance)

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


async def _open_account(request: Request) -> Account:
    """Return what the request is charged to.

    Raises:
        RefusalError: RATE_LIMITED or INVALID_KEY.
    """
    account, refusal = await request.state.meter.open(request)
    visit_of(request.scope).account = account
    if refusal is not None:
        raise refusal
    return cast("Account", account)


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
