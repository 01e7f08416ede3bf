"""Where the benchmarks keep their databases, the rivals' packages and what was logged."""

import os
from collections.abc import Mapping
from pathlib import Path

from database.access import HOME, data_home

VARIABLE = "CORDGRAPH_BENCHMARKS_HOME"
"""Environment variable that names another folder."""


def benchmarks_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the benchmarks: a neighbour of the usual one for data."""
    given = environ.get(VARIABLE)
    if given:
        return Path(given).expanduser().absolute()
    usual = data_home({name: value for name, value in environ.items() if name != HOME})
    return usual.with_name("cordgraph-benchmarks")
