"""Requests that come again byte for byte: what they ask is known without parsing them."""

from typing import NamedTuple

from api.endpoint.call import Call
from api.endpoint.question import Question
from api.shelf import Shelf

_OVERHEAD = 3_000
"""Bytes that a request takes besides its own, twice: as a key and in parts."""


class Repeat(NamedTuple):
    """A request that was answered with what is kept.

    Attributes:
        call: The request; its scope has nothing of the connection that it came on.
        question: What it asks.
    """

    call: Call
    question: Question


class Repeats:
    """Whole requests, head and body, by their bytes; bounded in bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._shelf: Shelf[bytes, Repeat] = Shelf(max_bytes)

    def __len__(self) -> int:
        """Count the requests."""
        return len(self._shelf)

    def get(self, raw: bytes) -> Repeat | None:
        """Return what is known of a request of these bytes, alone in what a connection sent."""
        return self._shelf.get(raw)

    def keep(self, raw: bytes, call: Call, question: Question) -> None:
        """Keep a request.

        Args:
            raw: All its bytes, from those of its method to the last of its body.
            call: The request as it was parsed.
            question: What it asks.
        """
        kept = call.without_connection()
        self._shelf.put(raw, Repeat(kept, question), _OVERHEAD + 2 * len(raw))
