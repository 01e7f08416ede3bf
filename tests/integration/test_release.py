"""Publishing releases: what a release says, what it refuses, and that it is one transaction."""

import asyncio
import datetime as dt
import hashlib
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.digest import release_digest
from domain.failures import Refused, Unavailable
from domain.identifiers import unit_id
from publishing.gate import Outcome, Profile
from publishing.history import list_releases, read_history, read_release
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.release import LICENCE, publish
from publishing.scheme_key import key_path
from tests.inventories import THREE_BANKS, add_inventory

UNITS = 12_000
FIRST = 9_000
SECOND = 1_500
OPEN_TABLES = ("bank", "indication", "scheme", "release", "unit_class", "batch_class", "unit")


async def _rows(connection: Connection, table: str) -> list[str]:
    query = f"select t::text from {table} t order by 1"  # noqa: S608 - our own table names
    return [row[0] for row in await connection.fetch(query)]


async def _everything(connection: Connection) -> dict[str, list[str]]:
    intake = ("raw_unit", "unit_map", "scheme_key", "plan", "audit_log")
    tables = [*(f"open.{name}" for name in OPEN_TABLES), *(f"intake.{name}" for name in intake)]
    return {table: await _rows(connection, table) for table in tables}


async def test_three_releases_count_exactly(inventory: Connection, keys: Path) -> None:
    """The row of each release says what the tables hold, and released and waiting units add up."""
    consented = await inventory.fetchval("select count(*) from intake.raw_unit where consent")
    published = [
        await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=at_most)
        for at_most in (FIRST, SECOND, None)
    ]
    assert [release.number for release in published] == [1, 2, 3]
    assert published[-1].units + published[-1].deferred == consented
    assert published[0].added + published[0].deferred == FIRST
    for release in published:
        row = await read_release(inventory, release.number)
        counted = await inventory.fetchrow(
            "select count(*)::int, count(*) filter (where added = $1)::int, "
            "count(distinct b.id)::int, count(distinct c.bank)::int "
            "from open.unit u join open.batch_class b on b.id = u.batch_class_id "
            "join open.unit_class c on c.id = b.class_id where b.added <= $1",
            release.number,
        )
        assert counted is not None
        sizes = sorted(
            size[0]
            for size in await inventory.fetch(
                "select units from open.batch_class where added <= $1", release.number
            )
        )
        assert (row["unit_count"], row["added_unit_count"]) == (counted[0], counted[1])
        assert (row["class_count"], row["bank_count"]) == (counted[2], counted[3])
        assert (row["smallest_class"], row["median_class"]) == (
            sizes[0],
            sizes[(len(sizes) - 1) // 2],
        )
        assert row["withdrawn_unit_count"] == 0
        assert (row["unit_count"], row["added_unit_count"]) == (release.units, release.added)
        assert row["digest"] == release.digest
        share = release.deferred / (release.units + release.deferred)
        assert row["held_back_percent"] == int(100 * share + 0.5)
    assert [row["number"] for row in await list_releases(inventory)] == [1, 2, 3]


async def test_a_release_is_labelled(inventory: Connection, keys: Path) -> None:
    """Profile, licence, scheme and the synthetic mark stand in the row; ids are keyed hashes."""
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    row = await read_release(inventory, 1)
    assert (row["profile"], row["synthetic"], row["licence"]) == ("synthetic", True, LICENCE)
    assert row["scheme"] == 1
    key = key_path(keys, 1).read_bytes()
    origins = await inventory.fetch(
        "select r.bank, r.unit_number, m.unit_id from intake.unit_map m "
        "join intake.raw_unit r on r.id = m.raw_unit_id limit 50"
    )
    assert [row[2] for row in origins] == [unit_id(key, row[0], row[1]) for row in origins]


async def test_digests_can_be_recomputed_from_the_open_zone(
    inventory: Connection, reader: Connection, keys: Path
) -> None:
    """A reader arrives at the digest of every class and of both releases."""
    for at_most in (FIRST, None):
        await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=at_most)
    rows = await reader.fetch(
        "select b.added, c.bank, c.period_from, c.period_to, c.abo, c.tnc_min, c.tnc_max, "
        "c.cd34_min, c.cd34_max, b.digest, array_agg(u.id order by u.id) as ids "
        "from open.batch_class b join open.unit_class c on c.id = b.class_id "
        "join open.unit u on u.batch_class_id = b.id group by b.id, c.id"
    )
    for row in rows:
        ends = ["" if end is None else f"{end:g}" for end in (row[5], row[6], row[7], row[8])]
        lines = [
            "cordgraph-class-1",
            f"added={row[0]}",
            f"bank={row[1]}",
            f"period={row[2]}..{row[3]}",
            f"abo={row[4]}",
            f"tnc={ends[0]}..{ends[1]}",
            f"cd34={ends[2]}..{ends[3]}",
            "volume=-",
            "processing=-",
            f"units={len(row['ids'])}",
            *row["ids"],
        ]
        text = "".join(f"{line}\n" for line in lines)
        assert hashlib.sha256(text.encode()).hexdigest() == row["digest"]
    for number in (1, 2):
        stated = (await read_release(inventory, number))["digest"]
        digests = [row["digest"] for row in rows if row["added"] <= number]
        assert release_digest(number, digests) == stated


async def test_units_wait_until_their_class_is_large_enough(
    inventory: Connection, keys: Path
) -> None:
    """Ten units of a class wait; with the eleventh all go out, in one later batch."""
    days = (dt.date(1999, 3, 1), dt.date(1999, 4, 1))
    rare = "update intake.raw_unit set tnc_frozen = 9e8 + id, cd34_frozen = 4e6, abo = 'AB' "
    await add_inventory(inventory, 10, seed=2, banks={"SC": 1}, days=days, consent=1)
    await inventory.execute(f"{rare} where unit_number like 'S2-%'")
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=None)
    waiting = "select count(*) from open.unit_class where period_from = 1995"
    assert await inventory.fetchval(waiting) == 0
    held = await inventory.fetch(
        "select m.release from intake.unit_map m join intake.raw_unit r on r.id = m.raw_unit_id "
        "where r.unit_number like 'S2-%'"
    )
    assert [row[0] for row in held] == [None] * 10
    await add_inventory(inventory, 1, seed=3, banks={"SC": 1}, days=days, consent=1)
    await inventory.execute(f"{rare} where unit_number like 'S3-%'")
    await add_inventory(inventory, 3_000, seed=4)
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    (row,) = await inventory.fetch(
        "select b.units, b.added from open.batch_class b "
        "join open.unit_class c on c.id = b.class_id where c.period_from = 1995"
    )
    assert tuple(row) == (11, 2)
    released = await inventory.fetchval(
        "select count(*) from intake.unit_map m join intake.raw_unit r on r.id = m.raw_unit_id "
        "where r.unit_number like any (array['S2-%', 'S3-%']) and m.release = 2"
    )
    assert released == 11


async def test_a_unit_without_consent_never_leaves_intake(
    inventory: Connection, reader: Connection, keys: Path
) -> None:
    """No id of a unit without consent is published, also if consent ends while it waits."""
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=FIRST)
    await inventory.execute(
        "update intake.raw_unit set consent = false where id in "
        "(select raw_unit_id from intake.unit_map where release is null)"
    )
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    key = key_path(keys, 1).read_bytes()
    refused = {
        unit_id(key, row[0], row[1])
        for row in await inventory.fetch(
            "select bank, unit_number from intake.raw_unit where not consent"
        )
    }
    assert len(refused) > 300
    published = {row[0] for row in await reader.fetch("select id from open.unit")}
    assert published.isdisjoint(refused)


async def test_recent_units_wait_without_being_considered(
    inventory: Connection, keys: Path
) -> None:
    """Units of a period that closed less than a year ago are neither published nor held back."""
    recent = (dt.date(2015, 1, 1), dt.date(2019, 12, 31))
    await add_inventory(inventory, 6_000, seed=2, days=recent, consent=1)
    early = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, today=dt.date(2020, 12, 29))
    late = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, today=dt.date(2020, 12, 30))
    assert early.inventory.too_recent == 6_000
    assert late.inventory.too_recent == 0
    assert late.batch.considered == early.batch.considered + 6_000
    assert not [check.name for check in early.failed]


async def test_published_rows_never_change(inventory: Connection, keys: Path) -> None:
    """Every row of the open zone is byte for byte in the next state of it."""
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=FIRST)
    before = {name: await _rows(inventory, f"open.{name}") for name in OPEN_TABLES}
    await inventory.execute(
        "update intake.raw_unit set abo = 'O', tnc_frozen = 7e8 + id, status = 'RS'"
    )
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    for name in OPEN_TABLES:
        assert set(before[name]) <= set(await _rows(inventory, f"open.{name}"))


async def test_a_closed_gate_writes_nothing(inventory: Connection, keys: Path) -> None:
    """What fails is said with value and limit, and neither zone has changed."""
    before = await _everything(inventory)
    with pytest.raises(Refused) as refusal:
        await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=2_000)
    assert "the gate is closed for release 1" in refusal.value.message
    assert "units, the limit is at least 5,000" in refusal.value.message
    assert await _everything(inventory) == before


async def test_strict_fails_closed_on_governance(inventory: Connection, keys: Path) -> None:
    """Without recorded waivers and approvals, and with them alone missing, strict refuses."""
    planned = await plan(inventory, keys=keys)
    assert [check.name for check in planned.failed] == ["waivers", "approvals"]
    with pytest.raises(Refused, match="approvals: 0 approvals of exactly this plan"):
        await publish(inventory, keys=keys)


async def test_synthetic_units_never_pass_as_real(operator: Connection, keys: Path) -> None:
    """Strict refuses synthetic units, and real ones in a release that continues synthetic ones."""
    await load_reference(operator)
    await add_inventory(operator, UNITS, synthetic=True)
    planned = await plan(operator, keys=keys)
    assert "origin" in [check.name for check in planned.failed]
    assert planned.synthetic
    await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    await add_inventory(operator, 6_000, seed=2)
    later = await plan(operator, keys=keys, today=dt.date(2027, 11, 22))
    (origin,) = [check for check in later.checks if check.name == "origin"]
    assert origin.outcome is Outcome.FAIL
    assert later.synthetic


async def test_nothing_new_is_refused(inventory: Connection, keys: Path) -> None:
    """A second run without new units publishes nothing and says who waits for what."""
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    before = await _everything(inventory)
    with pytest.raises(Refused, match=r"nothing new to publish: .* units wait for their class"):
        await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    assert await _everything(inventory) == before


async def test_banks_need_reference_rows(operator: Connection, keys: Path) -> None:
    """A bank that no reference row describes is named, with what to do."""
    await add_inventory(operator, UNITS)
    with pytest.raises(Refused, match="no reference row for the bank BJ, GD, SC") as refusal:
        await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    assert refusal.value.hint == "Run `cordgraph reference load`, then publish again."


async def test_a_plan_is_what_is_published(inventory: Connection, keys: Path) -> None:
    """Planning writes nothing, and publishing does exactly what was planned."""
    before = await _everything(inventory)
    planned = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=FIRST)
    assert await _everything(inventory) == before
    published = await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=FIRST)
    assert published.digest == planned.figures.digest
    assert (published.added, published.deferred) == (
        planned.figures.added,
        len(planned.batch.deferred),
    )
    (kept,) = await inventory.fetch("select digest, release, profile, checks from intake.plan")
    assert kept["digest"] == planned.digest
    assert kept["checks"] == [check.as_json() for check in planned.checks]
    assert planned.key.hex() not in repr(planned)


async def test_a_plan_is_recorded_once(inventory: Connection, keys: Path) -> None:
    """The same plan leaves one row, another plan a second one."""
    for at_most in (FIRST, FIRST, None):
        planned = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, at_most=at_most)
        await record_plan(inventory, planned)
    assert await inventory.fetchval("select count(*) from intake.plan") == 2


async def test_two_publications_at_once_make_one_release(
    inventory: Connection, database: Access, keys: Path
) -> None:
    """One publishes; the other says that it waited in vain, and adds no second batch."""
    other = await connect(database.require("operator"))
    try:
        outcomes = await asyncio.gather(
            *(
                publish(connection, keys=keys, profile=Profile.SYNTHETIC, at_most=FIRST)
                for connection in (inventory, other)
            ),
            return_exceptions=True,
        )
    finally:
        await other.close()
    (failure,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(failure, Unavailable)
    assert failure.message == "release 1 was published while this one waited"
    assert (await read_history(inventory)).newest == 1


async def test_a_publication_waits_for_a_running_intake(
    inventory: Connection, database: Access, keys: Path
) -> None:
    """A consent that is being withdrawn while a release begins is withdrawn in it."""
    intake = await connect(database.require("operator"))
    try:
        withdrawal = intake.transaction()
        await withdrawal.start()
        await intake.execute("update intake.raw_unit set consent = false where bank = 'SC'")
        publication = asyncio.create_task(publish(inventory, keys=keys, profile=Profile.SYNTHETIC))
        waiting = (
            "select count(*) from pg_locks where not granted and database = "
            "(select oid from pg_database where datname = current_database())"
        )
        while not await intake.fetchval(waiting):  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.01)
        await withdrawal.commit()
        with pytest.raises(Refused, match="contributors: 2 banks"):
            await publication
    finally:
        await intake.close()


async def test_the_database_tells_of_a_release(
    inventory: Connection, reader: Connection, keys: Path
) -> None:
    """Whoever listens hears the number once the release is committed."""
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hear(*arguments: object) -> None:
        heard.put_nowait(str(arguments[-1]))

    await reader.add_listener("cordgraph_release", hear)
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    assert await asyncio.wait_for(heard.get(), timeout=10) == "1"
    await reader.remove_listener("cordgraph_release", hear)


async def test_numbers_tell_nothing_of_the_order_of_intake(
    inventory: Connection, keys: Path
) -> None:
    """Classes are numbered by their values, and units are stored by their ids."""
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    stored = [row[0] for row in await inventory.fetch("select id from open.unit order by ctid")]
    assert stored == sorted(stored)
    classes = [
        tuple(row)
        for row in await inventory.fetch(
            "select c.bank, c.abo from open.batch_class b "
            "join open.unit_class c on c.id = b.class_id order by b.id"
        )
    ]
    assert [bank for bank, _ in classes] == sorted(bank for bank, _ in classes)
    assert {bank for bank, _ in classes} == set(THREE_BANKS)


async def test_the_audit_log_says_who_published_what(inventory: Connection, keys: Path) -> None:
    """The log names the role, the release and its digest."""
    published = await publish(inventory, keys=keys, profile=Profile.SYNTHETIC)
    row = await inventory.fetchrow(
        "select actor, subject, details from intake.audit_log where action = 'release.publish'"
    )
    assert row is not None
    assert (row["actor"], row["subject"]) == ("cordgraph_operator", "release 1")
    assert row["details"]["digest"] == published.digest
    assert row["details"]["added"] == published.added


async def test_an_unknown_release_is_refused(operator: Connection) -> None:
    """Asking for a release that is not there names the newest one."""
    with pytest.raises(Refused, match="there is no release 4; none has been published yet"):
        await read_release(operator, 4)
