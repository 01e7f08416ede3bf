"""The facts about banks and indications, and what is shown of them."""

import re

from domain.banks import BANK_CODES
from domain.regions import PARTS, Region
from publishing.reference_rows import read_banks, read_indications

STATUSES = {"VERIFIED", "WEAK", "GENERAL_KNOWLEDGE", "NOT_FOUND"}


def _status(sources: list[dict[str, str]], field: str) -> str:
    (status,) = [source["status"] for source in sources if source["field"] == field]
    return status


def test_the_seven_banks() -> None:
    """The licensed banks are there, each in its region and its part of the nation."""
    banks = {bank.code: bank for bank in read_banks()}
    assert set(banks) == set(BANK_CODES)
    assert {code: bank.region_code for code, bank in banks.items()} == {
        code: f"CN-{code}" for code in BANK_CODES
    }
    parts = {region: {code for code in banks if banks[code].region == region} for region in PARTS}
    assert parts == {
        Region.NORTH: {"BJ", "TJ", "SD"},
        Region.SOUTH: {"SH", "ZJ", "GD", "SC"},
    }
    assert banks["GD"].name_zh == "广东省脐带血造血干细胞库"
    assert banks["ZJ"].city == "Hangzhou"


def test_only_verified_facts_of_banks_are_shown() -> None:
    """Weak and missing facts are null, and their sources say why."""
    years = {bank.code: bank.licence_year for bank in read_banks()}
    assert years == {
        "BJ": 2002,
        "TJ": None,
        "SH": None,
        "ZJ": None,
        "SD": None,
        "GD": 2006,
        "SC": None,
    }
    operators = {bank.code: bank.operator for bank in read_banks() if bank.operator}
    assert operators == {
        "BJ": "Beijing Jiachenhong Biological Technologies Co. Ltd.",
        "ZJ": "Zhejiang Provincial Blood Center (owner at 2010; later Global Cord Blood Corp. "
        "group)",
    }
    for bank in read_banks():
        shown = {"licenceYear": bank.licence_year, "operator": bank.operator}
        for field, value in shown.items():
            assert (value is not None) == (_status(bank.sources, field) == "VERIFIED")
    tianjin = next(bank for bank in read_banks() if bank.code == "TJ")
    assert _status(tianjin.sources, "operator") == "WEAK"
    assert _status(tianjin.sources, "licenceYear") == "NOT_FOUND"
    assert _status(tianjin.sources, "name(language: EN)") == "GENERAL_KNOWLEDGE"


def test_the_49_indications() -> None:
    """Five groups, each code once, codes of the classifications well formed."""
    indications = read_indications()
    groups: dict[str, int] = {}
    for row in indications:
        groups[row.indication_group] = groups.get(row.indication_group, 0) + 1
    assert groups == {
        "MALIGNANT": 15,
        "HAEMOGLOBINOPATHY": 3,
        "MARROW_FAILURE": 10,
        "IMMUNE_DEFICIENCY": 12,
        "METABOLIC": 9,
    }
    assert len({row.code for row in indications}) == 49
    assert all(re.fullmatch(r"[A-Z]\d\d(\.\d)?", row.icd10 or "") for row in indications)
    assert all(re.fullmatch(r"[0-9A-Z]{4}(\.\w+)?", row.icd11 or "2A70") for row in indications)
    assert all(re.fullmatch(r"\d+", row.orpha or "1") for row in indications)


def test_codes_of_indications_carry_their_status() -> None:
    """A code is shown even if it is general knowledge; a missing one was not found."""
    rows = {row.code: row for row in read_indications()}
    assert rows["ALL"].orpha == "513"
    assert _status(rows["ALL"].sources, "orpha") == "GENERAL_KNOWLEDGE"
    assert _status(rows["CML"].sources, "orpha") == "VERIFIED"
    assert rows["WAS"].icd11 is None
    assert _status(rows["WAS"].sources, "icd11") == "NOT_FOUND"
    assert rows["MPAL"].orpha is None
    assert _status(rows["MPAL"].sources, "orpha") == "NOT_FOUND"


def test_notes_stand_with_the_field_that_they_are_about() -> None:
    """A note is part of the citation, and a field that has no source otherwise gets one."""
    rows = {row.code: row for row in read_indications()}
    citations = {source["field"]: source["citation"] for source in rows["MPS1"].sources}
    assert citations["orpha"].endswith("Note: Hurler subtype ORPHA:93473.")
    assert "Note" not in citations["icd10"]
    assert rows["OPET"].sources[-1] == {
        "field": "group",
        "status": "GENERAL_KNOWLEDGE",
        "citation": "Note: grouped with metabolic for convenience.",
    }


def test_sources_have_one_form() -> None:
    """Every source has a field, a status of four and a citation, and no field comes twice."""
    for sources in [row.sources for row in read_banks()] + [
        row.sources for row in read_indications()
    ]:
        fields = [source["field"] for source in sources]
        assert len(fields) == len(set(fields))
        for source in sources:
            assert set(source) == {"field", "status", "citation"}
            assert source["status"] in STATUSES
            assert source["citation"].strip()
