"""The answer to a GraphQL request: its media type, status, headers and body."""

from collections.abc import Mapping, Sequence

import orjson
import structlog
from graphql import ExecutionResult

from api.budget import breakdown_json
from api.documents import MAX_ERRORS
from api.endpoint.freshness import SAFE, Freshness
from api.endpoint.ready import Ready
from api.etag import etag_of, is_known
from api.faults import Fault
from api.head import Head
from api.limits import exceeded
from api.logs import Notes
from api.negotiation import MediaType
from api.refusal import RefusalError
from api.reply import Reply
from api.statuses import WITH_DATA, status_of
from api.visit import Visit
from schema.cost import Cost
from schema.errors import Code
from schema.limits import LIMITS, Limits
from schema.uses import MAX_USES

VARY = "Accept, Accept-Encoding"
RETRY_SECONDS = 5
NOT_MODIFIED = 304

_log = structlog.get_logger("cordgraph")


class Answers:
    """Makes the one answer of a request, and notes on its `Visit` what the answer says."""

    def __init__(self, media_type: MediaType, method: str, visit: Visit) -> None:
        self._media_type = media_type
        self._safe = method in SAFE
        self._visit = visit

    def ready(self, data: Mapping[str, object] | None, *, pinned: bool) -> Ready:
        """Return an answer with data and without errors, in a form that can be kept.

        Raises:
            RefusalError: LIMIT_EXCEEDED: the answer is too long.
        """
        body = self._body({"data": data}, ())
        _check_length(body)
        visit = self._visit
        notes = Notes(visit.version, visit.operation, visit.releases)
        return Ready(body, self._headers(), notes, pinned=pinned)

    def completed(self, result: ExecutionResult) -> Reply:
        """Answer with data and the errors beside it; without data if the database is away.

        Raises:
            RefusalError: LIMIT_EXCEEDED: the answer is too long.
        """
        faults = [Fault(error) for error in result.errors or ()]
        if any(fault.code is Code.UNAVAILABLE for fault in faults):
            return self.unavailable()
        reply = self._reply(WITH_DATA, {"data": result.data}, faults)
        _check_length(reply.body)
        return reply

    def priced(self, cost: Cost, limits: Limits, if_none_match: str) -> Reply:
        """Answer a dry run with what the operation costs, and its parts."""
        told = {**breakdown_json(cost, limits), "version": self._visit.version}
        body, content_type = orjson.dumps(told), MediaType.JSON.value
        tag = etag_of(content_type.encode(), body)
        headers = {"ETag": tag} if self._safe else {}
        reply = self._sent(WITH_DATA, body, headers, content_type, Freshness.CURRENT)
        if self._safe and is_known([if_none_match], tag):
            fields = [each for each in reply.head.fields if not each[0].startswith(b"content-")]
            return Reply(NOT_MODIFIED, Head(fields))
        return reply

    def refused(self, refusal: RefusalError) -> Reply:
        """Answer with the errors of a refusal."""
        status = refusal.status or status_of(refusal.code, self._media_type)
        faults = [Fault(error) for error in refusal.errors]
        return self._reply(status, {}, faults, refusal.headers)

    def failed(self, error: Exception) -> Reply:
        """Answer an exception that nobody caught."""
        fault = Fault(error)
        if fault.code is Code.UNAVAILABLE:
            return self.unavailable()
        return self._reply(status_of(fault.code, self._media_type), {}, [fault])

    def unavailable(self) -> Reply:
        """Answer that the database is away, so that the client tries again."""
        fault = Fault(ConnectionError())
        return self._reply(
            status_of(fault.code, self._media_type),
            {},
            [fault],
            {"Retry-After": str(RETRY_SECONDS)},
        )

    def _reply(
        self,
        status: int,
        body: dict[str, object],
        faults: Sequence[Fault],
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        visit = self._visit
        visit.codes += [fault.code.value for fault in faults]
        log_causes(faults, visit)
        content_type = f"{self._media_type.value}; charset=utf-8"
        return self._sent(
            status, self._body(body, faults), headers or {}, content_type, Freshness.NONE
        )

    def _body(self, body: dict[str, object], faults: Sequence[Fault]) -> bytes:
        if faults:
            shown = [fault.as_json(self._visit.request_id) for fault in faults[:MAX_ERRORS]]
            body = {"errors": shown, **body}
        body["extensions"] = {"cordgraph": self._extension(len(faults))}
        return orjson.dumps(body)

    def _sent(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str],
        content_type: str,
        freshness: Freshness,
    ) -> Reply:
        """Return an answer that is not kept here, and says whether others may keep it."""
        every = {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **self._headers(),
            **headers,
        }
        if self._safe:
            every["Cache-Control"] = freshness.value
        return Reply(status, Head.of(every), body)

    def _extension(self, errors: int) -> dict[str, object]:
        extension: dict[str, object] = {"releases": self._visit.releases}
        if self._visit.version:
            extension = {"version": self._visit.version, **extension}
        if self._visit.cost:
            extension["cost"] = self._visit.cost
        uses = self._visit.uses
        if uses:
            extension["deprecations"] = [use.as_json() for use in uses[:MAX_USES]]
        if len(uses) > MAX_USES:
            extension["deprecationsOmitted"] = len(uses) - MAX_USES
        if errors > MAX_ERRORS:
            extension["errorsOmitted"] = errors - MAX_ERRORS
        return extension

    def _headers(self) -> dict[str, str]:
        headers = {"Vary": VARY, **self._visit.advice}
        if self._visit.version:
            headers["CordGraph-Version"] = self._visit.version
        if self._visit.releases:
            headers["CordGraph-Releases"] = ", ".join(map(str, self._visit.releases))
        return headers


def _check_length(body: bytes) -> None:
    if len(body) > LIMITS.max_answer_bytes:
        raise exceeded("bytes of an answer", len(body), LIMITS.max_answer_bytes)


def log_causes(faults: Sequence[Fault], visit: Visit) -> None:
    """Keep the traceback of each unexpected exception once."""
    causes = {id(fault.cause): fault.cause for fault in faults if fault.needs_log}
    for cause in list(causes.values())[:MAX_ERRORS]:
        _log.error("fault", request_id=visit.request_id, exc_info=cause)
