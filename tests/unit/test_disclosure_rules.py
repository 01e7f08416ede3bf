"""When a number may be shown that several banks contributed to."""

import pytest

from domain.disclosure import stands_for_many


@pytest.mark.parametrize(
    ("contributions", "shown"),
    [
        ([], False),
        ([500, 500], False),
        ([500, 500, 0, 0], False),
        ([500, 400, 50], True),
        ([500, 400, 49], False),
        ([49, 500, 400], False),
        ([500, 500, 25, 25], True),
        ([1, 1, 1], True),
    ],
)
def test_a_number_stands_for_many_banks(contributions: list[int], shown: bool) -> None:
    """Three banks, and all but the two largest have a tenth of what the largest has."""
    assert stands_for_many(contributions) is shown
