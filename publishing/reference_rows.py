"""The licensed banks and the indications: facts with their sources, as they are to be shown."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import TypeAlias

Source: TypeAlias = dict[str, str]
"""Keys ``field`` (name in GraphQL), ``status`` and ``citation``."""

VERIFIED = "VERIFIED"
WEAK = "WEAK"
GENERAL_KNOWLEDGE = "GENERAL_KNOWLEDGE"
NOT_FOUND = "NOT_FOUND"

_STATUS_OF = {"V": VERIFIED, "GK": GENERAL_KNOWLEDGE, "NF": NOT_FOUND, "": NOT_FOUND}
_NAME_EN = "name(language: EN)"
_NAME_ZH = "name(language: ZH)"
_CLASSIFICATIONS = {
    "icd10": ("icd10_who", "ICD-10, World Health Organization (the international version)."),
    "icd11": ("icd11_mms", "ICD-11 for Mortality and Morbidity Statistics, WHO."),
    "orpha": ("orpha", "ORPHA code, Orphanet nomenclature (INSERM)."),
}
_SEVEN_BANKS = (
    "ISO 3166-2; exactly seven banks are licensed, one for each region: "
    "chyxx.com/industry/201802/613922.html"
)


@dataclass(frozen=True)
class BankRow:
    """A bank as ``open.bank`` stores it, without its releases."""

    code: str
    name_en: str
    name_zh: str
    city: str
    region_code: str
    region: str | None
    licence_year: int | None
    operator: str | None
    sources: list[Source]


@dataclass(frozen=True)
class IndicationRow:
    """An indication as ``open.indication`` stores it, without its releases."""

    code: str
    indication_group: str
    name_en: str
    name_zh: str
    icd10: str | None
    icd11: str | None
    orpha: str | None
    sources: list[Source]


def read_banks() -> list[BankRow]:
    """Return the banks of ``data/banks.csv``.

    A fact is shown if it is verified in its source, and is ``None`` otherwise; names and the
    city are always shown. How well each is founded stands in ``sources``.
    """
    return [_bank(row) for row in _rows("banks.csv")]


def read_indications() -> list[IndicationRow]:
    """Return the indications of ``data/indications.csv``.

    Names and classification codes are always shown, and ``sources`` says how well each is
    founded.
    """
    return [_indication(row) for row in _rows("indications.csv")]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("publishing").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines(keepends=True), strict=True)


def _bank(row: dict[str, str]) -> BankRow:
    year = _shown(row["licence_year"], row["licence_status"])
    return BankRow(
        code=row["code"],
        name_en=row["name_en"],
        name_zh=row["name_zh"],
        city=row["city"],
        region_code=row["iso3166_2"],
        region=row["region"] or None,
        licence_year=int(year) if year else None,
        operator=_shown(row["operator"], row["operator_status"]),
        sources=[
            _source(_NAME_EN, row["name_en_status"], row["source"], "Translated from the Chinese."),
            _source(_NAME_ZH, row["name_zh_status"], row["source"], "General knowledge."),
            _source("city", row["city_status"], row["source"], "General knowledge."),
            _source("regionCode", "V", _SEVEN_BANKS),
            _source("licenceYear", row["licence_status"], row["source"]),
            _source("operator", row["operator_status"], row["source"]),
        ],
    )


def _indication(row: dict[str, str]) -> IndicationRow:
    sources = [
        _source(_NAME_EN, "GK", "", "The project's own wording."),
        _source(_NAME_ZH, "GK", "", "General knowledge."),
        *(
            _source(name, row[f"{column.split('_')[0]}_check"] if row[column] else "NF", citation)
            for name, (column, citation) in _CLASSIFICATIONS.items()
        ),
    ]
    return IndicationRow(
        code=row["code"],
        indication_group=row["group"],
        name_en=row["name_en"],
        name_zh=row["name_zh"],
        icd10=row["icd10_who"] or None,
        icd11=row["icd11_mms"] or None,
        orpha=row["orpha"] or None,
        sources=_annotated(sources, row["note"], row["note_on"].split()),
    )


def _shown(value: str, status: str) -> str | None:
    return value if value and status == "V" else None


def _source(field: str, status: str, citation: str, otherwise: str = "") -> Source:
    """Say how ``field`` is founded; ``otherwise`` is cited where it is general knowledge."""
    founded = _STATUS_OF.get(status, WEAK)
    cited = {
        NOT_FOUND: "Looked for and not found.",
        GENERAL_KNOWLEDGE: otherwise or citation,
    }.get(founded, citation)
    return {"field": field, "status": founded, "citation": cited}


def _annotated(sources: list[Source], note: str, fields_noted: list[str]) -> list[Source]:
    """Add ``note`` to the citation of each noted field; a field without one gets a source."""
    noted = [
        {**source, "citation": f"{source['citation']} Note: {note}."}
        if source["field"].split("(")[0] in fields_noted
        else source
        for source in sources
    ]
    known = {source["field"].split("(")[0] for source in sources}
    noted += [
        {"field": field, "status": GENERAL_KNOWLEDGE, "citation": f"Note: {note}."}
        for field in fields_noted
        if field not in known
    ]
    return noted
