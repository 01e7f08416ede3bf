"""What is published reaches every running process by itself."""

from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import newest
from database.access import Access
from database.pool import Connection, connect
from publishing.gate import Profile
from publishing.release import publish
from tests.inventories import add_inventory
from tests.published import BANKS, THREE_PERIODS, TODAY
from tests.watching import DEAF, LISTENING, SEEN_S, clients_of, until

_LATEST = "{ release { number } }"
_TOTALS = "{ a: units(release: 2) { totalCount } b: units(release: 3) { totalCount } }"
_PAGE = "{ units { nodes { id } } }"


async def _ask(client: httpx.AsyncClient, query: str) -> Any:
    """Return the data, or the code of the first error."""
    answer = await client.post("/graphql/2026-10", json={"query": query})
    body = answer.json()
    return body["errors"][0]["extensions"]["code"] if "errors" in body else body["data"]


async def _publish_fourth(access: Access, folder: Path) -> None:
    connection = await connect(access.require("operator"))
    try:
        await add_inventory(
            connection, 2_400, seed=4, synthetic=True, banks=BANKS, days=THREE_PERIODS
        )
        await publish(connection, keys=folder / "keys", profile=Profile.SYNTHETIC, today=TODAY)
    finally:
        await connection.close()


async def test_a_release_is_seen_by_all_without_being_told(world: Access, tmp_path: Path) -> None:
    """Two processes that cannot listen answer with a new release after two seconds at most."""
    async with clients_of(world, DEAF, DEAF) as clients:
        for client in clients:
            assert await _ask(client, _LATEST) == {"release": {"number": 3}}
        await _publish_fourth(world, tmp_path)
        for client in clients:
            await until(partial(_ask, client, _LATEST), {"release": {"number": 4}}, SEEN_S)


async def test_a_notification_hastens_it(
    world: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that looks once an hour knows of a release because the database tells it."""
    monkeypatch.setattr(newest, "_LOOK_S", 3_600.0)
    monkeypatch.setattr(newest, "STALE_S", 3_600.0)
    async with clients_of(world, LISTENING) as (client,):
        assert await _ask(client, _LATEST) == {"release": {"number": 3}}
        await _publish_fourth(world, tmp_path)
        await until(partial(_ask, client, _LATEST), {"release": {"number": 4}})


async def test_withdrawals_are_seen_by_all(world: Access, owner: Connection) -> None:
    """Of a class and of a release; the releases before the withdrawal hold the class as ever."""
    async with clients_of(world, DEAF, DEAF) as clients:
        before = await _ask(clients[0], _TOTALS)
        units = await owner.fetchval(
            "update open.batch_class set withdrawn = 3 where id = 1 returning units"
        )
        after = {"a": before["a"], "b": {"totalCount": before["b"]["totalCount"] - units}}
        for client in clients:
            await until(partial(_ask, client, _TOTALS), after, SEEN_S)
        await owner.execute(
            "update open.release set withdrawn_at = now(), withdrawn_reason = 'test' "
            "where number = 3"
        )
        for client in clients:
            await until(partial(_ask, client, _LATEST), {"release": {"number": 2}}, SEEN_S)
            assert await _ask(client, "{ units(release: 3) { totalCount } }") == "RELEASE_WITHDRAWN"


async def test_a_lost_database_is_found_again(
    world: Access, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Units fail at once, what is in memory when it may be stale; both heal by themselves."""
    monkeypatch.setattr(newest, "STALE_S", 3.0)
    name = await owner.fetchval("select current_database()")
    async with clients_of(world, LISTENING) as (client,):
        page = await _ask(client, _PAGE)
        await owner.execute(f"alter database {name} connection limit 0")
        await owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where usename = 'cordgraph_reader' and datname = current_database()"
        )
        assert await _ask(client, "{ units(last: 5) { nodes { id } } }") == "UNAVAILABLE"
        await until(partial(_ask, client, _LATEST), "UNAVAILABLE")
        assert (await client.get("/health/ready")).status_code == 503
        await owner.execute(f"alter database {name} connection limit -1")
        await until(partial(_ask, client, _LATEST), {"release": {"number": 3}})
        assert await _ask(client, _PAGE) == page
        assert (await client.get("/health/ready")).status_code == 200
