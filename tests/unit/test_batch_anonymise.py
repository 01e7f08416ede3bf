"""What anonymisation keeps of a unit."""

import datetime as dt

import pytest

from domain.bands import UNRECORDED, Band
from domain.identifiers import unit_id
from domain.periods import YearRange
from domain.schemes import Scheme
from domain.units import AboGroup, ProcessingMethod, UnitClass
from publishing.anonymise import Anonymiser, RawUnit
from publishing.scheme import first_scheme

KEY = bytes(range(32))
RAW = RawUnit(
    row=7,
    bank="SH",
    unit_number="SH-0001",
    collected=dt.date(2014, 12, 31),
    abo="AB",
    tnc=12.5e8,
    cd34=2.999e6,
    volume=88.0,
    modification="PRR",
    waiting=True,
)


def test_the_first_scheme_publishes_five_attributes() -> None:
    """Scheme 1 says bank, five years, ABO, TNC and CD34 bands, and nothing of the rest."""
    assert first_scheme() == Scheme(
        number=1,
        k=11,
        period_years=5,
        abo=True,
        tnc_cuts=(8.0, 10.0, 12.5),
        cd34_cuts=(3.0, 6.0),
        volume_cuts=None,
        processing=False,
    )


def test_a_unit_becomes_an_id_and_a_class() -> None:
    """Id and class are all that is kept, with the row that leads back inside intake."""
    candidate = Anonymiser(first_scheme(), KEY)(RAW)
    assert candidate.row == 7
    assert candidate.waiting is True
    assert candidate.unit_id == unit_id(KEY, "SH", "SH-0001")
    assert candidate.unit_class == UnitClass(
        bank="SH",
        period=YearRange(2010, 2014),
        abo=AboGroup.AB,
        tnc=Band(12.5, None),
        cd34=Band(None, 3.0),
        volume=None,
        processing=None,
    )


def test_missing_values_are_unknown() -> None:
    """What a bank did not record is said to be unknown, not guessed from another measure."""
    bare = RAW._replace(abo=None, tnc=None, cd34=None, volume=None, modification=None)
    unit_class = Anonymiser(first_scheme(), KEY)(bare).unit_class
    assert unit_class.abo is AboGroup.UNKNOWN
    assert unit_class.tnc == UNRECORDED
    assert unit_class.cd34 == UNRECORDED


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("PLR", ProcessingMethod.PLASMA_REDUCED),
        ("RBR", ProcessingMethod.RBC_REDUCED),
        ("PRR", ProcessingMethod.PLASMA_RBC_REDUCED),
        ("BCE", ProcessingMethod.BUFFY_COAT),
        ("DNE", ProcessingMethod.DENSITY_ENRICHED),
        ("NOT", ProcessingMethod.NOT_REDUCED),
        ("OTH", ProcessingMethod.OTHER),
        ("XYZ", ProcessingMethod.OTHER),
        (None, ProcessingMethod.UNKNOWN),
    ],
)
def test_processing_codes(code: str | None, method: ProcessingMethod) -> None:
    """Every code of PROD_MOD has our word; a code that we do not know is another method."""
    scheme = Scheme(
        number=9,
        k=11,
        period_years=None,
        abo=False,
        tnc_cuts=None,
        cd34_cuts=None,
        volume_cuts=None,
        processing=True,
    )
    candidate = Anonymiser(scheme, KEY)(RAW._replace(modification=code))
    assert candidate.unit_class.processing is method


def test_members_of_a_class_share_one_object() -> None:
    """A large inventory keeps each class once."""
    anonymiser = Anonymiser(first_scheme(), KEY)
    first = anonymiser(RAW)
    second = anonymiser(RAW._replace(row=8, unit_number="SH-0002"))
    assert first.unit_class is second.unit_class
