"""What the levels of a scheme lose."""

import dataclasses

from publishing.losses import losses_of
from publishing.scheme import first_scheme


def test_the_first_scheme_loses_bands_volume_and_processing() -> None:
    """Each attribute has the loss of its level; the whole is weighted, in whole per cents."""
    assert losses_of(first_scheme()) == {
        "bank": 0,
        "period": 0,
        "abo": 0,
        "tnc": 20,
        "cd34": 32,
        "volume": 100,
        "processing": 100,
        "all": 20,  # 26 * 20 % + 16 * 32 % + 4 + 6
    }


def test_levels_of_no_hierarchy_have_no_figure() -> None:
    """Cuts that were set by hand can lie elsewhere; then the whole has no figure either."""
    losses = losses_of(dataclasses.replace(first_scheme(), tnc_cuts=(9.0,)))
    assert (losses["tnc"], losses["cd34"], losses["all"]) == (None, 32, None)


def test_nothing_published_loses_everything() -> None:
    """A scheme that publishes no attribute loses all."""
    bare = dataclasses.replace(
        first_scheme(),
        period_years=None,
        abo=False,
        tnc_cuts=None,
        cd34_cuts=None,
        processing=False,
        bank=False,
    )
    assert set(losses_of(bare).values()) == {100}
