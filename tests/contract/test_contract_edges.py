"""Promises at their edges: hints, pinned ids, empty tables, releases read, exact cursors."""

from typing import Any

import pytest
from graphql import ExecutionResult

from database.pool import Pool
from loaders.units import Position
from schema.build import build_schema
from schema.context import Context
from schema.errors import ContractError
from schema.types.unit_connection import _key, _position
from schema.types.unit_filter import UnitFilter, selection
from tests.reading import context_of

_UNIT = "cbu_0123456789abcdef0123"
_SCALE = "cells are counted in units of 10^8, so"


async def _ask(
    pool: Pool, document: str, pinned: int | None = None
) -> tuple[ExecutionResult, Context]:
    context = await context_of(pool, pinned)
    result = await build_schema("2026-10").execute(document, context_value=context)
    return ExecutionResult(result.data, result.errors), context


async def _data(pool: Pool, document: str) -> dict[str, Any]:
    result, _ = await _ask(pool, document)
    assert result.errors is None
    assert result.data is not None
    return result.data


async def _codes(pool: Pool, document: str, pinned: int | None = None) -> list[str]:
    result, _ = await _ask(pool, document, pinned)
    return [str((error.extensions or {})["code"]) for error in result.errors or ()]


async def _read(pool: Pool, document: str, pinned: int | None = None) -> list[int]:
    result, context = await _ask(pool, document, pinned)
    assert result.errors is None
    return context.releases_read


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (UnitFilter(tnc_at_least=1000.0001), 'Filter "tncAtLeast": 1000.0001 is above 1000.'),
        (UnitFilter(tnc_below=999_999), 'Filter "tncBelow": 999999 is above 1000.'),
        (
            UnitFilter(tnc_below=1e6),
            f'Filter "tncBelow": {_SCALE} 1e+06 is far too many. Did you mean 0.01?',
        ),
        (
            UnitFilter(tnc_at_least=1e11),
            f'Filter "tncAtLeast": {_SCALE} 1e+11 is far too many. Did you mean 1000?',
        ),
        (UnitFilter(tnc_at_least=1.1e11), 'Filter "tncAtLeast": 110000000000 is above 1000.'),
        (UnitFilter(cd34_below=1500), 'Filter "cd34Below": 1500 is above 1000.'),
        (UnitFilter(volume_below=1000.0001), 'Filter "volumeBelow": 1000.0001 is above 1000.'),
    ],
)
def test_a_hint_is_given_only_where_it_would_help(conditions: UnitFilter, message: str) -> None:
    """A count of cells is recognised as one; what is just too much is shown with all its digits."""
    with pytest.raises(ContractError) as refused:
        selection(1, conditions)
    assert refused.value.message == message


@pytest.mark.parametrize("field", ['node(id: "rel_1", ', 'nodes(ids: ["rel_1"], '])
async def test_the_id_of_a_release_is_read_in_a_release_that_exists(pool: Pool, field: str) -> None:
    """An unknown `release` is an error for every kind of id, given by argument or by address."""
    assert await _codes(pool, f"{{ {field} release: 999) {{ id }} }}") == ["RELEASE_NOT_FOUND"]
    assert await _codes(pool, f"{{ {field} release: 2) {{ id }} }}") == []
    bare = f"{{ {field.removesuffix(', ')}) {{ id }} }}"
    assert await _codes(pool, bare, pinned=999) == ["RELEASE_NOT_FOUND"]
    assert await _codes(pool, bare, pinned=2) == []


async def test_the_id_of_a_release_names_it_in_every_release(pool: Pool) -> None:
    """Release 1 is the same, whichever release is read, and so is the newest."""
    data = await _data(
        pool,
        '{ old: node(id: "rel_1", release: 3) { id } new: node(id: "rel_3", release: 1) { id } }',
    )
    assert data == {"old": {"id": "rel_1"}, "new": {"id": "rel_3"}}


async def test_a_table_without_dimensions_is_one_cell(pool: Pool) -> None:
    """The total, also of no units; a table with dimensions has no cells then."""
    empty = "units(filter: {bank: []})"
    data = await _data(
        pool,
        "{ some: units { totalCount inventory(groupBy: []) { units bank { code } abo: aboGroup } }"
        f" none: {empty} {{ totalCount inventory(groupBy: []) {{ units addedIn {{ id }} }}"
        " cells: inventory(groupBy: [BANK]) { units } } }",
    )
    total = data["some"]["totalCount"]
    assert total > 0
    assert data["some"]["inventory"] == [{"units": total, "bank": None, "abo": None}]
    assert data["none"] == {
        "totalCount": 0,
        "inventory": [{"units": 0, "addedIn": None}],
        "cells": [],
    }


@pytest.mark.parametrize(
    ("document", "read"),
    [
        ("{ releases { nodes { number unitCount digest anonymity { k } files { path } } } }", []),
        ("{ releases(first: 2) { nodes { units(first: 0) { totalCount } } } }", [1, 2]),
        ("{ release(number: 3) { previous { previous { unitCount } } } }", [3]),
        ("{ units(release: 2, first: 1) { nodes { addedIn { unitCount } } } }", [2]),
        ('{ node(id: "rel_1") { id } }', [1]),
        ('{ node(id: "rel_1", release: 2) { id } }', [1, 2]),
        ('{ a: bank(code: "BJ", release: 1) { name } b: banks { totalCount } }', [1, 3]),
        ("{ service { limits { maxCost } } }", []),
    ],
)
async def test_a_release_is_read_when_it_is_chosen_or_entered(
    pool: Pool, document: str, read: list[int]
) -> None:
    """What is told of releases by others (lists, `previous`, `addedIn`) does not count as read."""
    assert await _read(pool, document) == read


@pytest.mark.parametrize(
    ("rank", "text"),
    [
        (0.0, "0"),
        (-1.0, "-1"),
        (12.5, "12.5"),
        (8.1234567, "8.1234567"),
        (1234567.0, "1234567"),
        (0.1 + 0.2, "0.30000000000000004"),
    ],
)
def test_a_cursor_keeps_every_digit_of_its_place(rank: float, text: str) -> None:
    """So that a walk goes on in the band where it stopped, however finely the bands are cut."""
    place = Position(rank, _UNIT)
    assert _key(place) == f"{text}:{_UNIT}"
    assert _position(_key(place)) == place


@pytest.mark.parametrize("rank", ["12.50", "1e1", "08", "nan", "-2", "", "x"])
def test_a_place_has_one_spelling(rank: str) -> None:
    """Another spelling of a number is refused, so that equal places have equal cursors."""
    with pytest.raises(ContractError) as refused:
        _position(f"{rank}:{_UNIT}")
    assert refused.value.code == "INVALID_CURSOR"
