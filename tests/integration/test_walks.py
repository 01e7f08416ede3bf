"""The ways of walking units: whichever is chosen, the page is the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.pool import Pool
from loaders.catalogue import Catalogue, read_catalogue
from loaders.class_set import ClassSet
from loaders.selections import Selection
from loaders.units import (
    WALK,
    WALK_BACK,
    WALK_EACH,
    WALK_EACH_BACK,
    WALK_MARKED,
    WALK_MARKED_BACK,
)

Unit = tuple[str, int]


@pytest.fixture(scope="module")
async def catalogue(pool: Pool) -> Catalogue:
    """What is in memory."""
    return await read_catalogue(pool)


@pytest.fixture(scope="module")
async def world(pool: Pool) -> list[Unit]:
    """Every published unit with its class, in the order of ids."""
    return [tuple(row) for row in await pool.fetch("select * from open.unit order by id")]


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """No condition, or some of the values."""
    return st.none() | st.lists(st.sampled_from(values), unique=True).map(tuple)


SELECTIONS = st.builds(
    Selection,
    release=st.integers(1, 3),
    bank=some(["BJ", "GD", "SC", "SH"]),
    abo=some(["A", "B", "O", "AB", "UNKNOWN"]),
    tnc_at_least=st.none() | st.sampled_from([0.0, 8.0, 12.5]),
)


def expected(
    world: list[Unit], classes: ClassSet, start: str, limit: int, *, backward: bool
) -> list[Unit]:
    """Walk in plain Python."""
    ids = set(classes.ids)
    ordered = reversed(world) if backward else world
    past = (unit for unit in ordered if (unit[0] < start if backward else unit[0] > start))
    found = [unit for unit in past if unit[1] in ids]
    return found[:limit]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    selection=SELECTIONS,
    start=st.sampled_from(["", "cbu_0", "cbu_8", "cbu_f", "cbu_g"]),
    limit=st.sampled_from([1, 2, 11, 101]),
    backward=st.booleans(),
)
async def test_all_ways_lead_to_the_same_units(
    pool: Pool,
    catalogue: Catalogue,
    world: list[Unit],
    selection: Selection,
    start: str,
    limit: int,
    *,
    backward: bool,
) -> None:
    """Marks and single classes select what plain Python selects, in the same order."""
    classes = catalogue.select(selection)
    marked = WALK_MARKED_BACK if backward else WALK_MARKED
    each = WALK_EACH_BACK if backward else WALK_EACH
    right = expected(world, classes, start, limit, backward=backward)
    by_marks = await marked.rows(pool, start, classes.newest, classes.marks, limit)
    by_classes = await each.rows(pool, start, classes.ids, limit)
    assert [tuple(row) for row in by_marks] == right
    assert [tuple(row) for row in by_classes] == right


@pytest.mark.parametrize("release", [1, 2, 3])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
async def test_a_whole_release_needs_no_marks(
    pool: Pool, catalogue: Catalogue, world: list[Unit], release: int, *, backward: bool
) -> None:
    """What was published after the release stays out by its class's number alone."""
    classes = catalogue.select(Selection(release))
    assert classes.is_whole
    statement = WALK_BACK if backward else WALK
    rows = await statement.rows(pool, "cbu_8", classes.newest, 500)
    right = expected(world, classes, "cbu_8", 500, backward=backward)
    assert [tuple(row) for row in rows] == right


@pytest.mark.parametrize(
    "selection",
    [
        Selection(3, bank=()),
        Selection(3, abo=()),
        Selection(3, processing=()),
        Selection(3, added_in=()),
    ],
)
async def test_an_empty_list_matches_nothing(catalogue: Catalogue, selection: Selection) -> None:
    """It is not the same as no condition; nothing is marked then."""
    classes = catalogue.select(selection)
    assert (classes.units, classes.size, classes.ids) == (0, 0, [])
    assert not any(classes.marks)
