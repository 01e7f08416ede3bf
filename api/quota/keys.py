"""The keys that clients show, looked up in the database and remembered for a few seconds."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Scope

from domain.api_keys import api_key_sha256, is_api_key
from loaders.api_keys import ApiKeyRecord, live_key
from loaders.statements import Pool

REMEMBERED_S = 5.0
"""Seconds after which a key is looked up again; so long a revoked one may still be used."""
_MOST_REMEMBERED = 10_000


class ApiKeys:
    """Answers which key a client has shown."""

    def __init__(self, pool: Pool | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, asyncio.Task[ApiKeyRecord | None]]] = (
            OrderedDict()
        )

    async def find(self, key: str) -> ApiKeyRecord | None:
        """Return the record of ``key``; ``None`` if it is no key, unknown or revoked.

        Several requests that ask at once share one look-up; one that leaves does not end it.
        """
        if self._pool is None or not is_api_key(key):
            return None
        sha256 = api_key_sha256(key)
        until, lookup = self._known.get(sha256, (0.0, None))
        if lookup is None or until <= self._clock() or _failed(lookup):
            lookup = asyncio.create_task(live_key(self._pool, sha256))
            self._remember(sha256, lookup)
        return await asyncio.shield(lookup)

    def _remember(self, sha256: str, lookup: "asyncio.Task[ApiKeyRecord | None]") -> None:
        lookup.add_done_callback(_failed)
        self._known[sha256] = (self._clock() + REMEMBERED_S, lookup)
        self._known.move_to_end(sha256)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)


def shown_key(scope: Scope) -> str | None:
    """Return what a client shows as ``Authorization: Bearer ...``; ``None`` without it.

    Other schemes are not ours; whatever stands before the service may need them.
    """
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, credentials = value.decode("latin-1").strip().partition(" ")
            if scheme.lower() == "bearer":
                return str(credentials).strip()
    return None


def _failed(lookup: "asyncio.Task[ApiKeyRecord | None]") -> bool:
    """Tell whether the look-up ended without an answer; the exception counts as seen."""
    return lookup.done() and (lookup.cancelled() or lookup.exception() is not None)
