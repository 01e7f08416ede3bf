"""Every command that changes something, killed at many points: the old state or the new one.

``CORDGRAPH_KILLS`` is how many points and how many instants are drawn for each command beside the
points around every commit, and ``CORDGRAPH_KILLS_SEED`` which.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest

from database.embedded import EmbeddedServer
from database.pool import Connection
from publishing.approvals import Kind
from publishing.approvers import add_approver
from publishing.gate import Profile
from publishing.intake.loading import take_in
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme_proposal import propose, record_proposal
from publishing.withdrawal import Cause
from publishing.withdrawal_selection import Selection, plan_withdrawal
from tests.bank_files import inventory, unit
from tests.forked_commands import Ended, ForkedCommands, forked_commands
from tests.inventories import add_inventory, place_key
from tests.signing import Person, approve_by_all, two_approvers
from tests.wire import Cut, Moment, Wire
from tests.worlds import World, Worlds

UNITS = 7_200
SHARE = 5_800
FAKE = ("--profile", "synthetic")
DRAWN = int(os.environ.get("CORDGRAPH_KILLS", "2"))
SEED = int(os.environ.get("CORDGRAPH_KILLS_SEED", "1"))


@dataclass(frozen=True, slots=True)
class Deed:
    """A command that changes something.

    Attributes:
        prepare: Makes a world ready for it and returns its arguments; those that name files of
            the world's folder begin with ``@``.
        states: How many states the database goes through, the first and the last included.
        again: Exit code and words of the command where it was done already.
        released: Whether it begins with a release.
        finish: What goes on where it has done a part, if not the same command.
    """

    prepare: Callable[[World], Awaitable[tuple[str, ...]]]
    states: int = 2
    again: tuple[int, str] = (0, "")
    released: bool = True
    finish: tuple[str, ...] = ()


async def _intake(world: World) -> tuple[str, ...]:
    """Two files; one replaces what the bank had."""
    before, bj, gd = (world.home / name for name in ("before.xml", "BJ.xml", "GD.xml"))
    units = [unit(f"BJ-{number}") for number in range(300)]
    before.write_text(inventory(*units), encoding="utf-8")
    changed = [unit(f"BJ-{number}", STATUS="RS") for number in range(100, 400)]
    bj.write_text(inventory(*changed), encoding="utf-8")
    others = [unit(f"GD-{number}", BANK_MANUF_ID="GD") for number in range(300)]
    gd.write_text(inventory(*others), encoding="utf-8")
    async with world.operator() as connection:
        (report,) = await take_in(connection, [before])
    assert not report.refused
    return "intake", "@BJ.xml", "@GD.xml", "--report", "@report.json"


async def _reference(world: World) -> tuple[str, ...]:
    """Banks and indications."""
    assert world.home.exists()
    return "reference", "load"


async def _propose(world: World) -> tuple[str, ...]:
    """A search over all units."""
    await _fill(world)
    return "scheme", "propose"


async def _freeze(world: World) -> tuple[str, ...]:
    """A proposal that two people approved."""
    await _fill(world)
    async with world.operator() as connection:
        proposal = await propose(connection)
        await record_proposal(connection, proposal)
        people = await two_approvers(connection)
        await approve_by_all(connection, people, Kind.SCHEME, proposal.digest)
    return "scheme", "freeze", proposal.digest


async def _plan(world: World) -> tuple[str, ...]:
    """The second release."""
    await _withdraw_one(world)
    return "release", "plan", *FAKE


async def _approve(world: World) -> tuple[str, ...]:
    """The plan of the second release."""
    person = Person("Li Wei")
    async with world.operator() as connection:
        planned = await plan(connection, keys=world.keys, profile=Profile.SYNTHETIC)
        await record_plan(connection, planned)
    (world.home / "li-wei.pub").write_bytes(person.public_key)
    (world.home / "li-wei.minisig").write_bytes(person.sign(Kind.RELEASE, planned.digest))
    async with world.operator() as connection:
        await add_approver(connection, person.name, person.public_key)
    given = ("--approver", "Li Wei", "--signature", "@li-wei.minisig")
    return "release", "approve", "--digest", planned.digest, *given


async def _publish(world: World) -> tuple[str, ...]:
    """The second release, which adds units and carries a withdrawal out."""
    await _withdraw_one(world)
    return "release", "publish", *FAKE


async def _withdraw_classes(world: World) -> tuple[str, ...]:
    """The classes of some units whose consent ended."""
    async with world.operator() as connection:
        numbers = await _published(connection)
    (world.home / "ended.txt").write_text("\n".join(numbers), encoding="utf-8")
    chosen = ("--bank", "BJ", "--units", "@ended.txt", "--cause", "consent", "--reason", "Ended.")
    return "release", "withdraw-classes", *chosen


async def _withdraw(world: World) -> tuple[str, ...]:
    """The first release, as a whole: planned, then done."""
    assert world.keys.exists()
    return "release", "withdraw", "1", "--cause", "fault", "--reason", "Wrong counts.", *FAKE


def _nothing() -> None:
    """Let the command live."""


async def _fill(world: World) -> None:
    async with world.operator() as connection:
        await load_reference(connection)
        await add_inventory(connection, UNITS, synthetic=True)


async def _withdraw_one(world: World) -> None:
    async with world.operator() as connection:
        chosen = Selection("BJ", await _published(connection))
        await plan_withdrawal(connection, chosen, Cause.FAULT, "Wrong counts.")


async def _published(connection: Connection) -> list[str]:
    """Return the numbers of three published units of Beijing."""
    rows = await connection.fetch(
        "select unit_number from intake.raw_unit r "
        "join intake.unit_map m on m.raw_unit_id = r.id and m.release is not null "
        "where bank = 'BJ' order by unit_number limit 3"
    )
    return [row[0] for row in rows]


DEEDS = {
    "intake": Deed(_intake, states=3, released=False),
    "reference": Deed(_reference, released=False),
    "propose": Deed(_propose, released=False),
    "freeze": Deed(_freeze, released=False),
    "plan": Deed(_plan, again=(0, "")),
    "approve": Deed(_approve),
    # The release is there, then the files of the first one, then its own.
    "publish": Deed(
        _publish,
        states=4,
        again=(1, "nothing new to publish"),
        finish=("release", "export"),
    ),
    "withdraw classes": Deed(_withdraw_classes),
    "withdraw release": Deed(_withdraw, states=3, again=(1, "release 1 is withdrawn already")),
}


class Play:
    """One command in its world, played to the end once, and broken as often as need be."""

    def __init__(self, deed: Deed, worlds: Worlds, start: World, commands: ForkedCommands) -> None:
        self.deed = deed
        self.start = start
        self.states: list[str] = []
        self.messages = 0
        self.commits: list[int] = []
        self.seconds = 0.0
        self._worlds = worlds
        self._commands = commands
        self._arguments: tuple[str, ...] = ()

    async def rehearse(self) -> None:
        """Play it to the end, and note each state that the database rests in."""
        self._arguments = await self.deed.prepare(self.start)
        world = await self._worlds.again(self.start)
        exact: list[str] = []

        async def note() -> None:
            now = await world.exactly()
            if not exact or exact[-1] != now:
                exact.append(now)
                self.states.append(await world.plainly())

        started = time.monotonic()
        ended, wire = await self.run(world, on_idle=note)
        self.seconds = time.monotonic() - started
        await note()
        assert ended.code == 0, ended.errors
        assert len(self.states) == self.deed.states
        await world.check_keys()
        self.messages, self.commits = len(wire.said), wire.commits
        await self._worlds.drop(world)

    async def run(
        self,
        world: World,
        cut: Cut | None = None,
        *,
        deadly: bool = True,
        seconds: float | None = None,
        on_idle: Callable[[], Awaitable[object]] | None = None,
        arguments: Sequence[str] = (),
    ) -> tuple[Ended, Wire]:
        """Run the command in ``world``; at ``cut`` it dies, or only loses its connection.

        It also dies after so many ``seconds``, if it has not ended by then. Other ``arguments``
        are another command.
        """
        strike = self._commands.kill if deadly else _nothing
        server = world.access.require("operator")
        async with Wire(server, cut=cut, strike=strike, on_idle=on_idle) as wire:
            running = await self._commands.start(
                arguments or self.arguments(world),
                {"CORDGRAPH_HOME": str(world.home), "CORDGRAPH_OPERATOR_URL": wire.dsn},
            )
            if seconds is not None:
                await asyncio.sleep(seconds)
                running.kill()
            ended = await running.end()
        await world.wait_for_end(wire.backends)
        return ended, wire

    def arguments(self, world: World) -> list[str]:
        """Return the arguments with the places of the world's files."""
        return [
            str(world.home / each[1:]) if each.startswith("@") else each for each in self._arguments
        ]

    def cuts(self, chance: random.Random) -> list[Cut]:
        """Return the points around each commit, and some that are drawn, in the order of time."""
        cuts = [Cut(number, moment) for number in self.commits for moment in Moment]
        cuts += [
            Cut(chance.randint(1, self.messages), chance.choice(list(Moment))) for _ in range(DRAWN)
        ]
        return sorted(set(cuts), key=lambda cut: (cut.message, cut.moment.name))

    async def break_at(self, points: Sequence[Cut | float], *, deadly: bool = True) -> None:
        """Break it at each of ``points``: after each there is one of the states, and it goes on.

        Args:
            points: Cuts, or seconds after the start.
            deadly: Whether a cut kills it; else it only loses its connection.
        """
        world = await self._worlds.again(self.start)
        for cut in points:
            before = await world.exactly()
            if isinstance(cut, Cut):
                ended, wire = await self.run(world, cut, deadly=deadly)
                assert wire.was_cut, cut
                self._check_end(ended, cut, deadly=deadly)
            else:
                await self.run(world, seconds=cut)
            await world.check_keys()
            if await world.exactly() != before:
                assert await world.plainly() in self.states[1:], cut
                await self._go_on(world)
                await self._worlds.drop(world)
                world = await self._worlds.again(self.start)
        await self._go_on(world)
        await self._worlds.drop(world)

    @staticmethod
    def _check_end(ended: Ended, cut: Cut, *, deadly: bool) -> None:
        if deadly:
            assert ended.was_killed, (cut, ended)
            return
        assert ended.code == 3, (cut, ended)
        assert "Traceback" not in ended.errors, (cut, ended)
        (said,) = (line for line in ended.errors.splitlines() if line.startswith("error: "))
        assert "the connection to the database was lost" in said or "cannot connect to" in said

    async def _go_on(self, world: World) -> None:
        """Run it again, undisturbed, and check that it comes to the state of a run undisturbed."""
        state = await world.plainly()
        done = state == self.states[-1]
        began = state in self.states[1:-1]
        ended, _ = await self.run(world, arguments=self.deed.finish if began else ())
        code, words = self.deed.again if done else (0, "")
        assert ended.code == code, ended
        assert words in ended.errors
        assert await world.plainly() == self.states[-1]
        if done and self.deed.finish:  # takes away what is left
            ended, _ = await self.run(world, arguments=self.deed.finish)
            assert ended.code == 0, ended
            assert await world.plainly() == self.states[-1]
        await world.check_keys()
        left = [
            path.name for path in world.home.rglob("*") if path.name[0] == "." or "#" in path.name
        ]
        assert left == []


@pytest.fixture(scope="module")
async def worlds(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Worlds]:
    """Makes worlds for the tests of this file."""
    made = Worlds(server, tmp_path_factory.mktemp("worlds"))
    try:
        yield made
    finally:
        await made.drop_all()


@pytest.fixture(scope="module")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkedCommands]:
    """Starts commands."""
    async with forked_commands(tmp_path_factory.mktemp("said")) as parent:
        yield parent


@pytest.fixture(scope="module")
async def released(worlds: Worlds, template_database: str) -> World:
    """A world with one synthetic release, and more units to come."""
    world = await worlds.copy(template_database)
    place_key(world.keys)
    await _fill(world)
    async with world.operator() as connection:
        await publish(connection, keys=world.keys, profile=Profile.SYNTHETIC, at_most=SHARE)
    return world


@pytest.fixture(scope="module")
async def play(
    request: pytest.FixtureRequest,
    worlds: Worlds,
    template_database: str,
    released: World,
    commands: ForkedCommands,
) -> AsyncIterator[Play]:
    """The deed of that name, rehearsed."""
    deed = DEEDS[request.param]
    start = await (worlds.again(released) if deed.released else worlds.copy(template_database))
    play = Play(deed, worlds, start, commands)
    await play.rehearse()
    yield play
    await worlds.drop(start)


@pytest.mark.parametrize("play", DEEDS, indirect=True)
async def test_killed_at_many_points(play: Play) -> None:
    """Killed around each commit and elsewhere, it leaves a state of an undisturbed run."""
    await play.break_at(play.cuts(random.Random(f"{SEED} killed")))


@pytest.mark.parametrize("play", ["intake", "publish"], indirect=True)
async def test_killed_at_any_instant(play: Play) -> None:
    """Killed while it does anything at all, it leaves a state of an undisturbed run."""
    chance = random.Random(f"{SEED} instants")
    await play.break_at([chance.uniform(0, play.seconds) for _ in range(DRAWN)])


@pytest.mark.parametrize("play", ["intake", "freeze", "publish", "withdraw release"], indirect=True)
async def test_connections_lost(play: Play) -> None:
    """Without its connection it says so with exit code 3, and leaves what a death leaves."""
    first, last = play.commits[0], play.commits[-1]
    chance = random.Random(f"{SEED} lost")
    cuts = [Cut(chance.randint(1, first), Moment.UNSENT) for _ in range(DRAWN)]
    cuts += [Cut(first, Moment.UNSENT), Cut(last, Moment.ANSWERED)]
    await play.break_at(cuts, deadly=False)
