"""The closed set of error codes, and the error that resolvers raise."""

from enum import StrEnum

from graphql import GraphQLError


class Code(StrEnum):
    """Every value that ``extensions.code`` of an error can have; documented in docs/errors.md."""

    # about the document and its variables
    DOCUMENT_SYNTAX = "DOCUMENT_SYNTAX"
    DOCUMENT_INVALID = "DOCUMENT_INVALID"
    OPERATION_NOT_FOUND = "OPERATION_NOT_FOUND"
    VARIABLES_INVALID = "VARIABLES_INVALID"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    COST_EXCEEDED = "COST_EXCEEDED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    # about what a field was asked
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_ID = "INVALID_ID"
    RELEASE_NOT_FOUND = "RELEASE_NOT_FOUND"
    RELEASE_WITHDRAWN = "RELEASE_WITHDRAWN"
    # about the HTTP request
    REQUEST_INVALID = "REQUEST_INVALID"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    VERSION_NOT_FOUND = "VERSION_NOT_FOUND"
    VERSION_RETIRED = "VERSION_RETIRED"
    INVALID_KEY = "INVALID_KEY"
    RATE_LIMITED = "RATE_LIMITED"
    # about the service
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    OVERLOADED = "OVERLOADED"
    INTERNAL = "INTERNAL"


class ContractError(GraphQLError):
    """A refusal that the client can do something about; its text reaches the client.

    Attributes:
        code: What kind of refusal this is.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message, extensions={"code": code.value})
        self.code = code


def quoted(value: object, limit: int = 60) -> str:
    """Return ``value`` in quotes for a message, cut to ``limit`` characters."""
    text = str(value)
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit]}…"'
