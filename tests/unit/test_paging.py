"""Page requests, cursors and pages of short lists."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import Code, ContractError
from schema.paging import PageRequest, cursor, cut_page, page_request, read_cursor

SCOPE = "units@3/ID"
CURSOR = cursor(SCOPE, "0:cbu_0123456789abcdef0123")


def refusal(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> ContractError:
    """Return the refusal of arguments that must be refused."""
    with pytest.raises(ContractError) as caught:
        page_request(SCOPE, first, after, last, before)
    return caught.value


def test_without_arguments_a_page_has_the_default_size() -> None:
    """Twenty items from the start."""
    assert page_request(SCOPE, None, None, None, None) == PageRequest(20, None, backward=False)


def test_zero_items_are_a_page() -> None:
    """first: 0 is allowed, for totals alone."""
    assert page_request(SCOPE, 0, None, None, None).size == 0


@pytest.mark.parametrize("size", [-1, 101, 2**31 - 1])
def test_sizes_outside_the_limits_are_refused(size: int) -> None:
    """The message names the argument, the value and the rule."""
    error = refusal(first=size)
    assert error.code is Code.INVALID_ARGUMENT
    assert error.message == f'Argument "first" must be between 0 and 100, not {size}.'


def test_directions_are_not_mixed() -> None:
    """First and after go together, last and before go together."""
    for error in (
        refusal(first=1, last=1),
        refusal(first=1, before=CURSOR),
        refusal(last=1, after=CURSOR),
        refusal(after=CURSOR, before=CURSOR),
    ):
        assert error.code is Code.INVALID_ARGUMENT
        assert "not a mixture" in error.message


def test_a_cursor_of_another_release_is_refused() -> None:
    """The message says where the cursor belongs."""
    error = refusal(after=cursor("units@2/ID", "0:cbu_0123456789abcdef0123"))
    assert error.code is Code.INVALID_CURSOR
    assert '"units" of release 2 in the order ID' in error.message
    assert '"units" of release 3 in the order ID' in error.message


@pytest.mark.parametrize(
    "text",
    ["", "x", "===", "aGVsbG8", "é", "A" * 121, CURSOR + "=", CURSOR[:-1] + "\n", "dW5pdHM|"],
)
def test_texts_that_are_no_cursors_are_refused(text: str) -> None:
    """Only the exact form that the service makes is taken."""
    assert refusal(after=text).code is Code.INVALID_CURSOR


def test_a_refused_cursor_is_not_echoed_whole() -> None:
    """A long text is cut in the message."""
    assert len(refusal(after="A" * 10_000).message) < 250


@given(st.text(max_size=150))
def test_any_text_is_read_or_refused_as_a_cursor(text: str) -> None:
    """Reading never fails in another way, and only canonical texts are read."""
    try:
        key = read_cursor(text, SCOPE, "after")
    except ContractError as error:
        assert error.code is Code.INVALID_CURSOR  # noqa: PT017 - the other outcome is fine too
    else:
        assert cursor(SCOPE, key) == text


@given(st.sets(st.integers(0, 50)), st.integers(1, 7), st.booleans())
def test_walking_short_lists_visits_each_item_once(
    numbers: set[int], size: int, backward: bool
) -> None:
    """Pages joined in either direction give the whole list, and the page info is exact."""
    items = sorted(f"{number:03d}" for number in numbers)
    pages = []
    request = PageRequest(size, None, backward)
    for place in range(size, max(len(items), 1) + size, size):
        page = cut_page(items, str, request)
        pages.append(page)
        assert (page.has_previous if backward else page.has_next) == (place < len(items))
        if place >= len(items):
            break
        request = PageRequest(size, page.items[0 if backward else -1], backward)
    if backward:
        pages.reverse()
    assert [item for page in pages for item in page.items] == items
    assert not pages[0].has_previous
    assert not pages[-1].has_next
    assert all(left.has_next and right.has_previous for left, right in pairwise(pages))
