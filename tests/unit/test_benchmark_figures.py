"""The figures of the benchmarks follow from what was measured."""

import base64
import math
from typing import Any

import pytest
from graphql import parse, validate

from benchmarks.cursors import Cursors
from benchmarks.load.quantiles import quantile
from benchmarks.questions import QUESTIONS, document
from benchmarks.targets import Target, growth_targets, pipeline_targets, speed_targets
from benchmarks.workload import Call, post
from schema.build import build_schema
from schema.versions import VERSIONS

ID, OTHER = "cbu_" + "0" * 20, "cbu_" + "a" * 20


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_quantile(share: float, expected: int) -> None:
    """A quantile is the smallest value that the share does not exceed."""
    assert quantile(range(100, 0, -1), share) == expected


@pytest.mark.parametrize("padding", ["", "="])
def test_cursors_of_other_units_have_the_pattern(padding: str) -> None:
    """A cursor of another unit has the same form, padded if the pattern is."""
    made = base64.urlsafe_b64encode(f'["n","{ID}"]'.encode()).decode()
    assert made.endswith("=")
    cursor = Cursors(made.rstrip("=") + padding, ID).at(OTHER)
    assert cursor.endswith("=") == bool(padding)
    assert base64.urlsafe_b64decode(cursor + "==").decode() == f'["n","{OTHER}"]'


def test_a_call_as_a_line_and_on_the_wire() -> None:
    """A request is one line for wrk, and has a head with its length for the open loop."""
    call = post("/graphql", "{ a }", {"b": 1})
    body = b'{"query":"{ a }","variables":{"b":1}}'
    assert call.line() == b"POST\t/graphql\t" + body + b"\n"
    assert call.wire("h:1") == (
        b"POST /graphql HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 37\r\n\r\n" + body
    )
    assert Call("GET", "/ready").wire("h:1") == b"GET /ready HTTP/1.1\r\nHost: h:1\r\n\r\n"


def test_each_question_has_its_documents() -> None:
    """Every question is valid in the current version, and can be asked of whom it names."""
    schema = build_schema(VERSIONS.current.name)._schema
    for question in QUESTIONS.values():
        if question.name not in ("kept", "mix"):
            assert validate(schema, parse(document(question.name))) == []
        if "postgraphile" in question.servers:
            assert "allUnits" in document(f"postgraphile/{question.name}")


@pytest.mark.parametrize(
    ("at_least", "figure", "reached"),
    [
        (True, 2.0, True),
        (True, 1.99, False),
        (False, 2.0, False),
        (False, 1.99, True),
        (True, None, None),
    ],
)
def test_reaching_a_target(*, at_least: bool, figure: float | None, reached: bool | None) -> None:
    """A least figure may be met exactly, a most figure must stay below."""
    assert Target("t", 2.0, at_least, figure).reached is reached


def _steady(
    question: str, server: str, *, failed: int, h2load: list[float] | None
) -> dict[str, Any]:
    own = {"p50_ms": 2.0, "p99_ms": 6.0, "failed": failed}
    return {"question": question, "server": server, "own": own, "h2load": h2load}


def test_targets_of_speed() -> None:
    """Ratios are of each round, and of them the median; a refused request is never quick."""
    results: dict[str, Any] = {
        "questions": {
            "page_100": {
                "cordgraph": [{"rate": 100}, {"rate": 300}, {"rate": 90}],
                "strawberry": [{"rate": 10}, {"rate": 20}, {"rate": 10}],
            }
        },
        "steady": [
            _steady("page_100", "cordgraph", failed=0, h2load=None),
            _steady("page_100", "bare", failed=0, h2load=None),
            _steady("page_100", "cordgraph", failed=0, h2load=[2.0, 5.0]),
            _steady("kept", "cordgraph-keeping", failed=1, h2load=[2.0, 6.4]),
            _steady("kept", "cordgraph-keeping", failed=1, h2load=None),
        ],
        "memory": [
            {"requests": 10_000, "resident_bytes": 100},
            {"requests": 1_000_000, "resident_bytes": 110},
        ],
    }
    found = [(each.figure, each.spread, each.verdict) for each in speed_targets(results)]
    assert found == [
        (10.0, (9.0, 15.0), "reached"),
        *[(None, None, "")] * 4,
        (3.0, None, "reached"),
        (2.5, None, "reached"),
        (3.2, None, "reached"),
        (math.inf, None, "missed"),
        (1.1, None, "reached"),
    ]


def test_targets_of_growth() -> None:
    """The large database is compared with the small one, and the deep page with the first."""
    rows: dict[str, Any] = {
        "first page of 100": {"s": [{"p50_ms": 2.0}], "l": [{"p50_ms": 3.0}]},
        "page 7 of 100": {"l": [{"p50_ms": 3.3}]},
    }
    found = {each.title: each.figure for each in growth_targets({"rows": rows}, "s", "l", "page 7")}
    assert found == {
        "first page of 100: l / s units": 1.5,
        "any page of 100: l / s units": None,
        "filtered page of 100: l / s units": None,
        "l units, pages of 100: page 7 / page 1": pytest.approx(1.1),
        "l units, pages of 10: page 7 / page 1": None,
        "s units, pages of 10: page 7 / page 1": None,
    }


def test_targets_of_the_pipeline() -> None:
    """The commands add up in time, and the greediest one counts for memory."""
    steps = [
        {"seconds": 600.0, "all_bytes": 1_000_000_000},
        {"seconds": 240.0, "all_bytes": 4_100_000_000},
    ]
    minutes, memory = pipeline_targets({"units": 5_000_000, "steps": steps})
    assert (minutes.figure, minutes.reached) == (14.0, True)
    assert (memory.figure, memory.reached) == (4.1, False)
