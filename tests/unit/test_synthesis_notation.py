"""Made-up HLA types are written in every way that intake reads, and mean what was drawn."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from publishing.intake.hla import Method, normal_form
from publishing.synthesis.notation import NOTATIONS, Written
from publishing.synthesis.profiles import PROFILES
from publishing.synthesis.units import Unit, draw_units


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    """20,000 units of Shandong."""
    (profile,) = [profile for profile in PROFILES if profile.code == "SD"]
    drawn = draw_units(profile, 20_000, Random(1), Random(2))
    return [unit for some in drawn for unit in some]


def _typings(written: Written) -> dict[str, dict[Method, list[str | None]]]:
    return {
        locus: {"SER" if method == "SER" else "DNA": [one, other]}
        for locus, method, one, other in written
    }


def _groups(units: list[Unit]) -> Iterator[tuple[set[str | None], set[str]]]:
    """Yield the first fields that were read and those that were drawn, for each typed locus."""
    for unit in units:
        drawn = {locus: {one[:2], other[:2]} for locus, one, other in unit.donor.typing}
        for locus, values in normal_form(_typings(unit.hla)).items():
            yield {value and value[:2] for value in values}, drawn[locus]


def test_what_is_written_means_what_was_drawn(units: list[Unit]) -> None:
    """Whatever the notation, each first field that is read is one that was drawn."""
    outcomes = Counter(
        "same" if read == drawn else "open" if None in read and read - {None} <= drawn else "other"
        for read, drawn in _groups(units)
    )

    assert set(outcomes) == {"same", "open"}
    assert outcomes["open"] / outcomes.total() == pytest.approx(0.026, abs=0.01)


def test_every_notation_occurs_by_its_share(units: list[Unit]) -> None:
    """One unit in five is not written as alleles of two fields; 2 to 4 % have antigens."""
    plain = sum(
        all(len(one) == 5 and one[2] == ":" and one[3:].isdigit() for _, _, one, _ in unit.hla)
        for unit in units
    )
    antigens = sum(any(method == "SER" for _, method, _, _ in unit.hla) for unit in units)

    assert sum(NOTATIONS.values()) == 100
    assert plain / len(units) == pytest.approx(0.80, abs=0.01)
    assert antigens / len(units) == pytest.approx(0.04, abs=0.005)


def test_notation_does_not_touch_anything_else(units: list[Unit]) -> None:
    """Other random numbers for the notation change how types are written and nothing besides."""
    (profile,) = [profile for profile in PROFILES if profile.code == "SD"]
    others = [unit for some in draw_units(profile, 20_000, Random(1), Random(3)) for unit in some]

    def without_notation(unit: Unit) -> tuple[object, ...]:
        return unit.number, unit.dates, unit.donor, unit.cells, unit.handling, unit.standing

    assert [without_notation(unit) for unit in others] == list(map(without_notation, units))
    assert any(one.hla != other.hla for one, other in zip(units, others, strict=True))
