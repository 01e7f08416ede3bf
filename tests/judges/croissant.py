"""Reads all records of a Croissant dataset over HTTP; the reader checks hashes.

Usage: croissant.py URL. Runs in the environment of requirements-portals.lock.
"""

import json
import sys

import mlcroissant


def judge(url: str) -> dict[str, object]:
    """Return what the reader complains of, how many records each set has, and the first bank."""
    dataset = mlcroissant.Dataset(jsonld=url)
    sets = dataset.metadata.record_sets
    rows = {each.name: sum(1 for _ in dataset.records(each.id)) for each in sets}
    first = next(iter(dataset.records("banks")))
    issues = dataset.metadata.ctx.issues
    return {
        "rows": rows,
        "bank": {name: str(value) for name, value in first.items()},
        "errors": sorted(issues.errors),
        "warnings": sorted(issues.warnings),
    }


if __name__ == "__main__":
    print(json.dumps(judge(sys.argv[1])))
