"""Attacks on order: whether the place of a unit, or its id, tells when or with whom it came."""

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping

from tests.attacks.chance import far, rank_score, runs_score, uneven
from tests.attacks.public import ATTRIBUTES, Finding, Public, Seen


def pages_against_intake(public: Public) -> list[Finding]:
    """Correlate the place on the pages with the place in the intake, overall and in classes."""
    findings = []
    for seen in public.seen:
        ids = [id_ for id_ in seen.units if id_ in public.insider.places]
        if far(score := rank_score([public.insider.places[id_] for id_ in ids])):
            findings.append(Finding(seen.place, f"pages follow the intake{_sign(score)}"))
        if far(score := _score_in_classes(seen, public.insider.places)):
            findings.append(
                Finding(seen.place, f"pages follow the intake inside of classes{_sign(score)}")
            )
    return list(dict.fromkeys(findings))


def runs_on_pages(public: Public) -> list[Finding]:
    """Look whether neighbours on the pages share a value, or a time of arrival, too often."""
    findings = []
    for seen in public.seen:
        columns: dict[str, list[Hashable]] = {
            name: [values[place] for values in seen.units.values()]
            for place, name in enumerate(ATTRIBUTES)
        }
        if public.insider.places:
            columns["arrival"] = [*_quarters(seen, public.insider.places)]
        findings += [
            Finding(seen.place, f"neighbours on the pages are alike in {name}")
            for name, column in columns.items()
            if far(runs_score(column))
        ]
    return list(dict.fromkeys(findings))


def uneven_ids(public: Public) -> list[Finding]:
    """Look for digits of ids that are not evenly used, overall or for units of one value."""
    findings = []
    for seen in public.seen:
        told = [place for place in range(20) if uneven([i[4 + place] for i in seen.units])]
        if told:
            findings.append(Finding(seen.place, f"{len(told)} of 20 digits of ids are uneven"))
            continue
        groups: defaultdict[tuple[str, object], list[str]] = defaultdict(list)
        for id_, values in seen.units.items():
            for name, value in zip(ATTRIBUTES, values, strict=True):
                groups[name, value].append(id_)
        for (name, value), ids in sorted(groups.items(), key=repr):
            if any(uneven([id_[4 + place] for id_ in ids]) for place in range(20)):
                findings.append(Finding(seen.place, f"ids tell {name}={value}"))
    return list(dict.fromkeys(findings))


def gaps_in_ids(public: Public) -> list[Finding]:
    """Look for ids that stand in a row: the numbers left out count what is held back."""
    findings = []
    for seen in public.seen:
        numbers = [int(id_.removeprefix("cbu_"), 16) for id_ in seen.units]
        row = max(numbers) - min(numbers) + 1
        if row < 100 * len(numbers):
            findings.append(
                Finding(seen.place, f"ids stand in a row that lacks {row - len(numbers)} numbers")
            )
    return list(dict.fromkeys(findings))


def _sign(score: float) -> str:
    return "" if score > 0 else " backwards"


def _score_in_classes(seen: Seen, places: Mapping[str, int]) -> float:
    classes: defaultdict[object, list[int]] = defaultdict(list)
    for id_, values in seen.units.items():
        if id_ in places:
            classes[values].append(places[id_])
    scores = [rank_score(members) for members in classes.values()]
    return sum(scores) / math.sqrt(len(scores)) if scores else 0.0


def _quarters(seen: Seen, places: Mapping[str, int]) -> list[Hashable]:
    """Return for each unit of the pages in which quarter of the arrivals it came."""
    ordered = sorted(places[id_] for id_ in seen.units if id_ in places)
    quarter = {place: 4 * number // len(ordered) for number, place in enumerate(ordered)}
    return [quarter.get(places.get(id_, -1), -1) for id_ in seen.units]
