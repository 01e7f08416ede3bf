"""Findings are counted without end and kept up to a limit."""

from publishing.intake.faults import DETAIL_LIMIT, Code, Finding, Findings

_OF_UNIT = Finding(Code.MISSING, "a")
_OF_FILE = Finding(Code.NO_UNITS, "b")


def test_details_end_at_the_limit_also_at_the_front() -> None:
    """What concerns the file stands first, and what no longer fits is only counted."""
    findings, others = Findings(), Findings()
    for _ in range(DETAIL_LIMIT):
        findings.add(_OF_UNIT)
    others.add(_OF_FILE)

    findings.add_first(_OF_FILE)
    findings.put_first(others)

    assert findings.kept == [_OF_FILE] * 2 + [_OF_UNIT] * (DETAIL_LIMIT - 2)
    assert findings.counts == {Code.MISSING: DETAIL_LIMIT, Code.NO_UNITS: 2}
