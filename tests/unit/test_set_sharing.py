"""Execution by sets: what objects have in common is completed once for all of them."""

from typing import Any, cast

import strawberry
from graphql import DocumentNode, parse

from loaders.request import Loaders, Store
from schema.alike import alike
from schema.batched import batched
from schema.executor import SetExecutor
from schema.shapes import SELECTIONS
from tests.executors import ask_by_sets, ask_stock


@strawberry.type
class _Colour:
    name: str


@strawberry.type
class _Owner:
    name: str


_asked_for: list[list[str]] = []


def _owners(_store: Store, keys: list[str]) -> list[_Owner]:
    _asked_for.append(keys)
    return [_Owner(name=key.upper()) for key in keys]


@alike("colour", "owner_key", "weight")
@strawberry.type
class _Stone:
    id: str
    colour: _Colour
    weight: int
    owner_key: strawberry.Private[str]
    notes: strawberry.Private[dict[Any, Any]]

    owner: _Owner = batched(_owners, key="owner_key", description="Whose it is.")

    @strawberry.field
    def label(self) -> str:
        """Name the stone itself."""
        return f"{self.id}/{self.weight}"


@strawberry.type
class _Query:
    @strawberry.field
    def stones(self, info: strawberry.Info) -> list[_Stone]:
        """Return the stones of the root."""
        return list(info.root_value)


_SCHEMA = strawberry.Schema(_Query, execution_context_class=SetExecutor)


class _Context:
    """A request."""

    def __init__(self) -> None:
        self.loaders = Loaders(cast("Store", object()))


def _stones(ids: str, red: dict[Any, Any], blue: dict[Any, Any]) -> list[_Stone]:
    """Return stones, red ones with small letters, blue ones with capitals."""
    kinds = [("red", red) if id_.islower() else ("blue", blue) for id_ in ids]
    return [
        _Stone(id=id_, colour=_Colour(name=kind), weight=len(kind), owner_key=kind, notes=notes)
        for id_, (kind, notes) in zip(ids, kinds, strict=True)
    ]


async def _answer(document: DocumentNode, stones: list[_Stone]) -> bytes:
    found = await ask_by_sets(_SCHEMA, document, {}, _Context(), stones)
    assert found.by_sets
    seen = list(_asked_for)
    assert found.data == (await ask_stock(_SCHEMA, document, {}, _Context(), stones)).data
    _asked_for[:] = seen
    return found.data


async def test_what_is_alike_is_made_once_in_all_requests() -> None:
    """Each has its own values in the order of the document; batch functions are not asked again."""
    document = parse("{ stones { owner { name } id colour { name } label weight } }")
    red: dict[Any, Any] = {}
    blue: dict[Any, Any] = {}
    _asked_for.clear()
    assert await _answer(document, _stones("abC", red, blue)) == (
        b'{"stones":['
        b'{"owner":{"name":"RED"},"id":"a","colour":{"name":"red"},"label":"a/3","weight":3},'
        b'{"owner":{"name":"RED"},"id":"b","colour":{"name":"red"},"label":"b/3","weight":3},'
        b'{"owner":{"name":"BLUE"},"id":"C","colour":{"name":"blue"},"label":"C/4","weight":4}]}'
    )
    assert _asked_for == [["red", "blue"]]
    assert b'"id":"d","colour":{"name":"red"},"label":"d/3"' in await _answer(
        document, _stones("dE", red, blue)
    )
    assert _asked_for == [["red", "blue"]]
    assert await _answer(document, _stones("f", {}, blue))
    assert _asked_for == [["red", "blue"], ["red"]]


async def test_another_selection_has_notes_of_its_own() -> None:
    """Also under the same names; and there are never many."""
    red: dict[Any, Any] = {}
    blue: dict[Any, Any] = {}
    texts = [f"{{ stones {{ w: {field} }} }}" for field in ("weight", "id", "__typename", "label")]
    found = [await _answer(parse(text), _stones("aB", red, blue)) for text in texts]
    assert found == [
        b'{"stones":[{"w":3},{"w":4}]}',
        b'{"stones":[{"w":"a"},{"w":"B"}]}',
        b'{"stones":[{"w":"Stone"},{"w":"Stone"}]}',
        b'{"stones":[{"w":"a/3"},{"w":"B/4"}]}',
    ]
    documents = [parse(f"{{ stones {{ w{n}: weight }} }}") for n in range(3 * SELECTIONS)]
    for n, document in enumerate(documents):
        assert await _answer(document, _stones("a", red, blue)) == b'{"stones":[{"w%d":3}]}' % n
        assert len(red) <= SELECTIONS


async def test_one_object_twice_and_none_at_all() -> None:
    """A list may have the same object at two places, or be empty."""
    document = parse("{ stones { id weight } }")
    (stone,) = _stones("a", {}, {})
    assert await _answer(document, [stone, stone]) == (
        b'{"stones":[{"id":"a","weight":3},{"id":"a","weight":3}]}'
    )
    assert await _answer(document, []) == b'{"stones":[]}'
