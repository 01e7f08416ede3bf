"""What is known of one request: its id, and what the log says of it at the end."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from api.quota.meter import Account
from schema.uses import Use

_KEY = "cordgraph.visit"
_OPERATION_CHARACTERS = 60
_random_bits = random.getrandbits  # a name only has to be new, and each process has its own seed


@dataclass(slots=True)
class Visit:
    """Notes on one request, for its log line. Never variables, documents or credentials.

    Attributes:
        request_id: Random name of the request, also in its answer.
        operation: Name of the operation, as far as the client gave one.
        version: Version of the schema that answered.
        releases: Releases that were read.
        cost: What the operation costs and the limit, once that is known.
        account: What the request takes from its client's quota, once that is known.
        uses: Where the request uses parts of the contract that go.
        advice: Headers that say so, and where to go.
        codes: Codes of the errors in the answer.
        gone: Whether the client left before it was answered.
        refused: Status with which the connection answered in place of the application, if it did.
    """

    request_id: str
    started: float
    operation: str | None = None
    version: str | None = None
    releases: list[int] = field(default_factory=list)
    cost: Mapping[str, int] | None = None
    account: Account | None = None
    uses: Sequence[Use] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    gone: bool = False
    refused: int | None = None

    @property
    def seconds(self) -> float:
        """Time since the request began."""
        return time.perf_counter() - self.started

    def name_operation(self, name: str | None) -> None:
        """Note the operation's name, cut to what a log line can bear."""
        self.operation = name[:_OPERATION_CHARACTERS] if name else None


def new_request_id() -> str:
    """Return a name for a request: 16 hexadecimal digits."""
    return f"{_random_bits(64):016x}"


def begin_visit(scope: Scope) -> Visit:
    """Start the notes on the request of ``scope``, unless its connection has done so."""
    if _KEY not in scope:
        scope[_KEY] = Visit(new_request_id(), time.perf_counter())
    return visit_of(scope)


def visit_of(scope: Scope) -> Visit:
    """Return the notes on the request of ``scope``."""
    found: Visit = scope[_KEY]
    return found
