"""Independent judge: reads a CSV of published units and prints the k that pycanon finds.

Runs in an environment of its own, since pycanon pins numpy and pandas:

    .venv-judge/bin/python tests/judges/k_anonymity.py units.csv bank,period,abo,tnc,cd34
"""

import json
import sys
from importlib.metadata import version

import pandas as pd
from pycanon import anonymity


def main() -> None:
    """Judge one file; values that are not published are written as * in it."""
    path, columns = sys.argv[1], sys.argv[2].split(",")
    units = pd.read_csv(path, dtype=str, keep_default_na=False).reset_index(drop=True)
    k = anonymity.k_anonymity(units, columns)
    verdict = {"judge": f"pycanon {version('pycanon')}", "k": int(k), "units": len(units)}
    json.dump(verdict, sys.stdout)


if __name__ == "__main__":
    main()
