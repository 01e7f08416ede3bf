"""``POST /compat``: will my documents survive?"""

from collections.abc import Mapping
from typing import cast

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.compat import Compat, Report
from api.endpoint.body import read_json_body
from api.endpoint.call import Call
from api.limits import exceeded
from api.negotiation import MediaType
from api.problems import problem
from api.quota.meter import Account
from api.refusal import RefusalError
from api.settings import Settings
from api.statuses import status_of
from api.turns import Turns
from api.visit import visit_of
from schema.errors import Code
from schema.limits import LIMITS

MAX_DOCUMENTS = 20
"""Documents in one request."""
_MAX_NAME_LENGTH = 200
_FORM = 'a JSON object with "query": text, or "documents": a list of texts or of {"name", "query"}'


class CompatEndpoint:
    """Answers ``/compat`` with the verdicts of all versions on one document or many."""

    def __init__(self, compat: Compat, settings: Settings, turns: Turns) -> None:
        self._compat = compat
        self._settings = settings
        self._turns = turns

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        account, refusal = await request.state.meter.open(request.scope)
        visit_of(request.scope).account = account
        try:
            if refusal is not None:
                raise refusal
            return await self._reports(request, cast("Account", account))
        except RefusalError as refused:
            return _refused(request, refused, account)

    async def _reports(self, request: Request, account: Account) -> Response:
        call = Call(request.scope, request.receive)
        body = await read_json_body(call, LIMITS.max_body_bytes, self._settings.body_timeout_s)
        documents = _documents(body)
        await account.settle(len(documents) * len(self._compat.versions))
        reports = []
        for name, text in documents:
            verdicts = self._compat.verdicts(text)
            found = []
            for _ in self._compat.versions:
                # One validation is as much as may hold up the others.
                async with self._turns.turn(account.client.key):
                    found.append(next(verdicts))
            reports.append(Report(name, found).as_json())
        page = {"versions": self._compat.versions, "documents": reports}
        return Response(
            orjson.dumps(page),
            headers={"Cache-Control": "no-store", **account.headers},
            media_type=MediaType.JSON.value,
        )


def _refused(request: Request, refusal: RefusalError, account: Account) -> Response:
    visit_of(request.scope).codes.append(refusal.code.value)
    error = refusal.errors[0]
    return problem(
        refusal.status or status_of(refusal.code, MediaType.PROBLEM),
        error.message,
        headers={**account.headers, **refusal.headers},
        **(error.extensions or {}),
    )


def _documents(body: bytes) -> list[tuple[str, str]]:
    """Return (name, text) of each document of a request.

    Raises:
        RefusalError: REQUEST_INVALID or LIMIT_EXCEEDED.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _invalid() from None
    if not isinstance(value, dict):
        raise _invalid()
    given = value.get("documents", [value])
    if not isinstance(given, list) or not given:
        raise _invalid()
    if len(given) > MAX_DOCUMENTS:
        raise exceeded("documents", len(given), MAX_DOCUMENTS)
    return [_named(each, place) for place, each in enumerate(given, start=1)]


def _named(given: object, place: int) -> tuple[str, str]:
    if isinstance(given, str):
        return f"document {place}", given
    if not isinstance(given, Mapping):
        raise _invalid()
    name, text = given.get("name", f"document {place}"), given.get("query")
    if not isinstance(name, str) or not isinstance(text, str):
        raise _invalid()
    return name[:_MAX_NAME_LENGTH], text


def _invalid() -> RefusalError:
    return RefusalError(Code.REQUEST_INVALID, f"Send {_FORM}.")
