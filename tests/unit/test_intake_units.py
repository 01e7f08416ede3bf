"""What a unit of the file becomes, and every way in which it is refused."""

import datetime as dt
import json

import pytest

from publishing.intake.faults import Code, Finding
from publishing.intake.inventory import InventoryReader
from publishing.intake.unit import Terms, Unit, Verdict, judge
from tests.bank_files import HLA, inventory, unit

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_ABSENT = (
    "SEX ABO RHESUS COLL_DATE PROC_DATE FREEZE_DATE PROD_MOD VOL TNC TNC_FRZN CD34PC_FRZN "
    "CONSENT_OPEN_DATA"
)


def _judge(text: str, bank: str | None = None) -> Verdict:
    verdicts: list[Verdict] = []
    terms = Terms(_NOW.date(), bank)
    reader = InventoryReader(
        _NOW, lambda entry: verdicts.append(judge(entry, terms, synthetic=True))
    )
    reader.feed(inventory(text).encode())
    reader.close()
    (verdict,) = verdicts
    return verdict


def _places(findings: list[Finding]) -> list[tuple[Code, str | None, int | None, str | None]]:
    return [(found.code, found.field, found.line, found.value) for found in findings]


def test_a_valid_unit_keeps_what_publication_needs() -> None:
    """The row holds exactly the kept fields; a blank second HLA field is null, as is a missing."""
    verdict = _judge(unit())

    assert verdict.findings == []
    assert isinstance(verdict.unit, Unit)
    assert verdict.unit._replace(hla="", hla_normal="") == Unit(
        line=4,
        bank="BJ",
        unit_number="BJ-0001",
        birth_date=dt.date(2015, 6, 1),
        collection_date=dt.date(2015, 6, 1),
        status="AV",
        consent=True,
        synthetic=True,
        abo="AB",
        tnc_frozen=1.2e9,
        cd34_frozen=4.2e6,
        volume_ml=98.5,
        product_modification="PRR",
        hla="",
        hla_normal="",
        hla_key="11,24 46 09",
    )
    assert json.loads(verdict.unit.hla) == {
        "A": {"DNA": ["11:01", "24:02"]},
        "B": {"DNA": ["46:01", None]},
        "DRB1": {"SER": ["9", None], "DNA": ["09:01", None]},
    }
    assert json.loads(verdict.unit.hla_normal) == {
        "A": ["11:01", "24:02"],
        "B": ["46:01", None],
        "DRB1": ["09:01", None],
    }


def test_a_homozygous_type_is_not_a_blank_one() -> None:
    """The same allele twice stays twice."""
    verdict = _judge(unit(HLA=HLA.replace("<FIELD2/>", "<FIELD2>46:01</FIELD2>")))

    assert isinstance(verdict.unit, Unit)
    assert json.loads(verdict.unit.hla)["B"] == {"DNA": ["46:01", "46:01"]}
    assert json.loads(verdict.unit.hla_normal)["B"] == ["46:01", "46:01"]


def test_an_impossible_typing_is_named_with_its_place() -> None:
    """Field, line, value and rule are told of it as of any other fault."""
    hla = HLA.replace("46:01", "99:01") + "<DPB1><SER><FIELD1>1</FIELD1></SER></DPB1>"
    verdict = _judge(unit("BJ-1", HLA=hla))

    assert verdict.unit is None
    assert _places(verdict.findings) == [
        (Code.HLA_UNKNOWN, "HLA/B/DNA/FIELD1", 10, "99:01"),
        (Code.HLA_UNKNOWN, "HLA/DPB1/SER/FIELD1", 10, "1"),
    ]
    assert verdict.findings[1].message == (
        "HLA/DPB1/SER/FIELD1 must be left out: DPB1 has no serology, give its DNA typing."
    )


def test_a_unit_of_mandatory_fields_is_enough() -> None:
    """Whatever is optional may be missing: it is null, and without consent there is none."""
    verdict = _judge(unit(**dict.fromkeys(_ABSENT.split())))

    assert verdict.findings == []
    assert verdict.unit is not None
    assert verdict.unit[4:-3] == (None, "AV", False, True, None, None, None, None, None)


def test_every_fault_of_a_unit_is_reported() -> None:
    """One reading names all that is wrong, each with its line, field, value, bank and unit."""
    verdict = _judge(
        unit("BJ-1", ABO="X", STATUS="DE", VOL="5", TNC="10.63", CONSENT_OPEN_DATA="maybe")
    )

    assert verdict.unit is None
    assert _places(verdict.findings) == [
        (Code.VALUE_UNKNOWN, "ABO", 8, "X"),
        (Code.NUMBER_OUT_OF_RANGE, "VOL", 17, "5"),
        (Code.CELLS_NOT_ABSOLUTE, "TNC", 18, "10.63"),
        (Code.VALUE_UNKNOWN, "CONSENT_OPEN_DATA", 21, "maybe"),
        (Code.STATUS_DELETED, "STATUS", 11, "DE"),
    ]
    assert {(found.bank, found.unit) for found in verdict.findings} == {("BJ", "BJ-1")}
    assert [found.message for found in verdict.findings] == [
        "ABO must be one of A, B, O, AB.",
        "VOL must lie between 10 and 999.9.",
        "TNC must be an absolute count of cells: 10.63 x 10^8 cells are written 1.063E9.",
        "CONSENT_OPEN_DATA must be one of Y, N.",
        "A FULL inventory must not hold deleted units (DE): leave them out.",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ID": None}, (Code.MISSING, "ID", 4, None)),
        ({"ID": "  "}, (Code.MISSING, "ID", 5, None)),
        ({"BIRTH_DATE": None}, (Code.MISSING, "BIRTH_DATE", 4, None)),
        ({"STATUS": None}, (Code.MISSING, "STATUS", 4, None)),
        ({"HLA": None}, (Code.MISSING, "HLA", 4, None)),
        ({"BIRTH_DATE": "2015-06-02"}, (Code.DATE_ORDER, "COLL_DATE", 13, "2015-06-01")),
        ({"PROC_DATE": "2015-05-31"}, (Code.DATE_ORDER, "PROC_DATE", 14, "2015-05-31")),
        ({"FREEZE_DATE": "2015-06-01"}, (Code.DATE_ORDER, "FREEZE_DATE", 15, "2015-06-01")),
        (
            {"COLL_DATE": None, "PROC_DATE": None, "FREEZE_DATE": "2015-05-01"},
            (Code.DATE_ORDER, "FREEZE_DATE", 13, "2015-05-01"),
        ),
        (
            {"BIRTH_DATE": "2015-05-24"},
            (Code.COLLECTED_LATE, "COLL_DATE", 13, "2015-06-01"),
        ),
        ({"TNC_FRZN": "1.471E9"}, (Code.TNC_GREW, "TNC_FRZN", 19, "1.471E9")),
        ({"CD34PC_FRZN": "6.1E7"}, (Code.CD34_SHARE, "CD34PC_FRZN", 20, "6.1E7")),
        ({"STATUS": "DE"}, (Code.STATUS_DELETED, "STATUS", 11, "DE")),
        ({"BANK_MANUF_ID": None}, (Code.MISSING, "BANK_MANUF_ID", 4, None)),
        ({"BANK_MANUF_ID": "XX"}, (Code.BANK_UNKNOWN, "BANK_MANUF_ID", 12, "XX")),
        ({"SEX": "male"}, (Code.VALUE_UNKNOWN, "SEX", 7, None)),
        ({"RHESUS": "-"}, (Code.VALUE_UNKNOWN, "RHESUS", 9, None)),
        ({"ABO": "A<B/>"}, (Code.NESTED_ELEMENT, "ABO", 8, None)),
        ({"HLA": HLA + "typed in 2015"}, (Code.STRAY_TEXT, "HLA", 10, None)),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_a_fault_is_named_with_its_place(
    changes: dict[str, str | None], expected: tuple[Code, str, int, str | None]
) -> None:
    """One change to a valid unit gives one fault, at the line of the element or of the unit."""
    verdict = _judge(unit(**changes))

    assert _places(verdict.findings) == [expected]
    assert verdict.unit is None


@pytest.mark.parametrize(
    ("hla", "expected"),
    [
        (HLA, None),
        ("", [("HLA/A", 10), ("HLA/B", 10), ("HLA/DRB1", 10)]),
        (HLA.replace("<FIELD1>46:01</FIELD1>", "<FIELD1/>"), [("HLA/B", 10)]),
        (HLA + "<C><DNA><FIELD2>01:02</FIELD2></DNA></C>", [("HLA/C/DNA/FIELD2", 10)]),
        (
            HLA.replace("<FIELD1>11:01</FIELD1>", ""),
            [("HLA/A/DNA/FIELD2", 10), ("HLA/A", 10)],
        ),
    ],
    ids=["complete", "empty", "blank", "second-alone", "second-alone-of-mandatory"],
)
def test_a_type_needs_its_three_loci(hla: str, expected: list[tuple[str, int]] | None) -> None:
    """A, B and DRB1 must be typed by either method, and no second field stands alone."""
    verdict = _judge(unit(HLA=hla))

    found = [(finding.field, finding.line) for finding in verdict.findings]
    assert sorted(found) == sorted(expected or [])
    assert {finding.code for finding in verdict.findings} <= {Code.HLA_INCOMPLETE}


def test_a_repeated_element_is_refused_and_the_first_is_named() -> None:
    """Fields, groups and typings must stand once each."""
    twice = HLA.replace("</SER>", "</SER><SER><FIELD1>12</FIELD1></SER>")
    verdict = _judge(unit("BJ-1", "<ABO>O</ABO>", "<HLA/>", HLA=twice))

    assert _places(verdict.findings) == [
        (Code.REPEATED, "HLA/DRB1/SER", 10, None),
        (Code.REPEATED, "ABO", 22, None),
        (Code.REPEATED, "HLA", 23, None),
    ]
    assert verdict.findings[1].message == (
        "ABO must stand once in a unit; it stands on line 8 already."
    )


def test_text_between_elements_is_refused() -> None:
    """Forgotten tags do not go unnoticed."""
    verdict = _judge(unit("BJ-1", "1.2E9"))

    assert _places(verdict.findings) == [(Code.STRAY_TEXT, "CBU", 23, None)]


def test_values_at_the_limits_of_agreement_pass() -> None:
    """5 % more cells after processing, 5 % CD34+ cells and equal dates are still accepted.

    So is a collection on the seventh day.
    """
    assert _judge(unit(BIRTH_DATE="2015-05-25")).findings == []
    verdict = _judge(
        unit(
            BIRTH_DATE="2015-06-02",
            COLL_DATE="2015-06-02",
            TNC="1E9",
            TNC_FRZN="1.05E9",
            CD34PC_FRZN="5.25E7",
        )
    )

    assert verdict.findings == []


def test_stages_are_compared_with_themselves() -> None:
    """CD34 before processing is judged by TNC before processing, not by what was frozen."""
    verdict = _judge(unit("BJ-1", "<CD34PC>6.9E7</CD34PC>", TNC_FRZN="1E8", CD34PC_FRZN="1E6"))

    assert verdict.findings == []


def test_an_antigen_of_other_alleles_is_a_warning() -> None:
    """It is told where both alleles are known, and the unit is taken by its alleles."""
    both = (
        "<A><DNA><FIELD1>24:02</FIELD1><FIELD2>{}</FIELD2></DNA><SER><FIELD1>{}</FIELD1></SER></A>"
    )
    told = {
        (second, antigen): [
            found.code
            for found in _judge(
                unit(HLA=both.format(second, antigen) + HLA.partition("</A>")[2])
            ).findings
        ]
        for second, antigen in (("11:01", "9"), ("11:01", "11"), ("11:01", "2"), ("", "2"))
    }

    assert told == {
        ("11:01", "9"): [],
        ("11:01", "11"): [],
        ("11:01", "2"): [Code.HLA_DISAGREES],
        ("", "2"): [],
    }


def test_late_processing_is_a_warning() -> None:
    """More than 72 hours to processing is told, and the unit is taken."""
    verdict = _judge(unit("BJ-1", PROC_DATE="2015-06-05", FREEZE_DATE="2015-06-05"))

    assert _places(verdict.findings) == [(Code.PROCESSED_LATE, "PROC_DATE", 14, "2015-06-05")]
    assert verdict.findings[0].is_warning
    assert verdict.unit is not None


@pytest.mark.parametrize(
    ("written", "named", "bank", "code"),
    [
        ("GD", None, "GD", None),
        ("GD", "GD", "GD", None),
        (None, "GD", "GD", None),
        ("4912", "GD", "GD", None),
        ("GD", "BJ", "GD", Code.BANK_DISAGREES),
        ("4912", None, None, Code.BANK_UNKNOWN),
        (None, None, None, Code.MISSING),
        ("gd", None, None, Code.BANK_UNKNOWN),
    ],
)
def test_the_bank_follows_from_the_file_or_from_who_submits_it(
    written: str | None, named: str | None, bank: str | None, code: Code | None
) -> None:
    """Our code in BANK_MANUF_ID decides; another id there needs the bank to be named."""
    verdict = _judge(unit(BANK_MANUF_ID=written), named)

    assert verdict.bank == bank
    assert [finding.code for finding in verdict.findings] == ([] if code is None else [code])
    assert (verdict.unit is None) == (code is not None)


def test_values_are_cut_and_escaped_where_they_are_repeated() -> None:
    """A message repeats at most 40 characters and no control character, of ids too."""
    verdict = _judge(unit("\u202e" + "x" * 50, ABO="\u009b" * 41))

    assert [(found.code, found.value, found.unit) for found in verdict.findings] == [
        (Code.TOO_LONG, "\\u202e" + "x" * 39 + "...", "\\u202e" + "x" * 39 + "..."),
        (Code.VALUE_UNKNOWN, "\\u009b" * 40 + "...", "\\u202e" + "x" * 39 + "..."),
    ]
