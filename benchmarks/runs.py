"""The two measurements from beginning to end: databases, servers, figures, circumstances."""

from pathlib import Path
from typing import Any

from benchmarks.agreement import require_agreement
from benchmarks.contents import Contents
from benchmarks.database import build
from benchmarks.field import Field, open_field
from benchmarks.growth import LARGE, SMALL, measure_growth
from benchmarks.growth_database import grow
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.memory import watch_memory
from benchmarks.servers.postgraphile import project_folder
from benchmarks.speed import Plan, compare, steady
from commands.progress import ProgressBars
from database.embedded import EmbeddedServer


async def run_speed(
    server: EmbeddedServer,
    home: Path,
    units: int,
    plan: Plan,
    requests: int,
    bars: ProgressBars,
) -> dict[str, Any]:
    """Compare all servers and return what `benchmarks.report` shows.

    Args:
        server: The running PostgreSQL.
        home: Folder of the benchmarks.
        units: Units of the database.
        plan: How long to measure.
        requests: Over how many memory is watched; 0 for not at all.
        bars: Shows how far it is.

    Raises:
        Refused: The servers do not agree in what they answer.
        Unavailable: Something that is needed is missing.
    """
    access = await build(server, home, units, bars)
    machine = describe_machine()
    async with open_field(access, home, bars.say) as field:
        agreed = require_agreement(field.words, field.servers)
        bars.say(f"{agreed} answers of the rivals hold the same values as CordGraph's.")
        peer = None if "postgraphile" in field.absent else project_folder(home)
        return {
            "machine": machine,
            "versions": await describe_versions(access, peer),
            "databases": [_described(field.contents)],
            "absent": field.absent,
            **_measure(field, plan, requests, bars),
        }


async def run_growth(
    server: EmbeddedServer,
    home: Path,
    units: int,
    rounds: int,
    seconds: int,
    bars: ProgressBars,
) -> dict[str, Any]:
    """Compare CordGraph with itself over a larger database; as `run_speed`."""
    small = await build(server, home, units, bars)
    large = await grow(server, small, bars)
    machine = describe_machine()
    sides, rows = await measure_growth(
        {SMALL: small, LARGE: large}, home / "logs", rounds, seconds, bars
    )
    return {
        "machine": machine,
        "versions": await describe_versions(small, None),
        "databases": [_described(side.contents) for side in sides.values()],
        "absent": {},
        "rows": rows,
    }


def _measure(field: Field, plan: Plan, requests: int, bars: ProgressBars) -> dict[str, Any]:
    rounds = compare(field, plan, bars)
    fixed = steady(field, rounds, plan, bars)
    return {
        "plan": plan,
        "questions": rounds,
        "steady": fixed,
        "memory": watch_memory(field, requests, bars) if requests else [],
    }


def _described(contents: Contents) -> str:
    return (
        f"{contents.units:,} units in {contents.classes:,} batch classes, "
        f"{contents.release} releases"
    )
