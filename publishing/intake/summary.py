"""A submission report in lines for a terminal."""

from collections.abc import Iterable, Iterator

from publishing.intake.envelope import Mode
from publishing.intake.faults import Finding, Findings, printable
from publishing.intake.submission_report import Changes, Outcome, SubmissionReport

SHOWN_FINDINGS = 20
"""Faults, and warnings, of a file that are shown one by one."""


def summary(report: SubmissionReport) -> Iterator[str]:
    """Yield the lines that tell what became of a file."""
    yield f"{printable(str(report.path))}: {_OUTCOMES[report.outcome](report)}"
    if report.changes:
        yield from _change_lines(report.changes)
    yield from finding_lines("faults", report.faults)
    yield from finding_lines("warnings", report.warnings)


def _loaded(report: SubmissionReport) -> str:
    return f"loaded as submission {report.submission}: {_units(report)}."


def _valid(report: SubmissionReport) -> str:
    return f"valid, not loaded: {_units(report)}."


def _known(report: SubmissionReport) -> str:
    day = f" of {report.received_at:%Y-%m-%d}" if report.received_at else ""
    return f"nothing to do: submission {report.submission}{day} loaded the same content."


def _refused(report: SubmissionReport) -> str:
    if not report.units_refused:
        return "REFUSED; nothing of it is loaded."
    return (
        f"REFUSED; nothing of it is loaded: {report.units_refused:,} of {report.units_read:,} "
        "units read have faults."
    )


_OUTCOMES = {
    Outcome.LOADED: _loaded,
    Outcome.VALID: _valid,
    Outcome.KNOWN: _known,
    Outcome.REFUSED: _refused,
}


def _units(report: SubmissionReport) -> str:
    banks = ", ".join(f"{bank} {units:,}" for bank, units in sorted(report.banks.items()))
    kind = "changed units" if report.mode is Mode.DIFF else "units"
    parts = [f"{report.units_accepted:,} {kind} ({banks}), {report.units_consented:,} with consent"]
    if report.units_deleted:
        parts.append(f"{report.units_deleted:,} of them deleted")
    if report.units_refused:
        parts.append(f"{report.units_refused:,} refused")
    if report.donors:
        parts.append(f"{report.donors:,} donors passed over")
    if report.synthetic:
        parts.append("synthetic")
    return "; ".join(parts)


def _change_lines(changes: Changes) -> Iterator[str]:
    yield (
        f"  {changes.added:,} added, {changes.changed:,} changed, {changes.unchanged:,} "
        f"unchanged, {changes.removed:,} removed"
    )
    if changes.changed_fields:
        yield f"  changed: {_counts(changes.changed_fields.items())}"
    if changes.published_missing or changes.published_differing:
        yield (
            f"  published units stay as they are: {changes.published_missing:,} are deleted or not "
            f"in this file, {changes.published_differing:,} differ"
        )
    if changes.published_fields:
        yield f"  differing in published units: {_counts(changes.published_fields.items())}"
    if changes.consent_withdrawn:
        yield (
            f"  {changes.consent_withdrawn:,} published units have no consent now; their classes "
            "have to be withdrawn"
        )
    if changes.published_missing or changes.published_differing:
        yield "  the operator finds them with `cordgraph bank differences`"


def finding_lines(kind: str, findings: Findings) -> Iterator[str]:
    """Yield the lines that tell of findings, the first `SHOWN_FINDINGS` one by one."""
    total = findings.counts.total()
    if not total:
        return
    yield f"  {kind}: {_counts(findings.counts.items())}"
    for finding in findings.kept[:SHOWN_FINDINGS]:
        yield f"    {_place(finding)}: {finding.message}"
    if total > SHOWN_FINDINGS:
        yield f"    ... and {total - SHOWN_FINDINGS:,} more; --report FILE.json lists them"


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    most = sorted(counts, key=lambda count: -count[1])
    return ", ".join(f"{name} {number:,}" for name, number in most)


def _place(finding: Finding) -> str:
    parts = [
        f"line {finding.line}" if finding.line is not None else "",
        " ".join(filter(None, (finding.bank, finding.unit))),
        finding.code,
        f'"{finding.value}"' if finding.value is not None else "",
    ]
    return ", ".join(filter(None, parts))
