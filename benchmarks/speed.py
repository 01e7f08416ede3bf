"""Compares the servers: in turns, question by question and round by round."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeAlias

from benchmarks.field import Field
from benchmarks.load.closed_loop import Measured, closed_loop
from benchmarks.load.h2load import h2load
from benchmarks.load.open_loop import Steady, open_loop
from benchmarks.questions import QUESTIONS, Question
from benchmarks.servers.server import HOST
from benchmarks.workload import write_calls
from domain.progress import Report

Rounds: TypeAlias = dict[str, dict[str, list[Measured]]]
"""For each question and server what each round measured."""

CALLS = 2_000
"""Different requests of a question, which are sent again and again."""
_FRESH_PER_SECOND = 6_000
"""Requests of the mix that are new in each round: more than anybody answers."""

STEADY_SHARE = 0.7
"""Of the rate at which a server is saturated, in the open loop."""
STEADY = (
    ("page_100", "cordgraph"),
    ("page_100", "bare"),
    ("kept", "cordgraph-keeping"),
    ("kept", "bare"),
)
"""Who is asked at a fixed rate: beside CordGraph the bare routes, whose tail is the machine's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure.

    Attributes:
        rounds: Rounds, in each of which every server is asked every question.
        seconds: Length of a measurement.
        warm_up: Seconds of it that come before the first round, for each server and question.
        steady_seconds: Length of a measurement at a fixed rate.
        only: Names of the questions; all if empty.
    """

    rounds: int
    seconds: int
    warm_up: int
    steady_seconds: int
    only: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Question]:
        """The questions that are asked."""
        return [each for each in QUESTIONS.values() if not self.only or each.name in self.only]


@dataclass(frozen=True, slots=True)
class AtFixedRate:
    """What one server did at a fixed rate.

    Attributes:
        question: Name of the question.
        server: Name of the server.
        own: By our open loop.
        h2load: p50 and p99 by h2load, in milliseconds; ``None`` where it is not there.
    """

    question: str
    server: str
    own: Steady
    h2load: tuple[float, float] | None


def compare(field: Field, plan: Plan, report: Report) -> Rounds:
    """Measure all rounds.

    The servers take turns within each question, another one begins in each round, and so whatever
    else happens on the machine meets all of them.
    """
    measured: Rounds = {}
    pairs = sum(len(_asked(field, question)) for question in plan.questions)
    total, done = pairs * (plan.rounds + 1), 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(plan.rounds + 1):
            for question in plan.questions:
                for server in _turned(_asked(field, question), number):
                    report("Measuring closed loops", done, total)
                    seconds = plan.seconds if number else plan.warm_up
                    found = _measure(field, question, server, number, seconds, Path(name))
                    if number:
                        measured.setdefault(question.name, {}).setdefault(server, []).append(found)
                    done += 1
        report("Measuring closed loops", total, total)
    return {
        question.name: {
            server: measured[question.name][server] for server in _asked(field, question)
        }
        for question in plan.questions
    }


def _asked(field: Field, question: Question) -> list[str]:
    return [server for server in question.servers if server in field.servers]


def _turned(servers: list[str], number: int) -> list[str]:
    first = number % len(servers)
    return servers[first:] + servers[:first]


def _measure(
    field: Field, question: Question, server: str, number: int, seconds: int, folder: Path
) -> Measured:
    fresh = question.name == "mix"
    most = _FRESH_PER_SECOND * seconds if fresh else CALLS
    file = folder / f"{question.name}-{server}"
    if fresh or not file.exists():
        skip = number * most if fresh else 0
        write_calls(file, field.words.calls(question, server, most, skip))
    place = 0 if fresh else number * CALLS // 7
    return closed_loop(field.servers[server], file, seconds, place)


def steady(field: Field, rounds: Rounds, plan: Plan, report: Report) -> list[AtFixedRate]:
    """Measure at 70 % of each saturated rate: by h2load if it is there, and by our open loop."""
    found = []
    chosen = [(name, server) for name, server in STEADY if server in rounds.get(name, {})]
    for done, (name, server) in enumerate(chosen):
        report("Measuring open loops", done, len(chosen))
        rate = STEADY_SHARE * median(each.rate for each in rounds[name][server])
        calls = field.words.calls(QUESTIONS[name], server, CALLS)
        host = f"{HOST}:{field.servers[server].port}"
        wires = [call.wire(host) for call in calls]
        own = open_loop(field.servers[server], wires, rate, plan.steady_seconds)
        other = h2load(field.servers[server], calls[0], rate, plan.steady_seconds)
        found.append(AtFixedRate(name, server, own, other))
    report("Measuring open loops", len(chosen), len(chosen))
    return found
