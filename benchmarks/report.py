"""Writes RESULTS.md from the files of results."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.growth import DEEP, LARGE, SMALL
from benchmarks.questions import QUESTIONS
from benchmarks.results import read_results
from benchmarks.targets import (
    Results,
    Target,
    growth_targets,
    pipeline_targets,
    speed_targets,
    tail,
)

FILE = Path(__file__).with_name("RESULTS.md")

_TITLES = {
    "cordgraph": "CordGraph",
    "cordgraph-keeping": "CordGraph, keeping answers",
    "strawberry": "stock Strawberry",
    "bare": "bare route",
    "postgraphile": "PostGraphile",
}
_HEAD = """# Results

What the figures mean and how to measure anew: [README.md](README.md). This file is written by
`python -m benchmarks report` from the files in `results/`.
"""


def write_report(folder: Path, file: Path = FILE) -> None:
    """Write ``file`` from the results in ``folder``."""
    parts = [_HEAD]
    speed, growth = read_results(folder, "speed"), read_results(folder, "growth")
    if speed:
        parts += ["## Speed\n", *_speed(speed)]
    if growth:
        parts += ["## Growth\n", *_growth(growth)]
    pipeline = read_results(folder, "pipeline")
    if pipeline:
        parts += ["## Pipeline\n", *_pipeline(pipeline)]
    file.write_text("\n".join(parts), encoding="utf-8")


def all_targets(name: str, folder: Path) -> list[Target]:
    """Return the targets of the command ``name`` with the results in ``folder``."""
    results = read_results(folder, name)
    if results is None:
        return []
    if name == "speed":
        return list(speed_targets(results))
    if name == "pipeline":
        return list(pipeline_targets(results))
    return list(growth_targets(results, SMALL, LARGE, f"page {DEEP:,}"))


def _speed(results: Results) -> Iterator[str]:
    yield _circumstances(results)
    yield "### Targets\n"
    yield _targets(speed_targets(results))
    yield "### Answers in a second, one server process on one core\n"
    yield _table(
        [
            "question",
            "server",
            "median",
            "rounds",
            "ratio",
            "p50 ms",
            "p99 ms",
            "work ms",
            "bytes",
            "failed",
        ],
        _rate_rows(results["questions"]),
    )
    yield (
        "Ratio: CordGraph's rate to the server's, median over the rounds. Latencies are those of "
        "16 connections that never pause. Work: processor time of the server for one answer; where "
        "it is much less than a rate's share of a second, PostgreSQL or the load were the limit.\n"
    )
    if results["steady"]:
        yield "### At 70 % of the saturated rate\n"
        yield _table(
            [
                "question",
                "server",
                "rate",
                "p50 ms",
                "p99 ms",
                "p99 / p50",
                "own p50 ms",
                "own p99 ms",
                "longest ms",
                "late p99 ms",
                "failed",
            ],
            map(_steady, results["steady"]),
        )
        yield (
            "The first three by h2load, the others by our own open loop. Late: how late that "
            "itself sent, which is part of its latency.\n"
        )
    if results["memory"]:
        yield "### Memory of CordGraph\n"
        rows = ([f"{m['requests']:,}", _mb(m["resident_bytes"])] for m in _some(results["memory"]))
        yield _table(["requests", "resident MB"], rows)


def _growth(results: Results) -> Iterator[str]:
    yield _circumstances(results)
    yield "### Targets\n"
    yield _targets(growth_targets(results, SMALL, LARGE, f"page {DEEP:,}"))
    yield "### Milliseconds for one answer, one request at a time\n"
    rows = []
    for row, sides in results["rows"].items():
        cells = [_times(sides[name]) if name in sides else "" for name in (SMALL, LARGE)]
        rows.append([row, *cells])
    yield _table(["question", f"{SMALL} units", f"{LARGE} units"], rows)
    yield "Median of the rounds (lowest to highest), each the median of its answers.\n"


def _pipeline(results: Results) -> Iterator[str]:
    yield _circumstances(results)
    yield "### Targets\n"
    yield _targets(pipeline_targets(results))
    yield "### Seconds and memory of each command\n"
    rows = [
        [
            f"`cordgraph {step['command']}`",
            f"{step['seconds']:.1f}",
            f"{step['worked']:.1f}",
            _mb(step["own_bytes"]),
            _mb(step["all_bytes"]),
        ]
        for step in results["steps"]
    ]
    rows.append(["all", f"{sum(step['seconds'] for step in results['steps']):.1f}", "", "", ""])
    yield _table(
        ["command", "seconds", "processor seconds", "command MB", "with helpers and server MB"],
        rows,
    )
    yield (
        "Each command starts and stops the embedded server. Memory is the most that was seen at "
        f"once, what is shared counted once. Files and database take "
        f"{results['disk_bytes'] / 1e9:.1f} GB of disk.\n"
    )


def _circumstances(results: Results) -> str:
    facts: dict[str, Any] = {"date": results["date"], **results["machine"]}
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    versions = ", ".join(f"{name} {value}" for name, value in results["versions"].items())
    lines.append(f"- versions: {versions}")
    lines += [f"- database: {value}" for value in results["databases"]]
    lines += [f"- without {name}: {reason}" for name, reason in results["absent"].items()]
    lines.append(f"- command: `{results['command']}` ({results['took']})")
    return "\n".join(lines) + "\n"


def _targets(targets: Iterable[Target]) -> str:
    rows = []
    for target in targets:
        spread = f"{target.spread[0]:.2f} to {target.spread[1]:.2f}" if target.spread else ""
        verdict = "**missed**" if target.reached is False else target.verdict
        rows.append([target.title, target.wanted, target.shown, spread, verdict])
    return _table(["", "wanted", "median", "rounds", ""], rows)


def _rate_rows(questions: Results) -> Iterator[list[str]]:
    for name, servers in questions.items():
        ours = next(iter(servers.values()))
        for server, rounds in servers.items():
            rates = [each["rate"] for each in rounds]
            ratios = [our["rate"] / rate for our, rate in zip(ours, rates, strict=True)]
            first = rounds is ours
            yield [
                QUESTIONS[name].title if first else "",
                _TITLES[server],
                f"{median(rates):,.0f}",
                f"{min(rates):,.0f} to {max(rates):,.0f}",
                "" if first else f"{median(ratios):.2f}",
                f"{median(each['p50_ms'] for each in rounds):.1f}",
                f"{median(each['p99_ms'] for each in rounds):.1f}",
                f"{median(each['worked_ms'] for each in rounds):.2f}",
                f"{median(each['bytes'] for each in rounds):,.0f}",
                f"{sum(each['failed'] for each in rounds):,}",
            ]


def _steady(steady: Results) -> list[str]:
    own, other = steady["own"], steady["h2load"]
    return [
        QUESTIONS[steady["question"]].title,
        _TITLES[steady["server"]],
        f"{own['rate']:,.0f}",
        *([f"{other[0]:.2f}", f"{other[1]:.2f}"] if other else ["", ""]),
        f"{tail(steady):.1f}",
        f"{own['p50_ms']:.2f}",
        f"{own['p99_ms']:.2f}",
        f"{own['longest_ms']:.1f}",
        f"{own['late_p99_ms']:.2f}",
        f"{own['failed']:,}",
    ]


def _times(rounds: list[Results]) -> str:
    times = [each["p50_ms"] for each in rounds]
    return f"{median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def _some(footprints: list[Results]) -> list[Results]:
    """Return a few of many, the first and the last among them."""
    step = max(1, len(footprints) // 5)
    return [*footprints[:-1:step], footprints[-1]]


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f}"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
