"""The answer to a GraphQL request: its media type, status, headers and body."""

from collections.abc import Mapping, Sequence

import orjson
import structlog
from graphql import ExecutionResult
from starlette.responses import Response

from api.budget import breakdown_json
from api.documents import MAX_ERRORS
from api.faults import Fault
from api.limits import exceeded
from api.negotiation import MediaType
from api.refusal import RefusalError
from api.statuses import WITH_DATA, status_of
from api.visit import Visit
from schema.cost import Cost
from schema.errors import Code
from schema.limits import LIMITS, Limits
from schema.uses import MAX_USES

VARY = "Accept"
RETRY_SECONDS = 5

_log = structlog.get_logger("cordgraph")


class Answers:
    """Makes the one answer of a request, and notes on its `Visit` what the answer says."""

    def __init__(self, media_type: MediaType, visit: Visit) -> None:
        self._media_type = media_type
        self._visit = visit

    def completed(self, result: ExecutionResult) -> Response:
        """Answer with data and the errors beside it; without data if the database is away.

        Raises:
            RefusalError: LIMIT_EXCEEDED: the answer is too long.
        """
        faults = [Fault(error) for error in result.errors or ()]
        if any(fault.code is Code.UNAVAILABLE for fault in faults):
            return self.unavailable()
        response = self._response(WITH_DATA, {"data": result.data}, faults)
        if len(response.body) > LIMITS.max_answer_bytes:
            raise exceeded("bytes of an answer", len(response.body), LIMITS.max_answer_bytes)
        return response

    def priced(self, cost: Cost, limits: Limits) -> Response:
        """Answer a dry run with what the operation costs, and its parts."""
        body = {**breakdown_json(cost, limits), "version": self._visit.version}
        return Response(orjson.dumps(body), headers=self._headers(), media_type=MediaType.JSON)

    def refused(self, refusal: RefusalError) -> Response:
        """Answer with the errors of a refusal."""
        status = refusal.status or status_of(refusal.code, self._media_type)
        faults = [Fault(error) for error in refusal.errors]
        return self._response(status, {}, faults, refusal.headers)

    def failed(self, error: Exception) -> Response:
        """Answer an exception that nobody caught."""
        fault = Fault(error)
        if fault.code is Code.UNAVAILABLE:
            return self.unavailable()
        return self._response(status_of(fault.code, self._media_type), {}, [fault])

    def unavailable(self) -> Response:
        """Answer that the database is away, so that the client tries again."""
        fault = Fault(ConnectionError())
        return self._response(
            status_of(fault.code, self._media_type),
            {},
            [fault],
            {"Retry-After": str(RETRY_SECONDS)},
        )

    def _response(
        self,
        status: int,
        body: dict[str, object],
        faults: Sequence[Fault],
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        visit = self._visit
        visit.codes += [fault.code.value for fault in faults]
        _log_causes(faults, visit)
        if faults:
            shown = [fault.as_json(visit.request_id) for fault in faults[:MAX_ERRORS]]
            body = {"errors": shown, **body}
        body["extensions"] = {"cordgraph": self._extension(len(faults))}
        return Response(
            orjson.dumps(body),
            status,
            {**self._headers(), **(headers or {})},
            media_type=f"{self._media_type}; charset=utf-8",
        )

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


def _log_causes(faults: Sequence[Fault], visit: Visit) -> None:
    """Keep the traceback of each unexpected exception once."""
    causes = {id(fault.cause): fault.cause for fault in faults if fault.needs_log}
    for cause in list(causes.values())[:MAX_ERRORS]:
        _log.error("fault", request_id=visit.request_id, exc_info=cause)
