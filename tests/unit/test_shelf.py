"""A store that is bounded in bytes."""

from api.shelf import Shelf


def test_what_was_used_longest_ago_goes_first() -> None:
    """Reading counts as use; the bytes are those of what is there."""
    shelf: Shelf[str, str] = Shelf(80)
    for key in "abcdefgh":
        assert shelf.put(key, key.upper(), 10)
    assert shelf.get("a") == "A"
    assert shelf.put("i", "I", 10)
    assert (shelf.get("a"), shelf.get("b"), shelf.get("i")) == ("A", None, "I")
    assert (len(shelf), shelf.bytes) == (8, 80)


def test_one_value_takes_an_eighth_at_most() -> None:
    """A larger one is not held, and takes the place of the one before it nevertheless."""
    shelf: Shelf[str, int] = Shelf(80)
    assert shelf.put("a", 1, 10)
    assert not shelf.put("a", 2, 11)
    assert (shelf.get("a"), len(shelf), shelf.bytes) == (None, 0, 0)


def test_a_value_in_place_of_another_counts_once() -> None:
    """So does one that is dropped twice."""
    shelf: Shelf[str, int] = Shelf(80)
    shelf.put("a", 1, 10)
    shelf.put("a", 2, 7)
    shelf.put("b", 3, 5)
    assert (shelf.get("a"), shelf.bytes) == (2, 12)
    shelf.drop("a")
    shelf.drop("a")
    assert (len(shelf), shelf.bytes) == (1, 5)
    shelf.clear()
    assert (len(shelf), shelf.bytes) == (0, 0)


def test_without_room_nothing_is_held() -> None:
    """Zero switches it off."""
    shelf: Shelf[str, int] = Shelf(0)
    assert not shelf.put("a", 1, 1)
    assert shelf.get("a") is None
