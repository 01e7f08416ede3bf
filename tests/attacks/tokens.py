"""Attacks on everything around the data: cursors, errors, headers, costs and work."""

import base64
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.attacks.public import Answer, Finding, Probe, Public

_WORDS = re.compile(rb"[A-Za-z0-9_.-]+")


def cursors(public: Public) -> list[Finding]:
    """Decode cursors: beside the id they may hold only what all units with the values share."""
    findings = []
    for seen in public.seen:
        for order, pairs in seen.cursors.items():
            rests: defaultdict[object, set[str]] = defaultdict(set)
            for id_, cursor in pairs:
                text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
                rests[seen.units[id_]].add(text.replace(id_, ""))
            apart = sum(len(rest) for rest in rests.values() if len(rest) > 1)
            if apart:
                says = f"cursors in the order {order} tell {apart} units of equal values apart"
                findings.append(Finding(seen.place, says))
    return list(dict.fromkeys(findings))


def needles(public: Public) -> list[Finding]:
    """Search all bodies and header lines for texts of the intake that were not asked with."""
    findings: dict[Finding, None] = {}
    for answer in public.answers:
        for word in sorted(_words(answer) & public.insider.needles):
            if word not in answer.asked:
                findings[Finding(answer.asked.split(" ")[0], f"the answer holds {word}")] = None
    return list(findings)


def differing_answers(public: Public) -> list[Finding]:
    """Compare answers about what is hidden with answers about nothing."""
    return [
        Finding(probe.about, f"{name} differs")
        for probe in public.probes
        for name, hidden, nothing in _traces(probe)
        if hidden != nothing
    ]


def _traces(probe: Probe) -> Iterator[tuple[str, object, object]]:
    return zip(probe.hidden._fields, probe.hidden, probe.nothing, strict=True)


def _words(answer: Answer) -> set[str]:
    lines = "\n".join(f"{name}: {value}" for name, value in answer.headers).encode()
    return {word.decode().strip(".-") for word in _WORDS.findall(answer.body + b"\n" + lines)}
