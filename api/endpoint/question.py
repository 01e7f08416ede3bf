"""What a request asks, once all of it is understood; kept, so that a repetition need not be."""

import hashlib
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode

from api.endpoint.call import Raw
from api.endpoint.service import Service
from api.guidance import deprecation_counters
from api.negotiation import MediaType
from api.shelf import Shelf
from api.visit import Visit
from schema.uses import Use

_OVERHEAD = 2_000
_BYTES_PER_CHARACTER = 25
"""Bytes that variables take in memory for each character of their JSON, at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request that has passed all limits.

    Attributes:
        service: What answers it.
        media_type: Form of the answer.
        release: The release that the address pins, or ``None``.
        fixed: Whether the address names a version, and one that does not change at any time.
        operation_name: Which operation is asked for; ``None`` if there is one.
        operation: Name of the operation that is executed, for the log.
        variables: Values of its variables.
        total: What it costs.
        cost: What the answer says of that.
        uses: Where it uses parts of the contract that go.
        advice: Headers that say so.
        counters: Names of what is counted of them.
        named: Hash by which the document was named instead of being sent, or ``None``.
        key: Digest of all that decides the answer's content, but for the data.
        tree: The document, as long as it is kept.
    """

    service: Service
    media_type: MediaType
    release: int | None
    fixed: bool
    operation_name: str | None
    operation: str | None
    variables: Mapping[str, Any]
    total: int
    cost: Mapping[str, int]
    uses: Sequence[Use]
    advice: Mapping[str, str]
    counters: frozenset[str]
    named: str | None
    key: bytes
    tree: "weakref.ref[DocumentNode]"

    def note(self, visit: Visit) -> None:
        """Note on ``visit`` what the log and the answer say of the request."""
        visit.version = self.service.name
        visit.operation = self.operation
        visit.cost = self.cost
        visit.uses = self.uses
        visit.advice = self.advice


def question_key(
    service: Service,
    release: int | None,
    text: str,
    operation_name: str | None,
    variables: Mapping[str, Any],
    uses: Sequence[Use],
) -> bytes:
    """Return the digest of what decides an answer, however it was written down.

    The order inside of variables does not matter, except to the list of deprecated uses.
    """
    told = [(use.notice.coordinate, use.path) for use in uses]
    parts = (service.name, service.pruned, release, text, operation_name, variables, told)
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()


class Questions:
    """What was asked before, by what came over the line; bounded in bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._shelf: Shelf[Raw, Question] = Shelf(max_bytes)

    def __len__(self) -> int:
        """Count the questions."""
        return len(self._shelf)

    @property
    def bytes(self) -> int:
        """Bytes that they take."""
        return self._shelf.bytes

    def get(self, raw: Raw) -> Question | None:
        """Return what was understood of the same bytes before."""
        return self._shelf.get(raw)

    def keep(self, raw: Raw, question: Question) -> None:
        """Keep what was understood; a request that was refused must not come here."""
        length = sum(map(len, raw))
        variables = len(orjson.dumps(question.variables)) if question.variables else 0
        self._shelf.put(raw, question, _OVERHEAD + length + _BYTES_PER_CHARACTER * variables)

    def drop(self, raw: Raw) -> None:
        """Forget what was understood of these bytes."""
        self._shelf.drop(raw)


def counters_of(uses: Sequence[Use]) -> frozenset[str]:
    """Return the names of the counters of deprecated uses."""
    return frozenset(deprecation_counters(uses))
