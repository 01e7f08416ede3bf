"""From a request to what it asks: its address, its parameters, its document and what that costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from weakref import ref

import strawberry
from graphql import DocumentNode, get_operation_ast

from api.addresses import graphql_path
from api.budget import cost_json
from api.endpoint.body import ACCEPT_QUERY, read_json_body
from api.endpoint.call import Call
from api.endpoint.freshness import SAFE
from api.endpoint.parameters import (
    Parameters,
    deprecated_removed,
    pinned_release,
    url_parameters,
)
from api.endpoint.question import Question, counters_of, question_key
from api.endpoint.service import Service
from api.guidance import Guidance, notices_of_all, without_deprecated
from api.negotiation import MediaType, preferred
from api.persisted import PersistedDocuments
from api.quota.meter import Account
from api.refusal import RefusalError
from api.settings import Settings
from api.turns import Turns
from api.version_choice import refusal_of_version
from schema.cost import Cost
from schema.errors import Code, quoted
from schema.limits import Limits
from schema.versions import Versions, VersionStatus

ALLOW = "GET, HEAD, POST, QUERY, OPTIONS"
_IN_URL = ("GET", "HEAD")
_IN_BODY = ("POST", "QUERY")
_OFFERED = (MediaType.JSON, MediaType.GRAPHQL)
_SHORT = 2_000
"""Characters of a document that takes no time worth a turn once it is known."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose address and parameters are understood."""

    service: Service
    release: int | None
    parameters: Parameters


class Reader:
    """Understands requests; keeps the documents that clients registered.

    Attributes:
        persisted: These documents.
        addresses: The paths of all versions that are served, with the name that each has in it.
    """

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        current: str,
        settings: Settings,
        limits: Limits,
        versions: Versions,
    ) -> None:
        self.persisted = PersistedDocuments()
        self.addresses: dict[str, str | None] = {"/graphql": None, "/graphql/": None}
        self.turns = Turns(1, settings.max_waiting, settings.request_timeout_s, breathe=True)
        self._services: dict[tuple[str, bool], Service] = {}
        for name, going in notices_of_all(schemas).items():
            whole = schemas[name]
            rest = without_deprecated(whole, going)
            guidance = Guidance(name, whole, going, versions)
            lasting = Guidance(name, rest, {}, versions)
            self._services[name, False] = Service.of(name, whole, guidance, limits, pruned=False)
            self._services[name, True] = Service.of(name, rest, lasting, limits, pruned=True)
            path = graphql_path(name)
            self.addresses |= {path: name, f"{path}/": name}
        self._current = current
        self._settings = settings
        self._limits = limits
        self._versions = versions

    async def take_body(self, call: Call) -> None:
        """Read the body of ``call`` if it is at one of the addresses and its method has one.

        What prevents it is noted on ``call``, for when its turn comes.

        Raises:
            ClientDisconnect: The client left.
        """
        if call.method in _IN_URL:
            call.body = b""
        elif call.method in _IN_BODY and call.scope["path"] in self.addresses:
            try:
                call.body = await self._read_body(call)
            except RefusalError as refusal:
                call.unread = refusal

    async def request(self, call: Call) -> Request:
        """Return the address and the parameters of a request.

        Raises:
            RefusalError: They are not understood.
            ClientDisconnect: The client left.
        """
        name = self._version(call)
        in_url = url_parameters(call.scope["query_string"])
        service = self._services[name, deprecated_removed(in_url)]
        release = pinned_release(in_url)
        return Request(service, release, await self._parameters(call, in_url))

    async def question(
        self, call: Call, request: Request, media_type: MediaType, account: Account
    ) -> tuple[Question, DocumentNode, Cost]:
        """Return what a request asks, its document, and what it costs, which is not checked yet.

        Raises:
            RefusalError: The document is refused, and its client fined.
        """
        text, named = request.parameters.query or "", request.parameters.document_hash
        short = len(text) <= _SHORT and not named
        known = request.service.documents.known(text) if short else None
        if known is not None:
            return await self._question(call, request, media_type, account, known)
        async with self.turns.turn(account.client.key):
            return await self._question(call, request, media_type, account)

    async def _question(
        self,
        call: Call,
        request: Request,
        media_type: MediaType,
        account: Account,
        document: DocumentNode | None = None,
    ) -> tuple[Question, DocumentNode, Cost]:
        try:
            document = document or await self._document(call, request)
            return self._of_document(call, request, media_type, document)
        except RefusalError:
            await account.fine(request.parameters.query or "")
            raise

    def _of_document(
        self, call: Call, request: Request, media_type: MediaType, document: DocumentNode
    ) -> tuple[Question, DocumentNode, Cost]:
        visit, service, parameters = call.visit, request.service, request.parameters
        name, variables = parameters.operation_name, parameters.variables
        visit.name_operation(name)
        visit.name_operation(_operation_name(document, name))
        service.guidance.advise(visit, document, name, variables)
        cost = service.costs.of(document, name, variables)
        visit.cost = cost_json(cost, self._limits)
        text = self._text(parameters)
        question = Question(
            service=service,
            media_type=media_type,
            release=request.release,
            fixed=self._is_fixed(call),
            operation_name=name,
            operation=visit.operation,
            variables=variables,
            total=cost.total,
            cost=visit.cost,
            uses=visit.uses,
            advice=visit.advice,
            counters=counters_of(visit.uses),
            named=None if parameters.query else parameters.document_hash,
            key=question_key(service, request.release, text, name, variables, visit.uses),
            tree=ref(document),
        )
        call.state["tally"].count(question.counters)
        return question, document, cost

    async def _document(self, call: Call, request: Request) -> DocumentNode:
        """Return the document that the request holds or names; keep what was held and named."""
        call.visit.name_operation(request.parameters.operation_name)
        parameters, documents = request.parameters, request.service.documents
        safe = call.method in SAFE
        document = await documents.admit(self._text(parameters), safe=safe)
        if parameters.query is not None and parameters.document_hash:
            self.persisted.keep(parameters.document_hash, parameters.query)
        return document

    def _text(self, parameters: Parameters) -> str:
        """Return the document's text.

        Raises:
            RefusalError: PERSISTED_QUERY_NOT_FOUND.
        """
        if parameters.query is not None:
            return parameters.query
        return self.persisted.text_of(str(parameters.document_hash))

    def named(self, path: str) -> str:
        """Return the version that one of the `addresses` names, or the current one."""
        return self.addresses[path] or self._current

    def _named(self, call: Call) -> str | None:
        """Return the version that the address names, known or not; ``None`` for the current one."""
        path = call.scope["path"]
        if path in self.addresses:
            return self.addresses[path]
        name: str | None = call.scope.get("path_params", {}).get("version")
        return name

    def _version(self, call: Call) -> str:
        """Return the version that the address names, or the current one."""
        name = self._named(call) or self._current
        if (name, False) not in self._services:
            served = [each for each, pruned in self._services if not pruned]
            raise refusal_of_version(name, served, self._versions)
        call.visit.version = name
        return name

    def _is_fixed(self, call: Call) -> bool:
        """Tell whether the address names a version, and one that is not changed at any time."""
        version = self._versions.get(self._named(call) or "")
        return version is not None and version.status is not VersionStatus.UNSTABLE

    async def _parameters(self, call: Call, in_url: Mapping[str, str]) -> Parameters:
        if call.method in _IN_URL:
            return Parameters.from_url(in_url)
        if call.method not in _IN_BODY:
            raise RefusalError(
                Code.METHOD_NOT_ALLOWED,
                f"Use one of {ALLOW}.",
                headers={"Allow": ALLOW, "Accept-Query": ACCEPT_QUERY},
            )
        if call.unread is not None:
            raise call.unread
        if call.body is None:
            call.body = await self._read_body(call)
        return Parameters.from_body(call.body)

    async def _read_body(self, call: Call) -> bytes:
        return await read_json_body(
            call, self._limits.max_body_bytes, self._settings.body_timeout_s
        )


def accepted_type(call: Call) -> MediaType | None:
    """Return the media type that a request wants; ``None`` if it is none of ours."""
    accept = call.field(b"accept")
    return _remembered(accept) if len(accept) <= 200 else _preferred(accept)  # noqa: PLR2004


def require_acceptable(accepted: MediaType | None) -> MediaType:
    """Return the media type.

    Raises:
        RefusalError: NOT_ACCEPTABLE: it is none of ours.
    """
    if accepted is None:
        raise RefusalError(
            Code.NOT_ACCEPTABLE, f"Accept one of the media types {', '.join(_OFFERED)}."
        )
    return accepted


def _preferred(accept: str) -> MediaType | None:
    return preferred(accept, _OFFERED)


_remembered = lru_cache(maxsize=256)(_preferred)


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
