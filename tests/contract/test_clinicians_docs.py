"""What docs/clinicians.md says is asked, computed and measured."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from benchmarks.matches import table_of
from benchmarks.results import FOLDER, read_results
from domain.cell_dose import MINIMUM_TNC_PER_KG, CellDose
from domain.match_estimate import EDGES, MODEL_SPREAD
from schema.build import build_schema

TEXT = (Path(__file__).parents[2] / "docs" / "clinicians.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
FLAT = " ".join(TEXT.split())
_TEN_PERCENT_MISS = 90.0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_valid(document: str) -> None:
    """In the version that the guide names."""
    assert validate(build_schema("2027-01")._schema, parse(document)) == []


def test_the_calibration_is_the_measured_one() -> None:
    """Row by row; and every row holds what the guide promises, nine of ten."""
    found = read_results(FOLDER, "matches")
    assert found is not None
    assert table_of(found["calibrations"]) in TEXT
    assert {each["level"] for each in found["calibrations"]} == {4, 5, 6}
    assert all(each["inside"] >= _TEN_PERCENT_MISS for each in found["calibrations"])


def test_the_numbers_are_those_of_the_program() -> None:
    """Edges, factors, the default dose and its examples."""
    assert EDGES[:6] == (0, 1, 3, 10, 30, 100)
    assert MODEL_SPREAD == {6: (2.0, 8.0), 5: (1.5, 2.5), 4: (1.25, 1.5)}
    assert "divided by 2 for the begin of the band of 6/6 and multiplied by 8" in FLAT
    assert "by 1.5 and 2.5 for 5/6, by 1.25 and 1.5 for 4/6" in FLAT
    assert MINIMUM_TNC_PER_KG == 3.0e7
    assert float(CellDose(26.7).tnc_needed) == 8.01
    assert float(CellDose(33.3).tnc_needed) == 9.99
