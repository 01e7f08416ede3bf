"""How many exports are under way, and of whom."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.refusal import RefusalError
from schema.errors import Code, ContractError

RETRY_SECONDS = 5
"""What a client is asked to wait for another export to end."""
_SHARE = 4
"""A client may have this part of all exports: a quarter."""


class Streams:
    """Counts exports: a client that takes its time holds a connection, and may not hold many."""

    def __init__(self, most: int) -> None:
        """Let ``most`` exports be under way."""
        self.most = most
        self.most_of_one = max(1, most // _SHARE)
        self._of: Counter[str] = Counter()

    def __len__(self) -> int:
        """Count the exports that are under way."""
        return self._of.total()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Take a place for an export of ``client`` while the context lasts.

        Raises:
            RefusalError: RATE_LIMITED: the client has as many as one may have; or OVERLOADED.
        """
        if self._of[client] >= self.most_of_one:
            raise self._refused(
                Code.RATE_LIMITED,
                f"A client may have {self.most_of_one} exports at a time here, and you have "
                "as many. Wait until one of them has ended.",
            )
        if len(self) >= self.most:
            raise self._refused(
                Code.OVERLOADED, "More exports are asked for than can be sent. Try again soon."
            )
        self._of[client] += 1
        try:
            yield
        finally:
            self._of[client] -= 1
            if not self._of[client]:
                del self._of[client]

    def _refused(self, code: Code, message: str) -> RefusalError:
        error = ContractError(code, message)
        error.extensions = {**(error.extensions or {}), "retryAfter": RETRY_SECONDS}
        return RefusalError(code, error, headers={"Retry-After": str(RETRY_SECONDS)})
