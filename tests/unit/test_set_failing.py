"""What fails late in an operation that was begun by sets."""

import time

import strawberry
from graphql import parse

from tests.executors import ask_by_sets, ask_stock


@strawberry.type
class Thing:
    """Takes its time, and sometimes fails."""

    number: int

    @strawberry.field
    def slow(self) -> int:
        """Hold the loop for more than a slice; the last one fails."""
        time.sleep(0.006)
        if self.number == 4:
            raise ValueError("four")
        return self.number


@strawberry.type
class Query:
    """A list that may not be null, so that a failure ends the whole operation."""

    @strawberry.field
    def things(self) -> list[Thing]:
        """Return five things."""
        return [Thing(number=number) for number in range(5)]


_SCHEMA = strawberry.Schema(Query)
_DOCUMENT = parse("{ a: things { slow } b: things { number } c: things { slow } }")


async def test_an_error_after_a_pause_is_one_of_the_answer() -> None:
    """What the stock executor waits for fails; it is told so, and answers."""
    found = await ask_by_sets(_SCHEMA, _DOCUMENT, {}, None, None)
    expected = await ask_stock(_SCHEMA, _DOCUMENT, {}, None, None)
    assert (found.data, found.errors) == (expected.data, expected.errors)
    assert found.data == b"null"
    assert found.planned
    assert isinstance(found.setback, ValueError)
