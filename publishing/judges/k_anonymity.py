"""Independent judge: reads a CSV of published units and prints the k that pycanon finds.

Imports nothing of ours, and runs in an environment of its own, since pycanon pins numpy and pandas:

    .venv-judge/bin/python publishing/judges/k_anonymity.py units.csv bank,abo bank,abo,added
"""

import json
import sys
from importlib.metadata import version

import pandas as pd  # type: ignore[import-untyped]
from pycanon import anonymity  # type: ignore[import-not-found]


def main() -> None:
    """Judge one file by each set of columns; what is not published is written * in it."""
    path, *sets = sys.argv[1:]
    columns = [names.split(",") for names in sets]
    needed = sorted({name for names in columns for name in names})
    units = pd.read_csv(path, dtype=str, keep_default_na=False, usecols=needed)
    units = units.reset_index(drop=True)
    found = {
        "judge": "pycanon",
        "version": version("pycanon"),
        "units": len(units),
        "k": [int(anonymity.k_anonymity(units, names)) for names in columns],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
