"""Worlds that break one rule each: the attacked history, published or served carelessly."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import httpx
from graphql import GraphQLFloat, GraphQLNonNull, GraphQLObjectType

from database.access import Access
from schema.build import build_schema
from tests.attacked_world import KEYS, AttackedWorld, read_insider
from tests.attacks.inside import look_inside
from tests.attacks.probing import probe_all, read_hidden, recorded_work
from tests.attacks.public import Insider, Public
from tests.attacks.spy import NAMES, Spy
from tests.database_copies import connection_to, database_copy
from tests.inventories import add_inventory
from tests.serving import serving

Patches = Callable[[Insider], AbstractContextManager[object]]


def _no_patches(_insider: Insider) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(frozen=True)
class Carelessness:
    """A way to break a rule, and which part of the public is looked at then.

    Attributes:
        script: Changes to a copy of the database, by its owner, with all triggers off.
        patches: Changes to the program that serves it.
        releases: Releases that are looked at.
        mirror: Releases that an attacker has from a mirror of before the change.
        around: Whether to look at everything around the data.
        probes: Whether to ask about what is hidden.
        inside: Whether to look with the reader's role.
        numbers: Whether to look at the system's numbers with it.
        float_percents: Whether the contract has percentages with decimals.
    """

    script: str = ""
    patches: Patches = _no_patches
    releases: tuple[int, ...] = (4,)
    mirror: tuple[int, ...] = ()
    around: bool = False
    probes: bool = False
    inside: bool = False
    numbers: bool = False
    float_percents: bool = False


async def public_of(world: AttackedWorld, careless: Carelessness) -> Public:
    """Return all that is public of ``world`` where somebody was careless."""
    async with database_copy(world.server, world.database) as access:
        async with connection_to(access.require("owner")) as owner:
            await owner.execute("set session_replication_role = replica")
            if careless.script:
                await owner.execute(careless.script)
            insider = await read_insider(owner)
        public = Public(
            first={number: world.public.first[number] for number in careless.mirror},
            last={},
            insider=insider,
        )
        public = await _served(access, careless, public)
        if careless.inside:
            reader = await look_inside(access, _intake(access), numbers=careless.numbers)
            public = replace(public, reader=reader, first=world.public.first)
        return public


async def _served(access: Access, careless: Carelessness, public: Public) -> Public:
    hidden = None
    if careless.probes:
        async with connection_to(access.require("operator")) as operator:
            hidden = await read_hidden(operator, KEYS)
    schemas = _float_schemas() if careless.float_percents else nullcontext()
    with (
        careless.patches(public.insider),
        recorded_work() as work,
        schemas,
        serving(access) as url,
        httpx.Client(base_url=url, timeout=30) as http,
    ):
        spy = Spy(http)
        sight = spy.look(careless.releases, around=careless.around)
        probes = probe_all(spy, hidden, work) if hidden else []
    return replace(
        public,
        last=sight.releases,
        gone=sight.gone,
        gate=sight.gate,
        percents=sight.percents,
        answers=spy.answers,
        probes=probes,
    )


@contextmanager
def _float_schemas() -> Iterator[None]:
    """Let the percentage of a release have decimals while the context lasts."""
    with ExitStack() as stack:
        for name in NAMES:
            type_ = build_schema(name)._schema.type_map["Anonymity"]
            assert isinstance(type_, GraphQLObjectType)
            field = type_.fields["heldBackPercent"]
            stack.enter_context(patch.object(field, "type", GraphQLNonNull(GraphQLFloat)))
        yield


def _intake(access: Access) -> Callable[[int], Any]:
    """Return what takes units in; the owner analyses them, as the server does some day."""

    async def take_in(units: int) -> None:
        async with connection_to(access.require("operator")) as operator:
            await add_inventory(operator, units, seed=100 + units)
        async with connection_to(access.require("owner")) as owner:
            await owner.execute("analyze intake.raw_unit")

    return take_in
