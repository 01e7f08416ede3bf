"""How many files are being sent: a bound on memory, and on what one client may take of it."""

from collections import Counter
from http import HTTPStatus
from types import TracebackType

from starlette.responses import Response

from api.problems import problem

_SHARE = 4
"""One client may have one of so many parts of all places."""
_RETRY_S = 10


class Downloads:
    """Counts the files that are being sent."""

    def __init__(self, most: int) -> None:
        """Let ``most`` be sent at once, and a quarter of them to one client."""
        self._most = most
        self._most_each = max(1, most // _SHARE)
        self._sending: Counter[str] = Counter()

    def refusal(self, client: str) -> Response | None:
        """Return why nothing more can be sent to ``client`` now, or ``None``."""
        headers = {"Retry-After": str(_RETRY_S), "Cache-Control": "no-store"}
        if self._sending[client] >= self._most_each:
            detail = f"At most {self._most_each} files are sent to one client at once."
            return problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)
        if self._sending.total() >= self._most:
            detail = "As many files are being sent as this service can. Try again soon."
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
        return None

    def place(self, client: str) -> "Place":
        """Return a place for one more file, taken while its context lasts."""
        return Place(self._sending, client)


class Place:
    """Takes a place while the context lasts."""

    def __init__(self, sending: Counter[str], client: str) -> None:
        self._sending = sending
        self._client = client

    def __enter__(self) -> None:
        self._sending[self._client] += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sending[self._client] -= 1
        if not self._sending[self._client]:
            del self._sending[self._client]
