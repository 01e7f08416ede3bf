"""What the connection itself answers, when a request cannot be handed to the application."""

from dataclasses import dataclass
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.head import Head
from api.negotiation import MediaType
from api.policy import NO_PAGE
from api.problems import problem_body
from api.reply import EVERY
from schema.errors import Code


@dataclass(frozen=True, slots=True)
class WireRefusal:
    """Why nothing more is read from a connection.

    Attributes:
        status: Status of the answer.
        code: What kind of refusal it is.
        detail: A sentence for the client.
    """

    status: HTTPStatus
    code: Code
    detail: str

    def message(self, request_id: str) -> bytes:
        """Return a whole answer in HTTP/1.1, the last one of its connection."""
        body = problem_body(self.status, self.detail, code=self.code.value)
        own = {
            "Content-Type": MediaType.PROBLEM.value,
            "Content-Length": str(len(body)),
            "Request-Id": request_id,
        }
        last = {"Connection": "close"}
        if self.status is HTTPStatus.SERVICE_UNAVAILABLE:
            last = {"Retry-After": "1", **last}
        lines = (Head.of(own).lines, NO_PAGE.lines, EVERY.lines, Head.of(last).lines)
        return b"".join((STATUS_LINE[self.status], *lines, b"\r\n", body))


MALFORMED = WireRefusal(
    HTTPStatus.BAD_REQUEST, Code.REQUEST_INVALID, "This is not a request in HTTP/1.1."
)
NO_ROOM = WireRefusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    Code.OVERLOADED,
    "Too many connections are open. Try again in a moment.",
)
