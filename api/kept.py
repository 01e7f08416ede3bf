"""Answers that are kept, ready to be sent, for as long as the published data stay the same."""

from api.endpoint.ready import Ready
from api.shelf import Shelf

Key = bytes
"""Digest of what was asked; see `api.endpoint.question`."""


class KeptAnswers:
    """The answers to questions, under one state of the published data.

    Attributes:
        on: Whether anything is kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self.on = max_bytes > 0
        self._shelf: Shelf[Key, Ready] = Shelf(max_bytes)
        self._fingerprint: str | None = None

    def __len__(self) -> int:
        """Count the answers."""
        return len(self._shelf)

    @property
    def bytes(self) -> int:
        """Bytes that they take."""
        return self._shelf.bytes

    def get(self, fingerprint: str, key: Key) -> Ready | None:
        """Return the answer to ``key``; all that were kept of other data are dropped.

        Args:
            fingerprint: Name of the state of the data, which must be the newest known.
            key: What is asked.
        """
        if fingerprint != self._fingerprint:
            self._shelf.clear()
            self._fingerprint = fingerprint
            return None
        return self._shelf.get(key)

    def put(self, fingerprint: str, key: Key, ready: Ready) -> None:
        """Keep an answer, unless the data have changed meanwhile or it is too large."""
        if fingerprint == self._fingerprint:
            self._shelf.put(key, ready, ready.size)

    def weigh(self, key: Key, ready: Ready) -> None:
        """Take note that ``ready`` has grown by a coding, which is dropped if that is too much."""
        if self._shelf.get(key) is not ready:
            return
        if ready.size > self._shelf.largest:
            ready.drop_codings()
        self._shelf.put(key, ready, ready.size)
