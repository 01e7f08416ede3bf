"""What a client is told of an error, and what is kept for the log."""

import asyncpg
from graphql import GraphQLError

from schema.errors import Code

MAX_MESSAGE = 300
"""Characters of an error's message."""

_UNREACHABLE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)

_TOLD = {
    Code.TIMEOUT: "This took longer than the service allows. Ask for less at once, or try again.",
    Code.UNAVAILABLE: "The data cannot be reached at the moment. Try again in a few seconds.",
    Code.INTERNAL: "An internal error, which is not your fault. Report it with the request id.",
}


class Fault:
    """One error of a request, sorted into client mistakes and faults of the service.

    Attributes:
        code: What kind of error it is.
        cause: The exception behind it.
    """

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.cause = _cause(error)
        self.code = _code_of(self.cause)
        self._details = getattr(self.cause, "extensions", None) or {}

    @property
    def needs_log(self) -> bool:
        """Whether the traceback is worth keeping: we did not expect it."""
        return self.code is Code.INTERNAL

    def as_json(self, request_id: str) -> dict[str, object]:
        """Return the error as the answer shows it; faults of the service are masked."""
        shown: dict[str, object] = {"message": self._message()}
        if isinstance(self._error, GraphQLError):
            if self._error.locations:
                shown["locations"] = [place.formatted for place in self._error.locations]
            if self._error.path is not None:
                shown["path"] = self._error.path
        return {**shown, "extensions": self._extensions(request_id)}

    def _extensions(self, request_id: str) -> dict[str, object]:
        if self.code is Code.INTERNAL:
            return {"code": self.code.value, "requestId": request_id}
        return {**self._details, "code": self.code.value}

    def _message(self) -> str:
        if isinstance(self.cause, GraphQLError) and self.code is not Code.INTERNAL:
            return shortened(self.cause.message)
        return _TOLD[self.code]


def shortened(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return ``text``, cut to ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _cause(error: Exception) -> Exception:
    """Return the exception that was raised, without the library's wrapping.

    An error that has a code is what we raised, whatever it was made of.
    """
    while (
        isinstance(error, GraphQLError)
        and "code" not in (error.extensions or {})
        and isinstance(error.original_error, Exception)
    ):
        error = error.original_error
    return error


def _code_of(cause: Exception) -> Code:
    if isinstance(cause, GraphQLError):
        return _code_of_refusal(cause)
    if isinstance(cause, asyncpg.QueryCanceledError | TimeoutError):
        return Code.TIMEOUT
    if isinstance(cause, _UNREACHABLE):
        return Code.UNAVAILABLE
    return Code.INTERNAL


def _code_of_refusal(error: GraphQLError) -> Code:
    code = (error.extensions or {}).get("code")
    if code is not None:
        return Code(code)
    # The library blames an argument, not a field, when a variable turns out not to fit there.
    if error.nodes and all(node.kind != "field" for node in error.nodes):
        return Code.VARIABLES_INVALID
    return Code.INTERNAL
