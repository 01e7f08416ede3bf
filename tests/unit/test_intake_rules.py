"""How the text of a field becomes a value, field by field."""

import datetime as dt

import pytest

from publishing.intake.faults import Code
from publishing.intake.fields import DROPPED, FIELDS, GROUPS
from publishing.intake.rules import RuleBrokenError

_TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("ID", "BJ 2015/0000001-9", "BJ 2015/0000001-9"),
        ("ID", "京-1", "京-1"),
        ("BIRTH_DATE", "2015-06-01", dt.date(2015, 6, 1)),
        ("BIRTH_DATE", "2016-02-29Z", dt.date(2016, 2, 29)),
        ("BIRTH_DATE", "2015-06-01+08:00", dt.date(2015, 6, 1)),
        ("BIRTH_DATE", "1988-01-01-14:00", dt.date(1988, 1, 1)),
        ("COLL_DATE", "2026-11-22", _TODAY),
        ("STAT_END_DATE", "2027-01-31", dt.date(2027, 1, 31)),
        ("TNC", "1.063E9", 1.063e9),
        ("TNC", "+1063000000", 1.063e9),
        ("TNC_FRZN", "1000000", 1e6),
        ("TNC_FRZN", "9.999e+9", 9.999e9),
        ("CD34PC", "1.E3", 1000.0),
        ("CD34PC_FRZN", "999.9E6", 999.9e6),
        ("CFU_FRZN", "0", 0.0),
        ("RED_BC_FRZN", ".5E2", 50.0),
        ("VOL", "10", 10.0),
        ("VOL", "999.9", 999.9),
        ("VOL_FRZN", "25.25", 25.25),
        ("VIABILITY", "100", 100.0),
        ("SER_QUANT", "2.50", 2.5),
        ("BAGS", "1", 1.0),
        ("DNA_SMPL", "0", "0"),
        ("GRID", "9991012070433202000", "9991012070433202000"),
        ("HLA/A/DNA/FIELD1", "02:07:01:02N", "02:07:01:02N"),
        ("HLA/DRB1/DNA/FIELD2", "DRB1*09:01/12:01", "DRB1*09:01/12:01"),
        ("HLA/C/SER/FIELD1", "Cw7", "Cw7"),
    ],
)
def test_a_value_that_keeps_its_rule_is_read(path: str, text: str, value: object) -> None:
    """Texts at and inside the limits become dates, numbers of one unit, or stay texts."""
    assert FIELDS[path].rule.read(text, _TODAY) == value


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("ID", "123456789012345678", Code.TOO_LONG),
        ("ID", "BJ\x7f1", Code.CHARACTERS_INVALID),
        ("ID", "BJ\u200b1", Code.CHARACTERS_INVALID),
        ("ID", "BJ\n1", Code.CHARACTERS_INVALID),
        ("GRID", "999101207043320200", Code.LENGTH_WRONG),
        ("ATTR", "ABCD", Code.TOO_LONG),
        ("BANK_MANUF_ID", "12345678901", Code.TOO_LONG),
        ("ABO", "C", Code.VALUE_UNKNOWN),
        ("ABO", "a", Code.VALUE_UNKNOWN),
        ("STATUS", "XX", Code.VALUE_UNKNOWN),
        ("CONSENT_OPEN_DATA", "yes", Code.VALUE_UNKNOWN),
        ("BIRTH_DATE", "01.06.2015", Code.DATE_INVALID),
        ("BIRTH_DATE", "2015-02-29", Code.DATE_INVALID),
        ("BIRTH_DATE", "2015-W01-1", Code.DATE_INVALID),
        ("BIRTH_DATE", "20150601", Code.DATE_INVALID),
        ("BIRTH_DATE", "2015-06-01T00:00:00", Code.DATE_INVALID),
        ("BIRTH_DATE", "\uff12015-06-01", Code.DATE_INVALID),
        ("BIRTH_DATE", "0000-00-00", Code.DATE_INVALID),
        ("BIRTH_DATE", "2015-06-01" + " " * 500, Code.DATE_INVALID),
        ("BIRTH_DATE", "2026-11-23", Code.DATE_IN_FUTURE),
        ("BIRTH_DATE", "1987-12-31", Code.DATE_TOO_EARLY),
        ("STAT_END_DATE", "1900-01-01", Code.DATE_TOO_EARLY),
        ("TNC", "NaN", Code.NUMBER_INVALID),
        ("TNC", "INF", Code.NUMBER_INVALID),
        ("TNC", "1_000_000_000", Code.NUMBER_INVALID),
        ("TNC", "1,063E9", Code.NUMBER_INVALID),
        ("TNC", "1.2E9 cells", Code.NUMBER_INVALID),
        ("TNC", "٣E9", Code.NUMBER_INVALID),
        ("TNC", "0", Code.NUMBER_OUT_OF_RANGE),
        ("TNC", "-1E9", Code.NUMBER_OUT_OF_RANGE),
        ("TNC", "1E10", Code.NUMBER_OUT_OF_RANGE),
        ("TNC", "1E999999", Code.NUMBER_OUT_OF_RANGE),
        ("TNC", "1E-999999", Code.NUMBER_OUT_OF_RANGE),
        ("TNC_FRZN", "10.63", Code.CELLS_NOT_ABSOLUTE),
        ("TNC_FRZN", "999999.9", Code.CELLS_NOT_ABSOLUTE),
        ("CD34PC", "4.2", Code.CELLS_NOT_ABSOLUTE),
        ("CD34PC_FRZN", "1E9", Code.NUMBER_OUT_OF_RANGE),
        ("CFU_FRZN", "1E8", Code.NUMBER_OUT_OF_RANGE),
        ("VOL", "9.9", Code.NUMBER_OUT_OF_RANGE),
        ("VOL", "1000", Code.NUMBER_OUT_OF_RANGE),
        ("VOL", "1E2", Code.NUMBER_INVALID),
        ("VIABILITY", "98.5", Code.NUMBER_INVALID),
        ("VIABILITY", "101", Code.NUMBER_OUT_OF_RANGE),
        ("SER_QUANT", "2.55", Code.NUMBER_INVALID),
        ("BAGS", "0", Code.NUMBER_OUT_OF_RANGE),
        ("DNA_SMPL", "yes", Code.VALUE_UNKNOWN),
        ("HLA/A/DNA/FIELD1", "02:07:01:02:03:04:05N", Code.TOO_LONG),
        ("HLA/A/SER/FIELD1", "240301", Code.TOO_LONG),
        ("HLA/A/SER/FIELD1", "24:02", Code.CHARACTERS_INVALID),
        ("HLA/A/DNA/FIELD1", "02:07;", Code.CHARACTERS_INVALID),
        ("HLA/A/DNA/FIELD1", "::", Code.CHARACTERS_INVALID),
        ("HLA/A/DNA/FIELD2", "-", Code.CHARACTERS_INVALID),
    ],
)
def test_a_value_that_breaks_its_rule_is_named(path: str, text: str, code: Code) -> None:
    """Each way of breaking a rule has its code and a sentence that states the rule."""
    with pytest.raises(RuleBrokenError) as broken:
        FIELDS[path].rule.read(text, _TODAY)

    assert broken.value.code is code
    assert broken.value.message.startswith("must ")


def test_the_table_knows_every_element_of_the_format() -> None:
    """56 elements of a unit in WMDA's XML and our consent are values, groups or dropped."""
    simple = {path for path in FIELDS if "/" not in path}

    assert len(simple | DROPPED | {"HLA"}) == 57
    assert {path for path, field in FIELDS.items() if field.mandatory} == {
        "ID",
        "BIRTH_DATE",
        "STATUS",
    }
    assert len(GROUPS) == 1 + 11 + 22
    assert len(FIELDS) - len(simple) == 44


def test_what_is_never_repeated_is_marked() -> None:
    """Values about the child or the patient stay out of every message."""
    assert {path for path, field in FIELDS.items() if field.private} == {
        "GRID",
        "ATTR",
        "SEX",
        "RHESUS",
        "ETHN",
        "CCR5",
        "RSV_PAT",
        "LOCAL_ID",
        "BAG_ID",
        "BACT_CULT",
        "FUNG_CULT",
        "HEMO_STATUS",
    }
