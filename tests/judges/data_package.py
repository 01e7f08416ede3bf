"""Reads all tables of a Data Package over HTTP; sizes, hashes and foreign keys are checked too.

Usage: data_package.py URL. Runs in the environment of requirements-portals.lock.
"""

import json
import sys

from frictionless import Package


def judge(url: str) -> dict[str, object]:
    """Return whether the package is valid, what is wrong, and how many rows each table has."""
    report = Package(url).validate()
    return {
        "valid": report.valid,
        "errors": report.flatten(["type", "message"])[:20],
        "rows": {task.name: task.stats.get("rows") for task in report.tasks},
    }


if __name__ == "__main__":
    print(json.dumps(judge(sys.argv[1])))
