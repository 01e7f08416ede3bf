"""A unit as it is stored in intake, and its way there from an entry of the file."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from domain.banks import BANK_CODES
from publishing.intake.agreement import disagreements, untyped_loci
from publishing.intake.entry import Entry
from publishing.intake.faults import Code, Finding, shown
from publishing.intake.fields import FIELDS, LOCI, LONGEST_ID
from publishing.intake.hla import Method, donation_key, normal_form
from publishing.intake.rules import RuleBrokenError

_MANDATORY = tuple(path for path, field in FIELDS.items() if field.mandatory)
_READERS: dict[str, Callable[[str, dt.date], object]] = {
    path: field.rule.read for path, field in FIELDS.items()
}
_BANK = "BANK_MANUF_ID"
_CONSENT = "CONSENT_OPEN_DATA"
_DELETED = "DE"
_TYPINGS = tuple(
    (locus, method, f"HLA/{locus}/{method}/FIELD1", f"HLA/{locus}/{method}/FIELD2")
    for locus, methods in LOCI.items()
    for method in methods
)


class Unit(NamedTuple):
    """A checked unit: one row of ``intake.raw_unit``; all other fields are dropped.

    Cells are counts, the volume is in millilitres, ``hla`` (as submitted) and ``hla_normal`` are
    JSON texts.
    """

    line: int
    bank: str
    unit_number: str
    birth_date: dt.date
    collection_date: dt.date | None
    status: str
    consent: bool
    synthetic: bool
    abo: str | None
    tnc_frozen: float | None
    cd34_frozen: float | None
    volume_ml: float | None
    product_modification: str | None
    hla: str
    hla_normal: str
    hla_key: str | None


class Deletion(NamedTuple):
    """A unit that changes (`publishing.intake.envelope.Mode.DIFF`) name as deleted."""

    line: int
    bank: str
    unit_number: str


class RefusedUnit(NamedTuple):
    """A unit that has a fault, but tells which it is.

    ``consent`` is whether it plainly has consent: a field that is missing or faulty gives none.
    """

    bank: str
    unit_number: str
    consent: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What a unit is judged by, beside the format.

    Attributes:
        today: The last day that a date may name.
        bank: The bank whose file it is, or ``None``: each unit says it.
    """

    today: dt.date
    bank: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an entry.

    Attributes:
        unit: The unit or its deletion, or ``None`` if it is refused.
        findings: All that is wrong with it, and what its bank should know.
        bank: Its bank, where known.
    """

    unit: Unit | Deletion | None
    findings: list[Finding]
    bank: str | None


def judge(entry: Entry, terms: Terms, *, synthetic: bool, may_be_deleted: bool = False) -> Verdict:
    """Check all of an entry and return the unit, or every fault that it has.

    Args:
        entry: The unit as it stands in the file.
        terms: What it is judged by.
        synthetic: Whether it is made up.
        may_be_deleted: Whether the status DE deletes a unit, which then needs no more than its
            number and its bank; it is a fault else.
    """
    findings = entry.findings
    if entry.is_broken:
        return Verdict(None, findings, terms.bank)
    is_deleted = may_be_deleted and entry.texts.get("STATUS") == _DELETED
    values = _read_values(entry, terms.today, findings)
    bank = _bank(entry, terms.bank, findings)
    findings += _missing_number(entry) if is_deleted else _missing(entry)
    for code, path, message in disagreements(values, may_be_deleted=may_be_deleted):
        text = None if FIELDS[path].private else shown(entry.texts[path])
        findings.append(Finding(code, message, entry.lines[path], path, text))
    number = entry.texts.get("ID")
    if findings:
        findings[:] = [
            replace(finding, bank=bank, unit=number and shown(number)) for finding in findings
        ]
    if bank is None or not all(finding.is_warning for finding in findings):
        return Verdict(None, findings, bank)
    if is_deleted:
        return Verdict(Deletion(entry.line, bank, values["ID"]), findings, bank)
    return Verdict(_unit(entry.line, bank, synthetic, values), findings, bank)


def refused_unit(entry: Entry, bank: str | None, findings: list[Finding]) -> RefusedUnit | None:
    """Return what is known of an entry that is refused for ``findings``, if it tells which it is.

    Args:
        entry: The unit as it stands in the file.
        bank: Its bank, or ``None`` where that is not known.
        findings: All that is wrong with it.
    """
    number = entry.texts.get("ID", "")
    if bank is None or not 0 < len(number) <= LONGEST_ID:
        return None
    is_faulty = any(finding.field == _CONSENT for finding in findings)
    return RefusedUnit(bank, number, entry.texts.get(_CONSENT) == "Y" and not is_faulty)


def _read_values(entry: Entry, today: dt.date, findings: list[Finding]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for path, text in entry.texts.items():
        try:
            values[path] = _READERS[path](text, today)
        except RuleBrokenError as broken:
            value = None if FIELDS[path].private else shown(text)
            message = f"{path} {broken.message}."
            findings.append(Finding(broken.code, message, entry.lines[path], path, value))
    return values


def _bank(entry: Entry, named: str | None, findings: list[Finding]) -> str | None:
    """Return the bank of the unit; ``named`` is the one that the file was submitted for."""
    text = entry.texts.get(_BANK)
    if text is None:
        if named is None:
            message = f"{_BANK} is missing: put the bank's code there, or name it with --bank."
            findings.append(Finding(Code.MISSING, message, entry.line, _BANK))
        return named
    if text not in BANK_CODES:
        if named is None:
            message = (
                f"{_BANK} must be one of {', '.join(BANK_CODES)}; "
                "name the bank with --bank if it has to say something else."
            )
            line = entry.lines[_BANK]
            findings.append(Finding(Code.BANK_UNKNOWN, message, line, _BANK, shown(text)))
        return named
    if named not in (None, text):
        message = f"{_BANK} must be {named}, for which the file was submitted."
        findings.append(
            Finding(Code.BANK_DISAGREES, message, entry.lines[_BANK], _BANK, shown(text))
        )
    return text


def _missing_number(entry: Entry) -> Iterator[Finding]:
    return _missing_fields(entry, ("ID",))


def _missing_fields(entry: Entry, paths: Iterable[str]) -> Iterator[Finding]:
    for path in paths:
        if path not in entry.texts:
            line = entry.lines.get(path, entry.line)
            yield Finding(Code.MISSING, f"{path} must be there in each unit.", line, path)


def _missing(entry: Entry) -> Iterator[Finding]:
    yield from _missing_fields(entry, _MANDATORY)
    if "HLA" not in entry.lines:
        yield Finding(Code.MISSING, "HLA must be there in each unit.", entry.line, "HLA")
        return
    for code, path, message in untyped_loci(entry.texts):
        line = entry.lines.get(path, entry.lines["HLA"])
        yield Finding(code, message, line, path)


def _unit(line: int, bank: str, synthetic: bool, values: dict[str, Any]) -> Unit:
    get = values.get
    typings = _typings(values)
    normal = normal_form(typings)
    return Unit(
        line=line,
        bank=bank,
        unit_number=values["ID"],
        birth_date=values["BIRTH_DATE"],
        collection_date=get("COLL_DATE"),
        status=values["STATUS"],
        consent=get(_CONSENT) == "Y",
        synthetic=synthetic,
        abo=get("ABO"),
        tnc_frozen=get("TNC_FRZN"),
        cd34_frozen=get("CD34PC_FRZN"),
        volume_ml=get("VOL"),
        product_modification=get("PROD_MOD"),
        hla=orjson.dumps(typings).decode(),
        hla_normal=orjson.dumps(normal).decode(),
        hla_key=donation_key(normal),
    )


def _typings(values: dict[str, Any]) -> dict[str, dict[Method, list[str | None]]]:
    """Return the typings, ``{"A": {"DNA": ["11:01", None]}}``, as they were submitted.

    A second field that was blank stays open, since it can mean homozygous or untested.
    """
    typings: dict[str, dict[Method, list[str | None]]] = {}
    for locus, method, first, second in _TYPINGS:
        if first in values:
            typings.setdefault(locus, {})[method] = [values[first], values.get(second)]
    return typings
