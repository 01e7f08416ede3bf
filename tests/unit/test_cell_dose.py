"""Doses of cells: what a recipient needs, exactly, and what a band tells of it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bands import UNRECORDED, Band
from domain.cell_dose import CellDose, InvalidDoseError, Reach, exactly, reach
from loaders.class_set import ClassSet
from loaders.class_table import ATTRIBUTES, NEVER, ClassTable, Column
from loaders.dose_counts import DoseCount, dose_counts, total_of

LOWEST, LOW, HIGH, TOP = Band(None, 8.0), Band(8.0, 10.0), Band(10.0, 12.5), Band(12.5, None)
BANDS = (LOWEST, LOW, HIGH, TOP)


@pytest.mark.parametrize(
    ("needed", "reached"),
    [
        (Fraction(1, 10**9), "possible certain certain certain"),
        (Fraction("7.999999999999999"), "possible certain certain certain"),
        (Fraction(8), "short certain certain certain"),
        (Fraction("8.000000000000001"), "short possible certain certain"),
        (Fraction("9.999999999999999"), "short possible certain certain"),
        (Fraction(10), "short short certain certain"),
        (Fraction("12.4999999"), "short short possible certain"),
        (Fraction("12.5"), "short short short certain"),
        (Fraction("12.5") + Fraction(1, 10**30), "short short short possible"),
        (Fraction(10**6), "short short short possible"),
    ],
)
def test_a_band_reaches_a_dose_at_its_very_edge(needed: Fraction, reached: str) -> None:
    """The lower end belongs to the band and the upper does not; the highest band never ends."""
    assert [reach(band, needed).name.lower() for band in BANDS] == reached.split()


@pytest.mark.parametrize("band", [None, UNRECORDED])
def test_what_is_not_known_is_neither_certain_nor_possible(band: Band | None) -> None:
    """A count that was not recorded, or not published, tells nothing."""
    assert reach(band, Fraction(1, 2)) is Reach.UNKNOWN
    assert reach(band, Fraction(10**6)) is Reach.UNKNOWN


@pytest.mark.parametrize(
    ("weight", "per_kg", "needed"),
    [
        (26.7, 3e7, "8.01"),
        (41.7, 3e7, "12.51"),
        (33.3, 3e7, "9.99"),  # 9.989999999999999 if multiplied in binary
        (1.1, 2.2e7, "0.242"),  # 0.24200000000000005
        (12.5, 8e7, "10"),
        (41.666666666666664, 3e7, "12.4999999999999992"),
        (41.66666666666667, 3e7, "12.500000000000001"),
        (40, 3.125e7, "12.5"),
    ],
)
def test_what_is_needed_is_exact_in_decimals(weight: float, per_kg: float, needed: str) -> None:
    """Numbers count as they are written, so that no rounding decides at an edge."""
    assert CellDose(weight, per_kg).tnc_needed == Fraction(needed)


def test_an_exact_edge_is_certain_and_a_hair_more_is_not() -> None:
    """12.5 x 10^8 cells are 3.125 x 10^7 for each of 40 kg; binary numbers miss such edges."""
    assert CellDose(33.3).of_tnc(Band(None, 9.99)) is Reach.SHORT
    assert CellDose(33.3).of_tnc(Band(9.99, None)) is Reach.CERTAIN
    assert CellDose(40, 3.125e7).of_tnc(TOP) is Reach.CERTAIN
    assert CellDose(40.00000000000001, 3.125e7).of_tnc(TOP) is Reach.POSSIBLE
    assert CellDose(41.66666666666667).of_tnc(TOP) is Reach.POSSIBLE
    assert CellDose(41.66666666666667).of_tnc(HIGH) is Reach.SHORT
    assert CellDose(41.666666666666664).of_tnc(TOP) is Reach.CERTAIN
    assert CellDose(41.666666666666664).of_tnc(HIGH) is Reach.POSSIBLE


@given(
    tenths=st.integers(10, 2500),
    millions=st.integers(1, 500),
    edge=st.sampled_from([8.0, 10.0, 12.5, 15.0, 20.0]),
)
def test_integers_agree(tenths: int, millions: int, edge: float) -> None:
    """Weights in hundreds of grams and whole millions of cells, decided in whole numbers."""
    dose = CellDose(tenths / 10, millions * 1e6)
    cells_needed, cells = tenths * millions * 10**5, int(edge * 10) * 10**7
    assert (dose.of_tnc(Band(edge, None)) is Reach.CERTAIN) == (cells >= cells_needed)
    assert (dose.of_tnc(Band(None, edge)) is Reach.POSSIBLE) == (cells > cells_needed)


@given(value=st.floats(1e-6, 1e12))
def test_a_number_is_what_it_is_written_as(value: float) -> None:
    """The shortest decimal that stands for it; the same number comes back."""
    assert float(exactly(value)) == value


def test_cd34_cells_count_in_millions() -> None:
    """20 kg at 1.5 x 10^5 need 3 x 10^6; what is not asked for is reached by all."""
    dose = CellDose(20, 3e7, 1.5e5)
    assert dose.cd34_needed == 3
    bands = (Band(None, 3.0), Band(3.0, 6.0), Band(6.0, None), UNRECORDED, None)
    expected = [Reach.SHORT, Reach.CERTAIN, Reach.CERTAIN, Reach.UNKNOWN, Reach.UNKNOWN]
    assert [dose.of_cd34(band) for band in bands] == expected
    assert {CellDose(20).of_cd34(band) for band in bands} == {Reach.CERTAIN}
    assert CellDose(20).cd34_needed is None


KILOGRAMS = "is not a body weight in kilograms, from 1 to 250."
TNC = "is not a number of nucleated cells for each kilogram, from 1e6 to 5e8."
CD34 = "is not a number of CD34+ cells for each kilogram, from 1e4 to 1e7."
WHOLE = "It looks like the cells of a whole unit: divide by the weight."
WRITE = 'Write kilograms, such as "12.5".'
NAN, INFINITE = float("nan"), float("inf")

REFUSED = [
    ((2500.0,), "weight_kg", f"2500 {KILOGRAMS} It looks like grams: did you mean 2.5?"),
    ((300.0,), "weight_kg", f"300 {KILOGRAMS} If it is in pounds, write 136.1."),
    ((250.00000000000003,), "weight_kg",
     f"250.00000000000003 {KILOGRAMS} If it is in pounds, write 113.4."),
    ((0.3,), "weight_kg", f"0.3 {KILOGRAMS} {WRITE}"),
    ((0.9999999999999999,), "weight_kg", f"0.9999999999999999 {KILOGRAMS} {WRITE}"),
    ((1e300,), "weight_kg", f"1e+300 {KILOGRAMS} {WRITE}"),
    ((0.0,), "weight_kg", f"0 {KILOGRAMS}"),
    ((-0.0,), "weight_kg", f"-0 {KILOGRAMS}"),
    ((-20.0,), "weight_kg", f"-20 {KILOGRAMS}"),
    ((NAN,), "weight_kg", f"nan {KILOGRAMS}"),
    ((INFINITE,), "weight_kg", f"inf {KILOGRAMS}"),
    ((20.0, 3.0), "tnc_per_kg", f"3 {TNC} Did you mean 3e7?"),
    ((20.0, 0.3), "tnc_per_kg", f"0.3 {TNC} Did you mean 3e7?"),
    ((20.0, 25.0), "tnc_per_kg", f"25 {TNC} Did you mean 2.5e7?"),
    ((20.0, 3e9), "tnc_per_kg", f"3000000000 {TNC} {WHOLE}"),
    ((20.0, 5000.0), "tnc_per_kg", f"5000 {TNC}"),
    ((20.0, 0.0), "tnc_per_kg", f"0 {TNC}"),
    ((20.0, -3e7), "tnc_per_kg", f"-30000000 {TNC}"),
    ((20.0, NAN), "tnc_per_kg", f"nan {TNC}"),
    ((20.0, 3e7, 1.5), "cd34_per_kg", f"1.5 {CD34} Did you mean 1.5e5?"),
    ((20.0, 3e7, 0.15), "cd34_per_kg", f"0.15 {CD34} Did you mean 1.5e5?"),
    ((20.0, 3e7, 3e7), "cd34_per_kg", f"30000000 {CD34} {WHOLE}"),
    ((20.0, 3e7, 0.0), "cd34_per_kg", f"0 {CD34}"),
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "name", "message"), REFUSED)
def test_what_no_recipient_has_is_refused(
    numbers: tuple[float, ...], name: str, message: str
) -> None:
    """The sentence names the value and the rule, and says what was perhaps meant."""
    with pytest.raises(InvalidDoseError) as caught:
        CellDose(*numbers)
    assert (caught.value.name, caught.value.message) == (name, message)


@pytest.mark.parametrize("weight", [1.0, 2.5, 250.0])
@pytest.mark.parametrize("per_kg", [1e6, 3e7, 5e8])
def test_the_ends_of_the_ranges_belong_to_them(weight: float, per_kg: float) -> None:
    """A newborn and a heavy adult, the lowest dose and the highest."""
    assert CellDose(weight, per_kg, 1e4).tnc_needed > 0
    assert CellDose(weight, per_kg, 1e7).cd34_needed is not None


def _classes(rows: list[tuple[str | None, Band | None, Band | None, int]]) -> ClassSet:
    """Return a set of classes of a bank, two bands and a number of units."""
    columns = []
    for name in ATTRIBUTES:
        place = {"bank": 0, "tnc": 1, "cd34": 2}.get(name)
        values = [None if place is None else row[place] for row in rows]
        different = tuple(dict.fromkeys(values))
        codes = np.array([different.index(value) for value in values], np.int32)
        columns.append(Column(different, codes))
    numbers = np.arange(1, len(rows) + 1, dtype=np.int32)
    units = np.array([row[3] for row in rows], np.int32)
    until = np.full(len(rows), NEVER, np.int32)
    table = ClassTable(numbers, units, until, columns)
    return ClassSet(table, len(rows), np.ones(len(rows), np.bool_))


def test_units_are_counted_bank_by_bank() -> None:
    """The lower measure decides; unknown is what the other measure does not rule out."""
    few, many = Band(None, 3.0), Band(6.0, None)
    classes = _classes(
        [
            ("GD", TOP, many, 11),  # certain by both
            ("GD", TOP, few, 13),  # short of CD34+
            ("GD", HIGH, many, 17),  # possible
            ("GD", UNRECORDED, few, 19),  # short, whatever the other count is
            ("GD", HIGH, UNRECORDED, 23),  # unknown
            ("BJ", LOWEST, many, 29),  # short of TNC
            ("BJ", TOP, UNRECORDED, 31),  # unknown
            (None, None, many, 37),  # a scheme that publishes neither bank nor TNC
        ]
    )
    both = dose_counts(classes, CellDose(40, 3e7, 1.5e5))
    assert both == [
        DoseCount(None, 0, 0, 37, 37),
        DoseCount("BJ", 0, 0, 31, 60),
        DoseCount("GD", 11, 28, 23, 83),
    ]
    assert total_of(both) == DoseCount(None, 11, 28, 91, 180)
    assert dose_counts(classes, CellDose(40)) == [
        DoseCount(None, 0, 0, 37, 37),
        DoseCount("BJ", 31, 31, 0, 60),
        DoseCount("GD", 24, 64, 19, 83),
    ]


def test_no_units_have_no_banks() -> None:
    """An empty list counts nothing."""
    assert dose_counts(_classes([]), CellDose(40)) == []
    assert total_of([]) == DoseCount(None, 0, 0, 0, 0)
