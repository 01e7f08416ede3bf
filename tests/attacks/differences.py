"""Attacks on pairs of releases: fewer than k units that came, went, changed or came back."""

import itertools
from collections import Counter
from collections.abc import Iterator

from tests.attacks.public import Finding, K, Public, Seen, Values, small, told


def added_sets(public: Public) -> list[Finding]:
    """Look for fewer than k units with the same values among those that a release added."""
    return [
        Finding(_pair(old, new), f"{units} units more with {told(values)}")
        for old, new in _pairs(public)
        for values, units in small(new.units[i] for i in new.units.keys() - old.units.keys())
    ]


def removed_sets(public: Public) -> list[Finding]:
    """Look for fewer than k units with the same values among those that a release left out."""
    return [
        Finding(_pair(old, new), f"{units} units less with {told(values)}")
        for old, new in _pairs(public)
        for values, units in small(old.units[i] for i in old.units.keys() - new.units.keys())
    ]


def changed_counts(public: Public) -> list[Finding]:
    """Subtract inventories by the batch, without any id: a count changes by 0 or at least k."""
    return [
        Finding(_pair(old, new), f"the inventory of {told(values, names)} changes by {change:+}")
        for old, new in _pairs(public)
        for names, table in old.tables.items()
        if "added" in names
        for values in sorted(table.keys() | new.tables[names].keys(), key=repr)
        if 0 < abs(change := new.tables[names].get(values, 0) - table.get(values, 0)) < K
    ]


def changed_totals(public: Public) -> list[Finding]:
    """Subtract what releases say of themselves: totals, and units added and withdrawn."""
    findings = [
        Finding(seen.place, f"{name} is {count}")
        for seen in public.seen
        for name in ("addedUnitCount", "withdrawnUnitCount")
        if 0 < (count := seen.facts[name]) < K
    ]
    for old, new in _pairs(public):
        came = len(new.units.keys() - old.units.keys())
        went = len(old.units.keys() - new.units.keys())
        hidden = new.total - old.total - came + went
        if hidden:
            findings.append(Finding(_pair(old, new), f"totals differ by {hidden:+} hidden units"))
        left = new.facts["withdrawnUnitCount"] - went
        if new.number == old.number + 1 and left:
            findings.append(Finding(new.place, f"{left:+} hidden units were withdrawn"))
    return list(dict.fromkeys(findings))


def joined_values(public: Public) -> list[Finding]:
    """Join all looks by id: values that changed describe a unit more finely than each alone."""
    history: dict[str, dict[Values, None]] = {}
    for seen in public.seen:
        for id_, values in seen.units.items():
            history.setdefault(id_, {})[values] = None
    joint = Counter(tuple(found) for found in history.values() if len(found) > 1)
    return [
        Finding("joined by id", f"{units} units were {' and then '.join(map(told, values))}")
        for values, units in sorted(joint.items(), key=repr)
    ]


def returned(public: Public) -> list[Finding]:
    """Look for units that a release left out and that a later one has again."""
    findings = []
    newest = _newest_looks(public)
    for number in sorted(public.first)[1:]:
        before = {i for n, seen in public.first.items() if n < number for i in seen.units}
        gone = before - public.first[number].units.keys()
        for seen in newest.values():
            if seen.number > number and (back := gone & seen.units.keys()):
                says = f"{len(back)} units that release {number} left out are back"
                findings.append(Finding(seen.place, says))
    return findings


def rewritten(public: Public) -> list[Finding]:
    """Compare each release with the mirror of it that was made when it was new."""
    findings = []
    for number in sorted(public.first.keys() & public.last.keys()):
        first, last = public.first[number], public.last[number]
        if less := len(first.units.keys() - last.units.keys()):
            findings.append(Finding(last.place, f"{less} units are missing since it was published"))
        if more := len(last.units.keys() - first.units.keys()):
            findings.append(Finding(last.place, f"{more} units are there since it was published"))
        findings += [
            Finding(last.place, f"{name} was {value} and is {last.facts[name]}")
            for name, value in first.facts.items()
            if last.facts[name] != value
        ]
    return findings


def still_read(public: Public) -> list[Finding]:
    """Look for units of a release that was withdrawn as a whole."""
    return [
        Finding(seen.place, f"{len(seen.units)} units are served after the release was withdrawn")
        for number, seen in public.last.items()
        if number in public.gone
    ]


def _newest_looks(public: Public) -> dict[int, Seen]:
    return {**public.first, **public.last}


def _pairs(public: Public) -> Iterator[tuple[Seen, Seen]]:
    """Yield each older release with each newer one, as they are now or were when last served."""
    looks = _newest_looks(public)
    for old, new in itertools.combinations(sorted(looks), 2):
        yield looks[old], looks[new]


def _pair(old: Seen, new: Seen) -> str:
    return f"releases {old.number} and {new.number}"
