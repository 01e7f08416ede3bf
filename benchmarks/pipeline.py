"""The pipeline from made-up inventories to a published release, by the commands an operator runs."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.pipeline_memory import Watch
from commands.progress import ProgressBars
from database.access import HOME, VARIABLES, open_access
from domain.failures import Refused

UNITS = 5_000_000
_SEED = 1
_PROGRAM = [sys.executable, "-c", "from commands.main import main; main()"]


@dataclass(frozen=True, slots=True)
class Step:
    """One command.

    Attributes:
        name: What it does.
        command: Its words, without ``cordgraph``.
        seconds: How long it took, with the start and end of the embedded server.
        worked: Processor seconds of the command, its helpers and the server.
        own_bytes: Most memory that the command itself had.
        all_bytes: Most memory of the command, its helpers and the server together.
    """

    name: str
    command: str
    seconds: float
    worked: float
    own_bytes: int
    all_bytes: int


async def run_pipeline(folder: Path, units: int, bars: ProgressBars) -> dict[str, Any]:
    """Take ``units`` units through all commands and return what `benchmarks.report` shows.

    The folder is made anew and removed at the end: every run begins with nothing.

    Raises:
        Refused: A command failed; what it said is in the folder of logs.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "logs").mkdir(parents=True)
    machine = describe_machine()
    environ = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    environ[HOME] = str(folder / "home")
    steps: list[Step] = []
    outcome: dict[str, Any] = {}
    for done, (name, words) in enumerate(_commands(folder, units)):
        bars("Pipeline", done, 6)
        step, said = run_step(name, words, folder, environ)
        bars.say(
            f"{name}: {step.seconds:.1f} s, {step.worked:.1f} s of processors, "
            f"{step.all_bytes / 1e9:.2f} GB"
        )
        steps.append(step)
        if name == "publish":
            outcome = json.loads(said)
    bars("Pipeline", 6, 6)
    with open_access(folder / "home", environ) as access:
        versions = await describe_versions(access, None)
    disk = _size(folder)
    shutil.rmtree(folder)
    return {
        "machine": machine,
        "versions": versions,
        "databases": [f"{outcome['units']:,} of {units:,} units published in one release"],
        "absent": {},
        "units": units,
        "steps": steps,
        "disk_bytes": disk,
    }


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _commands(folder: Path, units: int) -> list[tuple[str, list[str]]]:
    inventory = folder / "inventory"
    banks = ["BJ", "TJ", "SH", "ZJ", "SD", "GD", "SC"]
    files = [str(inventory / f"{bank}_FULL.xml") for bank in banks]
    synthetic = ["--profile", "synthetic", "--json"]
    return [
        ("synth", ["synth", "--units", str(units), "--seed", str(_SEED), "--out", str(inventory)]),
        ("reference", ["reference", "load"]),
        ("intake", ["intake", *files]),
        ("propose", ["scheme", "propose", "--json"]),
        ("plan", ["release", "plan", *synthetic]),
        ("publish", ["release", "publish", *synthetic]),
    ]


def run_step(
    name: str, words: list[str], folder: Path, environ: Mapping[str, str]
) -> tuple[Step, str]:
    """Run ``cordgraph`` with ``words`` and return what it took and what it printed.

    Raises:
        Refused: It failed; what it said is in the folder ``logs`` of ``folder``.
    """
    log = folder / "logs" / f"{name}.txt"
    began = time.monotonic()
    with log.open("wb") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [*_PROGRAM, *words], stdout=subprocess.PIPE, stderr=complaints, env=environ
        )
        watch = Watch(process.pid, str(folder / "home"))
        watching = threading.Thread(target=watch.run, daemon=True)
        watching.start()
        said, _ = process.communicate()
    seconds = time.monotonic() - began
    watch.end()
    watching.join()
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise Refused(f"{name} ended with {process.returncode}: {tail or said[-2000:].decode()}")
    shown = " ".join(Path(word).name if "/" in word else word for word in words)
    return Step(name, shown, seconds, watch.worked, watch.own, watch.all), said.decode()
