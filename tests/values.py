"""A schema with every kind of type, whose fields show right and wrong values."""

import asyncio
import datetime as dt
import decimal
from enum import Enum
from typing import Annotated, Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.executor import SetExecutor


@strawberry.enum
class Colour(Enum):
    """An enum with a name of its own for a value, and an alias."""

    RED = "r"
    BLUE = strawberry.enum_value("b", name="AZURE")
    CRIMSON = "r"  # noqa: PIE796 - an alias


@strawberry.input
class Wish:
    """An input object with defaults."""

    colours: list[Colour] = strawberry.field(default_factory=lambda: [Colour.BLUE])
    most: int | None = None
    from_: int = strawberry.field(name="from", default=3)


@strawberry.interface
class Thing:
    """What stones and plants have in common."""

    name: str


@strawberry.type
class Stone(Thing):
    """One implementation."""

    weight: float | None = None
    colour: Colour | None = None

    @strawberry.field
    def twin(self) -> Annotated["Stone", strawberry.lazy(__name__)] | None:
        """Return another object with the same values, for heavy stones."""
        heavy = self.weight is not None and self.weight > 1
        return Stone(name=self.name, weight=0.5, colour=self.colour) if heavy else None


@strawberry.type
class Plant(Thing):
    """Another, which holds things itself."""

    height: int
    seeds: list[Thing] = strawberry.field(default_factory=list)


@strawberry.type
class Alike:
    """Not a plant, but it can be cast to one."""

    name: str = "alike"
    height: int = 1


@strawberry.type
class Picky:
    """Tells by itself whether an object is one."""

    name: str

    @classmethod
    def is_type_of(cls, thing: object, _info: object) -> bool:
        """Take those with a short name."""
        return isinstance(thing, cls) and len(thing.name) < 4


_STONES = [
    Stone(name="a", weight=1.5, colour=Colour.RED),
    Stone(name="b"),
    Stone(name="c", weight=0.0, colour=Colour.BLUE),
]


Vanishing = NewType("Vanishing", str)


@strawberry.type
class Values:
    """Leaves, right and wrong."""

    text: str = "x"
    short: Picky | None = strawberry.field(default_factory=lambda: Picky(name="abc"))
    any: Alike | None = strawberry.field(default_factory=lambda: _STONES[0])
    none: str | None = None
    number: int = 2**31 - 1
    whole: float = 2
    flag: bool = True
    ident: strawberry.ID = strawberry.ID("i")
    day: dt.date = dt.date(2026, 1, 2)
    moment: dt.datetime | None = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    exact: decimal.Decimal = decimal.Decimal("1.50")
    number_as_id: strawberry.ID = 7  # type: ignore[assignment]
    number_as_text: str = 7  # type: ignore[assignment]
    flag_as_number: int = True
    colour_as_value: Colour = "b"  # type: ignore[assignment]
    numbers: list[int | None] | None = strawberry.field(default_factory=lambda: [1, None, 3])
    grid: list[list[str]] = strawberry.field(default_factory=lambda: [["a", "b"], [], ["c"]])
    pair: list[str] = ("a", "b")  # type: ignore[assignment]
    things: list[Thing | None] = strawberry.field(
        default_factory=lambda: [_STONES[0], None, Plant(name="p", height=2, seeds=[*_STONES])]
    )
    # what only the stock executor can say
    too_large: int | None = 2**31
    infinite: float | None = float("inf")
    no_number: int | None = "many"  # type: ignore[assignment]
    missing: str = None  # type: ignore[assignment]
    missing_list: list[str] = None  # type: ignore[assignment]
    missing_stone: Stone = None  # type: ignore[assignment]
    missing_thing: Thing = None  # type: ignore[assignment]
    missing_colour: Colour = None  # type: ignore[assignment]
    vanishing: Vanishing = "v"  # type: ignore[assignment]
    picky: Picky | None = strawberry.field(default_factory=lambda: Picky(name="long name"))
    failed_stone: Stone | None = ValueError("a stone")  # type: ignore[assignment]
    failed_thing: Thing | None = ValueError("a thing")  # type: ignore[assignment]
    failed_any: Alike | None = ValueError("anything")  # type: ignore[assignment]
    wrong_colour: Colour | None = "green"  # type: ignore[assignment]
    failure: str | None = ValueError("returned")  # type: ignore[assignment]
    failures: list[str | None] | None = strawberry.field(
        default_factory=lambda: ["a", ValueError("in a list")]
    )
    gap: list[int] | None = strawberry.field(default_factory=lambda: [1, None])
    no_list: list[str] | None = "abc"  # type: ignore[assignment]
    no_stone: Stone | None = strawberry.field(default_factory=Alike)
    no_thing: Thing | None = strawberry.field(default_factory=Alike)
    cast: Stone | None = strawberry.field(
        default_factory=lambda: strawberry.cast(Plant, Stone(name="cast"))
    )
    # what is right, and left to it nevertheless
    keys: list[str] = strawberry.field(default_factory={"a": 1}.keys)


@strawberry.type
class Query:
    """The root."""

    values: list[Values] = strawberry.field(default_factory=lambda: [Values(), Values()])

    @strawberry.field
    def stones(self, wish: Wish | None = None, colour: Colour = Colour.RED) -> list[Stone]:
        """Return all stones, named after the wish."""
        text = f"{wish} {colour}"
        return [*_STONES, Stone(name=text), _STONES[0]]

    @strawberry.field
    async def later(self, seconds: float = 0) -> list[Stone]:
        """Return all stones in a later turn of the loop."""
        await asyncio.sleep(seconds)
        return _STONES

    @strawberry.field
    async def thing(self, cast: bool = False) -> Thing | None:  # noqa: FBT002
        """Return a plant, or what is cast to one."""
        plant = Plant(name="p", height=1, seeds=[_STONES[1], Plant(name="q", height=0)])
        return strawberry.cast(Plant, Alike()) if cast else plant  # type: ignore[return-value]

    @strawberry.field
    def either(self) -> list[Stone | Plant]:
        """Return members of a union."""
        return [_STONES[0], Plant(name="p", height=1), _STONES[0]]

    @strawberry.field
    def told(self, info: strawberry.Info, text: str = "") -> str:
        """Return what the resolver is told."""
        selected = [getattr(field, "name", "") for field in info.selected_fields]
        return f"{info.field_name} {info.context} {info.variable_values} {selected} {text}"

    @strawberry.field
    def where(self, info: strawberry.Info) -> str:
        """Return the place in the answer."""
        return str(info.path.as_list())

    @strawberry.field
    @staticmethod
    def alone() -> int:
        """Return a number, without an object."""
        return 1

    @strawberry.field
    def of_parent(self, parent: strawberry.Parent[Any]) -> str:
        """Return the object."""
        return str(parent is self)

    @strawberry.field
    def surprise(self) -> str:
        """Return a coroutine, although this is a plain function."""
        return asyncio.sleep(0, "later")  # type: ignore[return-value]

    @strawberry.field
    def surprising_list(self) -> list[str]:
        """Return a coroutine in place of a list."""
        return asyncio.sleep(0, ["later"])  # type: ignore[return-value]

    @strawberry.field
    def surprising_stone(self) -> Stone:
        """Return a coroutine in place of an object."""
        return asyncio.sleep(0, _STONES[0])  # type: ignore[return-value]

    @strawberry.field
    def surprising_thing(self) -> Thing:
        """Return a coroutine in place of an object of some type."""
        return asyncio.sleep(0, _STONES[0])  # type: ignore[return-value]

    @strawberry.field
    def surprising_any(self) -> Alike:
        """Return a coroutine where any object will do."""
        return asyncio.sleep(0, _STONES[0])  # type: ignore[return-value]

    @strawberry.field
    def has_path(self, info: strawberry.Info) -> bool:
        """Tell whether there is a path."""
        return getattr(info.path, "key", None) is not None

    @strawberry.field
    def surprises(self) -> list[str]:
        """Return coroutines in a list."""
        return [asyncio.sleep(0, "later")]  # type: ignore[list-item]


SCHEMA = strawberry.Schema(
    Query,
    types=[Stone, Plant],
    config=StrawberryConfig(
        scalar_map={Vanishing: strawberry.scalar(name="Vanishing", serialize=lambda _: None)}
    ),
    execution_context_class=SetExecutor,
)
