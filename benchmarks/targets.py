"""What the figures must reach: ratios within one run, each the median over its rounds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

Results = dict[str, Any]
"""What `benchmarks.results` reads from a file."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target and what was measured.

    Attributes:
        title: What is compared.
        limit: The least or most that is allowed.
        at_least: Whether ``limit`` is the least; otherwise the figure must stay below it.
        figure: Median over the rounds; ``None`` if it was not measured.
        spread: Lowest and highest of the rounds.
    """

    title: str
    limit: float
    at_least: bool
    figure: float | None
    spread: tuple[float, float] | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; ``None`` if it was not measured."""
        if self.figure is None:
            return None
        return self.figure >= self.limit if self.at_least else self.figure < self.limit

    @property
    def wanted(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least else 'below'} {self.limit:g}"

    @property
    def shown(self) -> str:
        """The figure in words."""
        return "not measured" if self.figure is None else f"{self.figure:.2f}"

    @property
    def verdict(self) -> str:
        """One word on whether it is reached; none if it was not measured."""
        return {True: "reached", False: "missed", None: ""}[self.reached]

    def line(self) -> str:
        """Return the target as a line of text."""
        return f"{self.verdict or '-':8}{self.shown:>13}  {self.wanted:14}{self.title}"


_RATES = (
    ("page of 100 with bank: CordGraph / stock Strawberry", 10.0, "page_100", "strawberry"),
    ("page of 100 with bank: CordGraph / PostGraphile", 1.5, "page_100", "postgraphile"),
    ("page of 100 with bank: CordGraph / bare route", 0.6, "page_100", "bare"),
    ("page of 10 with bank: CordGraph / PostGraphile", 1.0, "page_10", "postgraphile"),
    ("kept answer: CordGraph / bare route with ready bytes", 0.5, "kept", "bare"),
)
_MOST_P99 = 4.0
_MOST_GROWTH = 1.3
_MOST_MEMORY = 1.2
_MOST_MINUTES = 15.0
_MOST_GB = 4.0


def speed_targets(results: Results) -> Iterator[Target]:
    """Yield the targets of `make bench`."""
    for title, limit, question, rival in _RATES:
        ours = "cordgraph-keeping" if question == "kept" else "cordgraph"
        rates = _ratios(results["questions"].get(question, {}), ours, rival, "rate")
        yield _of_rounds(title, limit, rates, at_least=True)
    for steady in results["steady"]:
        if steady["server"] != "bare":
            title = f"p99 / p50 at 70 % of the saturated rate, {steady['question']}"
            yield Target(title, _MOST_P99, at_least=False, figure=tail(steady))
    memory = results["memory"]
    if memory:
        first, last = memory[0], memory[-1]
        title = f"memory after {last['requests']:,} requests / after {first['requests']:,}"
        figure = last["resident_bytes"] / first["resident_bytes"]
        yield Target(title, _MOST_MEMORY, at_least=False, figure=figure)


def tail(steady: Results) -> float:
    """Return p99 / p50 of a server at a fixed rate: by h2load, else by our open loop."""
    own = steady["own"]
    if steady["h2load"]:
        p50, p99 = steady["h2load"]
    elif own["failed"]:  # a request that was refused would have been a slow one
        p50, p99 = own["p50_ms"], math.inf
    else:
        p50, p99 = own["p50_ms"], own["p99_ms"]
    return math.inf if p99 is None else float(p99 / p50)  # JSON has no infinity


def growth_targets(results: Results, small: str, large: str, deep: str) -> Iterator[Target]:
    """Yield the targets of `make bench-growth`.

    Args:
        results: What was measured.
        small: Name of the small database.
        large: Name of the large one.
        deep: What the deep page is called, such as ``page 10,000``.
    """
    rows = results["rows"]
    for row in ("first page of 100", "any page of 100", "filtered page of 100"):
        ratios = _ratios(rows.get(row, {}), large, small, "p50_ms")
        yield _of_rounds(f"{row}: {large} / {small} units", _MOST_GROWTH, ratios, at_least=False)
    for name, size in ((large, 100), (large, 10), (small, 10)):
        far = rows.get(f"{deep} of {size}", {}).get(name, [])
        near = rows.get(f"first page of {size}", {}).get(name, [])
        ratios = [a["p50_ms"] / b["p50_ms"] for a, b in zip(far, near, strict=True)]
        title = f"{name} units, pages of {size}: {deep} / page 1"
        yield _of_rounds(title, _MOST_GROWTH, ratios, at_least=False)


def pipeline_targets(results: Results) -> Iterator[Target]:
    """Yield the targets of `make bench-pipeline`; they hold for 5 million units on two cores."""
    steps = results["steps"]
    units = f"{results['units']:,} units"
    minutes = sum(step["seconds"] for step in steps) / 60
    yield Target(f"{units}: minutes of all commands", _MOST_MINUTES, at_least=False, figure=minutes)
    most = max(step["all_bytes"] for step in steps) / 1e9
    yield Target(f"{units}: most GB at once", _MOST_GB, at_least=False, figure=most)


def _ratios(servers: Results, ours: str, rival: str, figure: str) -> list[float]:
    """Return the ratio of each round."""
    pairs = zip(servers.get(ours, []), servers.get(rival, []), strict=False)
    return [our[figure] / their[figure] for our, their in pairs]


def _of_rounds(title: str, limit: float, ratios: list[float], *, at_least: bool) -> Target:
    if not ratios:
        return Target(title, limit, at_least, None)
    return Target(title, limit, at_least, median(ratios), (min(ratios), max(ratios)))
