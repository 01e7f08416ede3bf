"""Which HTTP status answers which error: the one table."""

from types import MappingProxyType

from api.negotiation import MediaType
from schema.errors import Code

STATUSES = MappingProxyType(
    {
        Code.DOCUMENT_SYNTAX: 400,
        Code.DOCUMENT_INVALID: 400,
        Code.OPERATION_NOT_FOUND: 400,
        Code.VARIABLES_INVALID: 400,
        Code.LIMIT_EXCEEDED: 400,
        Code.COST_EXCEEDED: 400,
        Code.INVALID_ARGUMENT: 400,
        Code.INVALID_CURSOR: 400,
        Code.INVALID_ID: 400,
        Code.REQUEST_INVALID: 400,
        Code.INVALID_KEY: 401,
        Code.PERSISTED_QUERY_NOT_FOUND: 404,
        Code.RELEASE_NOT_FOUND: 404,
        Code.VERSION_NOT_FOUND: 404,
        Code.METHOD_NOT_ALLOWED: 405,
        Code.NOT_ACCEPTABLE: 406,
        Code.VERSION_RETIRED: 410,
        Code.RELEASE_WITHDRAWN: 410,
        Code.REQUEST_TOO_LARGE: 413,
        Code.UNSUPPORTED_MEDIA_TYPE: 415,
        Code.RATE_LIMITED: 429,
        Code.INTERNAL: 500,
        Code.OVERLOADED: 503,
        Code.UNAVAILABLE: 503,
        Code.TIMEOUT: 504,
    }
)
"""Status of an answer that has no data."""

WITH_DATA = 200
"""Status of an answer with data, errors beside it or not."""

_LENIENT = frozenset(
    {
        Code.DOCUMENT_SYNTAX,
        Code.DOCUMENT_INVALID,
        Code.VARIABLES_INVALID,
        Code.PERSISTED_QUERY_NOT_FOUND,
    }
)
"""What ``application/json`` has always answered with 200.

See the audits 572B, FDE2 and 7B9B of graphql-http. Clients of automatic persisted queries take 400
or 500 for a service that knows no such queries.
"""


def status_of(code: Code, media_type: MediaType) -> int:
    """Return the status of an answer without data whose first error has ``code``."""
    if media_type is MediaType.JSON and code in _LENIENT:
        return WITH_DATA
    return STATUSES[code]
