"""The attributes of changes: which inventory they follow, and how that can be said wrongly."""

import datetime as dt

import pytest

from publishing.intake.envelope import Attributes, Envelope, Mode
from publishing.intake.faults import Code

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_FIRST, _SECOND, _THIRD = (f"2026-0{month}-01T00:00:00Z" for month in (1, 2, 3))
_BOTH = (
    "must be there for changes (UPDATE_MODE DIFF): FOLLOWS is the SNAPSHOT_TIME of the bank's "
    "submission before, and SNAPSHOT_TIME that of this one."
)


def _envelope(*inventories: dict[str, str]) -> Envelope:
    envelope = Envelope(_NOW)
    for line, given in enumerate(inventories, start=3):
        known = {"LISTING_ORGANIZATION": "9991", "POOL": "9991", "CONTENT_TYPE": "C"}
        envelope.open_inventory(Attributes({**known, **given}, line, {"FOLLOWS": 10 * line}))
    return envelope


def _changes(time: str | None = _SECOND, follows: str | None = _FIRST) -> dict[str, str]:
    given = {"UPDATE_MODE": "DIFF", "SNAPSHOT_TIME": time, "FOLLOWS": follows}
    return {name: text for name, text in given.items() if text is not None}


def _told(envelope: Envelope) -> list[tuple[int | None, str | None, str | None, str]]:
    assert set(envelope.faults.counts) <= {Code.ATTRIBUTE_INVALID}
    return [(found.line, found.field, found.value, found.message) for found in envelope.faults.kept]


def test_changes_say_what_they_follow() -> None:
    """Both times are read, and the mode."""
    envelope = _envelope(_changes())

    assert _told(envelope) == []
    assert envelope.mode is Mode.DIFF
    assert envelope.follows == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert envelope.snapshot_time == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


def test_a_whole_inventory_follows_nothing() -> None:
    """It is the mode that is assumed, and FOLLOWS in it is a fault."""
    whole = _envelope({})
    following = _envelope({"FOLLOWS": _FIRST})

    assert (whole.mode, whole.follows, _told(whole)) == (Mode.FULL, None, [])
    assert _told(following) == [
        (
            30,
            "FOLLOWS",
            _FIRST,
            "The attribute FOLLOWS belongs to changes (UPDATE_MODE DIFF) only.",
        )
    ]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (_changes(time=None), ["SNAPSHOT_TIME"]),
        (_changes(follows=None), ["FOLLOWS"]),
        (_changes(time=None, follows=None), ["SNAPSHOT_TIME", "FOLLOWS"]),
    ],
)
def test_changes_need_both_times(given: dict[str, str], names: list[str]) -> None:
    """Each that is missing is a fault, at the line of the inventory."""
    assert _told(_envelope(given)) == [
        (3, name, None, f"The attribute {name} {_BOTH}") for name in names
    ]


@pytest.mark.parametrize("time", [_FIRST, _SECOND])
def test_changes_come_after_what_they_follow(time: str) -> None:
    """The same time and an earlier one are refused."""
    assert _told(_envelope(_changes(time, _SECOND))) == [
        (3, "SNAPSHOT_TIME", time, "The attribute SNAPSHOT_TIME must be after FOLLOWS.")
    ]


def test_a_time_that_is_none_is_one_fault() -> None:
    """What cannot be read is not compared."""
    assert _told(_envelope(_changes(follows="yesterday"))) == [
        (
            30,
            "FOLLOWS",
            "yesterday",
            "The attribute FOLLOWS must be a time such as 2025-01-31T12:00:00Z.",
        )
    ]
    assert [told[1] for told in _told(_envelope(_changes(time="now")))] == ["SNAPSHOT_TIME"]


def test_inventories_of_a_file_agree() -> None:
    """One mode and one time to follow for all; the latest snapshot counts."""
    alike = _envelope(_changes(_THIRD), _changes(_SECOND))
    mixed = _envelope(_changes(), {"UPDATE_MODE": "FULL"})
    apart = _envelope(_changes(_THIRD), _changes(_THIRD, _SECOND))

    assert _told(alike) == []
    assert alike.snapshot_time == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert _told(mixed) == [
        (
            4,
            "UPDATE_MODE",
            "FULL",
            "The attribute UPDATE_MODE must be the same in all inventories of a file.",
        )
    ]
    assert mixed.mode is Mode.DIFF
    assert _told(apart) == [
        (
            40,
            "FOLLOWS",
            _SECOND,
            "The attribute FOLLOWS must be the same in all inventories of a file.",
        )
    ]


def test_an_unknown_mode_decides_nothing() -> None:
    """It is refused with the two that there are."""
    envelope = _envelope({"UPDATE_MODE": "diff"})

    assert envelope.mode is None
    assert _told(envelope) == [
        (3, "UPDATE_MODE", "diff", "The attribute UPDATE_MODE must be FULL or DIFF.")
    ]
