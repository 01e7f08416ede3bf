"""A unit as it stands in the file, before its values are read."""

from dataclasses import dataclass, field

from publishing.intake.faults import Finding


@dataclass(slots=True)
class Entry:
    """The content of one unit: a ``CBU`` element, a row of CSV or a line of NDJSON.

    Attributes:
        line: Line on which it begins.
        texts: Text by path, without outer white space, never empty.
        lines: Line by path, for each element that was there, groups and empty ones included.
        findings: What was found wrong with the elements themselves.
        is_broken: Whether nothing of it can be read, for the reason in ``findings``.
    """

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    is_broken: bool = False
