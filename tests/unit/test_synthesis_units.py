"""20,000 synthetic units: each is valid, and together they look like published inventories."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Callable
from random import Random
from xml.etree import ElementTree as ET

import pytest

from domain.banks import BANK_CODES
from publishing.synthesis.element import cbu
from publishing.synthesis.profiles import PROFILES, apportion
from publishing.synthesis.units import draw_units

FIELDS = """
ID BIRTH_DATE SEX ABO RHESUS ETHN HLA KIR IDM RSV_PAT STATUS STAT_REASON BANK_MANUF_ID COLL_DATE
PROC_DATE PROC_METH PROC_METH_TYPE FREEZE_DATE FREEZE_METH PROD_MOD BAG_TYPE BACT_CULT FUNG_CULT
HEMO_STATUS VOL VOL_FRZN TNC TNC_FRZN CD34PC CD34PC_FRZN CFU_FRZN VIABILITY VIABILITY_CELLS
VIABILITY_METHOD ATT_SEG DNA_SMPL MAT CONSENT_OPEN_DATA
""".split()  # noqa: SIM905 - a table reads better than 38 quoted lines
NOT_ALWAYS = {
    *("SEX", "ETHN", "KIR", "IDM", "RSV_PAT", "STAT_REASON", "DNA_SMPL", "MAT"),
    *("CD34PC", "CD34PC_FRZN", "CFU_FRZN", "VIABILITY", "VIABILITY_CELLS", "VIABILITY_METHOD"),
}
CODES = {
    "SEX": "M|F",
    "ABO": "A|B|O|AB",
    "RHESUS": "P|N",
    "ETHN": "ASSE|AS",
    "STATUS": "AV|TU|RS",
    "STAT_REASON": "QR|AD|OT",
    "PROC_METH": "HES|CEN",
    "PROC_METH_TYPE": "MAN|SPX|OTP|AXP",
    "FREEZE_METH": "C|M",
    "PROD_MOD": "BCE|PLR|PRR|RBR",
    "BAG_TYPE": "80/20|50/50|NS",
    "BACT_CULT": "P|N|D",
    "FUNG_CULT": "P|N|D",
    "HEMO_STATUS": "DN|DU|NS|CD|DT",
    "VIABILITY_CELLS": "TNC|CD34PC|CD45PC",
    "VIABILITY_METHOD": "7A|PI|TB",
    "DNA_SMPL": "true|false",
    "CONSENT_OPEN_DATA": "Y|N",
}


def _rng(seed: str) -> Random:
    return Random(seed)


@pytest.fixture(scope="module")
def units() -> list[ET.Element]:
    """The elements of 20,000 units of all banks, read by a real parser."""
    counts = apportion(20_000)
    return [
        ET.fromstring(cbu(unit))  # noqa: S314 - our own text
        for profile in PROFILES
        for drawn in draw_units(profile, counts[profile.code], _rng(profile.code), _rng("hla"))
        for unit in drawn
    ]


def _wrong(units: list[ET.Element], fits: Callable[[ET.Element], bool]) -> list[str]:
    """Return the first elements that do not fit, as text."""
    return [ET.tostring(unit, "unicode") for unit in units if not fits(unit)][:3]


def _text(unit: ET.Element, name: str) -> str:
    return unit.findtext(name) or ""


def _number(unit: ET.Element, name: str) -> float:
    return float(_text(unit, name))


def _date(unit: ET.Element, name: str) -> dt.date:
    return dt.date.fromisoformat(_text(unit, name))


def _recorded(units: list[ET.Element], name: str) -> list[ET.Element]:
    return [unit for unit in units if unit.find(name) is not None]


def test_elements_come_in_the_order_of_the_field_table(units: list[ET.Element]) -> None:
    """Names are known, in order, not repeated, and what is always recorded is there."""

    def fits(unit: ET.Element) -> bool:
        names = [child.tag for child in unit]
        return (
            names == [name for name in FIELDS if name in set(names)]
            and set(names) >= set(FIELDS) - NOT_ALWAYS
        )

    assert _wrong(units, fits) == []
    assert {child.tag for unit in units for child in unit} == set(FIELDS)


def test_codes_are_of_the_field_table(units: list[ET.Element]) -> None:
    """Every code is one that the field table allows, and each of ours occurs."""
    for name, allowed in CODES.items():
        assert {unit.findtext(name) for unit in _recorded(units, name)} == set(allowed.split("|"))


def test_ids_are_unique_short_and_obviously_synthetic(units: list[ET.Element]) -> None:
    """No unit of the inventory shares an id, and no id could be a real one."""
    ids = [_text(unit, "ID") for unit in units]

    assert len(set(ids)) == len(ids) == 20_000
    assert {(len(name), name[:3]) for name in ids} == {(13, "SYN")}
    for path, length in (("RSV_PAT", 14), ("MAT/ID", 14), ("MAT/ID_BANK", 14)):
        assert {
            (len(name), name[:3]) for unit in units if (name := unit.findtext(path)) is not None
        } == {(length, "SYN")}


def test_dates_follow_each_other_within_three_days(units: list[ET.Element]) -> None:
    """Birth, collection, processing and freezing are in order, in the years of the inventory."""

    def fits(unit: ET.Element) -> bool:
        born, collected, processed, frozen = (
            _date(unit, name) for name in ("BIRTH_DATE", "COLL_DATE", "PROC_DATE", "FREEZE_DATE")
        )
        in_order = born <= collected <= processed <= frozen <= born + dt.timedelta(days=3)
        return in_order and born >= dt.date(1998, 1, 1) and frozen <= dt.date(2024, 12, 31)

    assert _wrong(units, fits) == []
    born_before = [u for u in units if _text(u, "BIRTH_DATE") != _text(u, "COLL_DATE")]
    assert 0 < len(born_before) < 100


def test_counts_are_absolute_ordered_and_in_range(units: list[ET.Element]) -> None:
    """Counts are cells, lose by processing, and keep to the ranges of the exchange format."""

    def fits(unit: ET.Element) -> bool:
        tnc, frozen, volume = (_number(unit, name) for name in ("TNC", "TNC_FRZN", "VOL"))
        return (
            5e8 <= frozen <= tnc <= 9.999e9
            and 45 <= volume <= 230
            and 10 <= _number(unit, "VOL_FRZN") <= volume
        )

    def cd34_fits(unit: ET.Element) -> bool:
        cd34, frozen = _number(unit, "CD34PC"), _number(unit, "CD34PC_FRZN")
        shares = cd34 / _number(unit, "TNC"), frozen / _number(unit, "TNC_FRZN")
        return 1e4 <= frozen <= cd34 <= 999.9e6 and max(shares) <= 0.05

    assert _wrong(units, fits) == []
    assert _wrong(_recorded(units, "CD34PC_FRZN"), cd34_fits) == []
    assert all(1 <= _number(u, "CFU_FRZN") <= 999.9e5 for u in _recorded(units, "CFU_FRZN"))
    assert all(90 <= _number(u, "VIABILITY") <= 100 for u in _recorded(units, "VIABILITY"))


def test_counts_are_written_with_four_digits(units: list[ET.Element]) -> None:
    """A count reads like 1.063E9."""
    for name in ("TNC", "TNC_FRZN", "CD34PC", "CD34PC_FRZN", "CFU_FRZN"):
        texts = {_text(unit, name) for unit in _recorded(units, name)}
        assert {(len(text), text[1], text[5]) for text in texts} == {(7, ".", "E")}


def test_five_loci_are_typed_since_2006(units: list[ET.Element]) -> None:
    """Three loci before; of some later units HLA-C or -DQB1 was not typed."""
    late, early = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for unit in units:
        counted = late if _date(unit, "COLL_DATE").year >= 2006 else early
        counted[tuple(locus.tag for locus in unit.findall("HLA/*"))] += 1

    assert set(early) == {("A", "B", "DRB1")}
    assert set(late) == {
        ("A", "B", "C", "DRB1", "DQB1"),
        ("A", "B", "DRB1", "DQB1"),
        ("A", "B", "C", "DRB1"),
    }
    assert late["A", "B", "C", "DRB1", "DQB1"] / late.total() == pytest.approx(0.98, abs=0.005)


def test_reserved_units_name_a_patient_and_unavailable_ones_a_reason(
    units: list[ET.Element],
) -> None:
    """The patient goes with RS only, the reason with TU only."""

    def fits(unit: ET.Element) -> bool:
        reserved = unit.find("RSV_PAT") is not None
        reasoned = unit.find("STAT_REASON") is not None
        return (reserved, reasoned) == (
            _text(unit, "STATUS") == "RS",
            _text(unit, "STATUS") == "TU",
        )

    assert _wrong(units, fits) == []


def test_one_bank_did_not_count_cd34_before_2005(units: list[ET.Element]) -> None:
    """CD34 is missing exactly for Tianjin's units before 2005; ABO and TNC never are."""

    def fits(unit: ET.Element) -> bool:
        early = _text(unit, "BANK_MANUF_ID") == "TJ" and _date(unit, "COLL_DATE").year < 2005
        return (unit.find("CD34PC_FRZN") is None) == early == (unit.find("CD34PC") is None)

    assert _wrong(units, fits) == []
    assert len(units) - len(_recorded(units, "CD34PC_FRZN")) == 48


@pytest.mark.parametrize(
    ("name", "share"), [("IDM", 0.10), ("MAT", 0.03), ("KIR", 0.01), ("RSV_PAT", 0.02)]
)
def test_blocks_that_intake_drops_are_there(
    units: list[ET.Element], name: str, share: float
) -> None:
    """A share of the units carries what must never be stored."""
    assert len(_recorded(units, name)) / 20_000 == pytest.approx(share, rel=0.1)


def test_cell_doses_match_the_zhejiang_bank(units: list[ET.Element]) -> None:
    """Mean and deviation agree with Liu 2012 (doi 10.1159/000335720)."""
    counted = _recorded(units, "CD34PC_FRZN")
    frozen = [_number(unit, "TNC_FRZN") / 1e8 for unit in units]
    tnc = [_number(unit, "TNC") / 1e8 for unit in units]
    volume = [_number(unit, "VOL") for unit in units]
    share = [100 * _number(u, "CD34PC_FRZN") / _number(u, "TNC_FRZN") for u in counted]

    for values, mean, deviation in (
        (frozen, 10.63, 2.80),
        (tnc, 13.32, 3.63),
        (volume, 95.0, 22.0),
        (share, 0.4344, 0.1874),
    ):
        assert statistics.fmean(values) == pytest.approx(mean, rel=0.02)
        assert statistics.stdev(values) == pytest.approx(deviation, rel=0.06)
    assert statistics.correlation(frozen, volume) == pytest.approx(0.5, abs=0.03)


def test_cd34_follows_tnc_and_colonies_follow_cd34(units: list[ET.Element]) -> None:
    """Units with more nucleated cells have more CD34+ cells, and those more colonies."""
    measured = _recorded(units, "CFU_FRZN")
    cd34 = [_number(unit, "CD34PC_FRZN") for unit in measured]

    assert statistics.correlation(
        [_number(unit, "TNC_FRZN") for unit in measured], cd34
    ) == pytest.approx(0.52, abs=0.05)
    # The median ratio of the Guangzhou study: 9.8e5 CFU-GM, 5.2e6 CD34+ cells.
    ratios = [_number(u, "CFU_FRZN") / _number(u, "CD34PC_FRZN") for u in measured]
    assert statistics.median(ratios) == pytest.approx(0.188, abs=0.005)
    viability = [_number(unit, "VIABILITY") for unit in _recorded(units, "VIABILITY")]
    assert statistics.median(viability) == 98


def test_blood_groups_match_the_census(units: list[ET.Element]) -> None:
    """ABO agrees with Heliyon 2022 but for the regional shifts; about 0.4 % are RhD negative."""
    groups = Counter(_text(unit, "ABO") for unit in units)
    shares = {group: count / len(units) for group, count in groups.items()}

    assert shares == pytest.approx({"A": 0.2872, "B": 0.2817, "O": 0.3420, "AB": 0.0891}, abs=0.015)
    negative = sum(_text(unit, "RHESUS") == "N" for unit in units) / len(units)
    assert negative == pytest.approx(0.004, abs=0.0015)


def test_most_units_of_a_bank_share_one_processing(units: list[ET.Element]) -> None:
    """92 % of each bank's units were reduced in one way, the others in one other."""
    for bank in BANK_CODES:
        mine = [_text(u, "PROD_MOD") for u in units if _text(u, "BANK_MANUF_ID") == bank]
        (_, main), (_, other) = Counter(mine).most_common()
        assert main / len(mine) == pytest.approx(0.92, abs=0.02)
        assert main + other == len(mine)


def test_nearly_all_units_consent(units: list[ET.Element]) -> None:
    """Consent to open data is recorded for every unit and given for 99 %."""
    consented = sum(_text(unit, "CONSENT_OPEN_DATA") == "Y" for unit in units)

    assert consented / len(units) == pytest.approx(0.99, abs=0.003)
