"""The files of results: JSON, one for each command, from which RESULTS.md is written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).with_name("results")


def write_results(folder: Path, name: str, found: Mapping[str, Any]) -> Path:
    """Write what a command measured to ``folder/name.json`` and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    dated = {"date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", **found}
    file.write_bytes(orjson.dumps(_rounded(dated), option=orjson.OPT_INDENT_2) + b"\n")
    return file


def read_results(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what `write_results` wrote; ``None`` if nothing was measured yet."""
    file = folder / f"{name}.json"
    if not file.exists():
        return None
    found: dict[str, Any] = orjson.loads(file.read_bytes())
    return found


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    """Make records plain, and leave off the digits that mean nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
