"""Whether the service's memory stays what it was, over a million requests."""

import tempfile
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.field import Field
from benchmarks.load.closed_loop import closed_loop
from benchmarks.questions import QUESTIONS
from benchmarks.workload import Call, write_calls
from domain.progress import Report

FEW = 10_000
_SERVER = "cordgraph-keeping"
_STAGE = "Watching memory"
_DIFFERENT = 50_000
"""Requests that differ; their answers are many times what is kept, so each is computed."""
_FRESH_EVERY = 20
_SLICE_CALLS = 40_000
_SLICE_SECONDS = 8
_FIRST_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory that is in RAM after so many requests."""

    requests: int
    resident_bytes: int


def watch_memory(field: Field, requests: int, report: Report) -> list[Footprint]:
    """Send ``requests`` requests to CordGraph as it runs by default, and look at its memory.

    The first 10,000 are the mix with 90 % distinct variables, which fills what it keeps of answers
    to the bound; of the others one in twenty is new.

    Returns:
        The memory after the first 10,000 requests or a little more, and from then on as often
        as the load pauses.
    """
    server = field.servers[_SERVER]
    mix = field.words.calls(QUESTIONS["mix"], _SERVER, _DIFFERENT)
    same = field.words.kept(_SERVER)
    ever_new = cycle(mix[FEW:])
    sent, most = 0, max(requests, FEW)
    found: list[Footprint] = []
    with tempfile.TemporaryDirectory() as folder:
        file = write_calls(Path(folder, "calls"), mix[:FEW])
        while sent < most:
            report(_STAGE, sent, most)
            if sent < FEW:
                sent += closed_loop(server, file, _FIRST_SECONDS, sent).requests
            else:
                fresh = list(islice(ever_new, _SLICE_CALLS // _FRESH_EVERY))
                write_calls(file, _thinned(fresh, same))
                sent += closed_loop(server, file, _SLICE_SECONDS).requests
            if sent >= FEW:
                found.append(Footprint(sent, server.resident_bytes))
    report(_STAGE, most, most)
    return found


def _thinned(fresh: list[Call], same: Call) -> list[Call]:
    """Put the same request so often between others that one in twenty is fresh."""
    return [call for each in fresh for call in (each, *[same] * (_FRESH_EVERY - 1))]
