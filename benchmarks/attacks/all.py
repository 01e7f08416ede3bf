"""All hostile requests."""

from collections.abc import Iterator

from benchmarks.attacks.documents import reading
from benchmarks.attacks.executions import executing
from benchmarks.attacks.messages import messaging
from benchmarks.attacks.request import HostileRequest


def hostile_requests() -> Iterator[HostileRequest]:
    """Yield every one of them, always the same and in the same order."""
    yield from messaging()
    yield from reading()
    yield from executing()
