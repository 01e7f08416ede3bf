"""What ends an export early: told before the first byte by a problem, after it by the last line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from api.documents import MAX_ERRORS
from api.endpoint.answer import RETRY_SECONDS, log_causes
from api.export.pages import PageError
from api.faults import Fault
from api.negotiation import MediaType
from api.problems import problem
from api.refusal import RefusalError
from api.statuses import status_of
from api.visit import Visit
from schema.errors import Code

_RETRY = "Retry-After"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an export does not go on.

    Attributes:
        status: Status of an answer that says so.
        faults: The errors, at least one.
        headers: Headers of an answer that says so.
    """

    status: int
    faults: Sequence[Fault]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, error: Exception) -> "Trouble":
        """Return what an exception means to the client."""
        if isinstance(error, RefusalError):
            faults = [Fault(each) for each in error.errors]
            status = error.status or status_of(error.code, MediaType.PROBLEM)
            return cls(status, faults, error.headers)
        errors = error.errors if isinstance(error, PageError) else [error]
        faults = [Fault(each) for each in errors]
        code = faults[0].code
        headers = {_RETRY: str(RETRY_SECONDS)} if code is Code.UNAVAILABLE else {}
        return cls(status_of(code, MediaType.PROBLEM), faults, headers)

    def note(self, visit: Visit) -> None:
        """Note on ``visit`` what the log says of it."""
        visit.codes += [fault.code.value for fault in self.faults]
        log_causes(self.faults, visit)

    def problem(self, request_id: str, headers: Mapping[str, str]) -> Response:
        """Return the answer of an export that has not begun; ``headers`` are added to its own."""
        errors = self._errors(request_id)
        first = errors[0]
        return problem(
            self.status,
            str(first["message"]),
            headers={"Cache-Control": "no-store", **headers, **self.headers},
            **first["extensions"],
            errors=errors,
        )

    def told(self, request_id: str, after: str | None) -> dict[str, Any]:
        """Return what the last line of an export says that has begun.

        Args:
            request_id: Name of the request.
            after: The cursor after which to go on.
        """
        place: dict[str, Any] = {"after": after}
        if _RETRY in self.headers:
            place["retryAfter"] = int(self.headers[_RETRY])
        return {"errors": self._errors(request_id), "extensions": {"cordgraph": place}}

    def _errors(self, request_id: str) -> list[dict[str, Any]]:
        return [fault.as_json(request_id) for fault in self.faults[:MAX_ERRORS]]
