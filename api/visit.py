"""What is known of one request: its id, and what the log says of it at the end."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from api.quota.meter import Account
from schema.uses import Use

_KEY = "cordgraph.visit"
_OPERATION_CHARACTERS = 60


@dataclass(slots=True)
class Visit:
    """Notes on one request, for its log line. Never variables, documents or credentials.

    Attributes:
        request_id: Random name of the request, also in its answer.
        operation: Name of the operation, as far as the client gave one.
        version: Version of the schema that answered.
        releases: Releases that were read.
        pinned: Whether the answer can never change: version and releases are fixed.
        cost: What the operation costs and the limit, once that is known.
        account: What the request takes from its client's quota, once that is known.
        uses: Where the request uses parts of the contract that go.
        advice: Headers that say so, and where to go.
        codes: Codes of the errors in the answer.
        gone: Whether the client left before it was answered.
        refused: Status with which the connection answered in place of the application, if it did.
    """

    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    started: float = field(default_factory=time.perf_counter)
    operation: str | None = None
    version: str | None = None
    releases: list[int] = field(default_factory=list)
    pinned: bool = False
    cost: Mapping[str, int] | None = None
    account: Account | None = None
    uses: Sequence[Use] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    gone: bool = False
    refused: int | None = None

    @property
    def milliseconds(self) -> float:
        """Time since the request began."""
        return (time.perf_counter() - self.started) * 1000

    def name_operation(self, name: str | None) -> None:
        """Note the operation's name, cut to what a log line can bear."""
        self.operation = name[:_OPERATION_CHARACTERS] if name else None


def begin_visit(scope: Scope) -> Visit:
    """Start the notes on the request of ``scope``, unless its connection has done so."""
    if _KEY not in scope:
        scope[_KEY] = Visit()
    return visit_of(scope)


def visit_of(scope: Scope) -> Visit:
    """Return the notes on the request of ``scope``."""
    found = scope[_KEY]
    assert isinstance(found, Visit)  # noqa: S101 - for the type checker
    return found
