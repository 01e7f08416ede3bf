"""Attacks by somebody who took over the API and has the reader's role in the database."""

import itertools

from tests.attacks.chance import far, rank_score
from tests.attacks.public import Finding, Public

_CLEARLY = 0.5
"""Growth for each further unit beyond which a number counts the intake."""


def counting_numbers(public: Public) -> list[Finding]:
    """Look for readable numbers of the system that grow with what is taken in."""
    if public.reader is None:
        return []
    return [
        Finding(name, "grows with the intake")
        for name, (less, more) in sorted(public.reader.growth.items())
        if abs(more - less) > _CLEARLY * public.reader.larger
    ]


def staged_units(public: Public) -> list[Finding]:
    """Look for units in the open zone that no release ever served."""
    if public.reader is None:
        return []
    served = {id_ for seen in public.seen for id_ in seen.units}
    hidden = len(set(public.reader.ids) - served)
    return [Finding("open.unit", f"{hidden} units were never served")] if hidden else []


def class_numbers(public: Public) -> list[Finding]:
    """Look for numbers of classes that were left out, or given in another order than values."""
    if public.reader is None:
        return []
    findings = []
    by_release = itertools.groupby(sorted(public.reader.classes), key=lambda row: row[1])
    for release, rows in by_release:
        numbers, _, texts = zip(*rows, strict=True)
        missing = numbers[-1] - numbers[0] + 1 - len(numbers)
        if missing:
            findings.append(
                Finding(f"batch {release}", f"{missing} numbers of classes are missing")
            )
        if list(texts) != sorted(texts):
            findings.append(
                Finding(f"batch {release}", "classes are numbered in an order of their own")
            )
    return findings


def physical_order(public: Public) -> list[Finding]:
    """Correlate the physical order of rows with the order of intake, batch by batch."""
    if public.reader is None:
        return []
    batch = {id_: v[-1] for seen in public.seen for id_, v in seen.units.items()}
    findings = []
    for number in sorted(set(batch.values())):
        places = [
            public.insider.places[id_]
            for id_ in public.reader.ids
            if batch.get(id_) == number and id_ in public.insider.places
        ]
        if far(rank_score(places)):
            findings.append(Finding(f"batch {number}", "rows lie in the order of the intake"))
    return findings
