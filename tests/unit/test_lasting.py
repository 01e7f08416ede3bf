"""What was made of objects that last is kept with the plan, and of no others."""

from typing import Any

import strawberry
from graphql import DocumentNode, parse

from schema.lasting import lasting
from tests.executors import ask_by_sets, ask_stock


@lasting
@strawberry.type
class Stone:
    """Made once, and never changed."""

    weight: int

    @strawberry.field
    def double(self, times: int = 2) -> int:
        """Asks for nothing but the object."""
        return self.weight * times

    @strawberry.field
    def told(self, info: strawberry.Info) -> int:
        """Asks for the request."""
        return self.weight + int(info.context["more"])


@strawberry.type
class Cloud:
    """Changes all the time."""

    weight: int


@strawberry.type
class Query:
    """Shows what the context holds."""

    @strawberry.field
    def stones(self, info: strawberry.Info) -> list[Stone | None]:
        """Return stones."""
        stones: list[Stone | None] = info.context["stones"]
        return stones

    @strawberry.field
    def clouds(self, info: strawberry.Info) -> list[Cloud]:
        """Return clouds."""
        clouds: list[Cloud] = info.context["clouds"]
        return clouds


_SCHEMA = strawberry.Schema(Query)
_STONES = parse("query ($t: Int = 2) { stones { weight double twice: double(times: $t) } }")
_PLAIN = parse("{ stones { weight double __typename } }")
_TOLD = parse("{ stones { weight told } }")
_CLOUDS = parse("{ clouds { weight } }")


async def _data(document: DocumentNode, **context: Any) -> bytes:
    found = await ask_by_sets(_SCHEMA, document, {}, context, None)
    assert found.by_sets
    return found.data


async def test_what_lasts_is_read_once() -> None:
    """A second request gets what the first one made, which a forbidden change shows."""
    stone = Stone(weight=3)
    first = await _data(_PLAIN, stones=[stone, None, stone])
    stone.weight = 4
    assert await _data(_PLAIN, stones=[stone, None, stone]) == first
    assert await _data(_PLAIN, stones=[Stone(weight=4)]) == (
        b'{"stones":[{"weight":4,"double":8,"__typename":"Stone"}]}'
    )


async def test_what_asks_for_more_is_made_anew() -> None:
    """Fields that look at the request or at variables, and objects that are not said to last."""
    stone, cloud = Stone(weight=3), Cloud(weight=3)
    for more in (1, 2):
        expected = b'{"stones":[{"weight":3,"told":%d}]}' % (3 + more)
        assert await _data(_TOLD, stones=[stone], more=more) == expected
    for times in (2, 5):
        found = await ask_by_sets(_SCHEMA, _STONES, {"t": times}, {"stones": [stone]}, None)
        assert found.data == b'{"stones":[{"weight":3,"double":6,"twice":%d}]}' % (3 * times)
    for weight in (3, 4):
        cloud.weight = weight
        assert await _data(_CLOUDS, clouds=[cloud]) == b'{"clouds":[{"weight":%d}]}' % weight


async def test_more_than_is_kept_is_answered_all_the_same() -> None:
    """Hundreds of objects, known and new ones, in lists of any length."""
    stones = [Stone(weight=weight) for weight in range(700)]
    for start, end in ((0, 200), (100, 300), (0, 700), (690, 700), (0, 255), (0, 256), (5, 6)):
        context = {"stones": [*stones[start:end], None]}
        expected = await ask_stock(_SCHEMA, _PLAIN, {}, context, None)
        assert await _data(_PLAIN, **context) == expected.data
