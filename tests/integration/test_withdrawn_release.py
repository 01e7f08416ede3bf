"""A release that was withdrawn, over HTTP: gone at once from every process, its entry stays."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from api.endpoint.freshness import Freshness
from database.access import Access
from database.pool import Connection
from publishing.gate import Profile
from publishing.plan import plan, record_plan
from publishing.release_withdrawal import plan_release_withdrawal, withdraw_release
from publishing.withdrawal import Cause
from tests.published import TODAY
from tests.serve_process import running_process
from tests.watching import DEAF, LISTENING, SEEN_S, clients_of, until

_NEWEST = "/graphql/2027-01"
_PINNED = "/graphql/2026-10"
"""An unstable version is never pinned."""
_ACCEPT = {"accept": "application/graphql-response+json"}
_TOTAL = "{ units { totalCount } }"
_BOTH = "{ a: units(release: 2) { totalCount } b: units(release: 3) { totalCount } }"
_LISTED = "{ releases { nodes { number state withdrawnReason digest } } }"
_GATE = "{ service { gate { open release reasons } } }"
_REASON = "Cell counts of one bank were wrong."


async def _withdraw_third(operator: Connection) -> None:
    planned = await plan_release_withdrawal(operator, 3, Cause.FAULT, _REASON)
    await withdraw_release(operator, planned, Profile.SYNTHETIC)


async def _get(
    client: httpx.AsyncClient, query: str, release: int | None = None, **headers: str
) -> httpx.Response:
    address, pinned = (_PINNED, {"release": release}) if release else (_NEWEST, {})
    sent = {**_ACCEPT, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await client.get(address, params={"query": query, **pinned}, headers=sent)


async def _status(client: httpx.AsyncClient, query: str, release: int, etag: str) -> int:
    return (await _get(client, query, release, if_none_match=etag)).status_code


async def _data(client: httpx.AsyncClient, query: str) -> Any:
    return (await _get(client, query)).json()["data"]


async def _kept_tag(client: httpx.AsyncClient, release: int) -> str:
    """Ask for a pinned answer twice, so that the service keeps it; return its tag."""
    first, again = [await _get(client, _TOTAL, release) for _ in range(2)]
    assert first.status_code == 200
    assert first.headers["cache-control"] == Freshness.PINNED.value
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    tag: str = first.headers["etag"]
    return tag


def _check_gone(answer: httpx.Response) -> None:
    """Gone for good, and why; nobody may keep that, since there is nothing to keep."""
    assert answer.status_code == 410
    assert answer.headers.get("cache-control", "no-store") == "no-store"
    assert "etag" not in answer.headers
    body = answer.json()
    assert "data" not in body
    (error,) = body["errors"]
    day = error["extensions"].pop("withdrawnAt")
    assert error == {
        "message": f'Release 3 was withdrawn on {day[:10]}: "{_REASON}". '
        'The field "releases" lists the others.',
        "extensions": {"code": "RELEASE_WITHDRAWN", "release": 3, "reason": _REASON},
    }


async def test_what_is_pinned_to_it_is_gone(world: Access, operator: Connection) -> None:
    """410 in every process after two seconds at most, also for who has the answer's tag."""
    async with clients_of(world, DEAF, LISTENING) as clients:
        tags = [await _kept_tag(client, 3) for client in clients]
        others = [await _kept_tag(client, 2) for client in clients]
        await _withdraw_third(operator)
        for client, tag in zip(clients, tags, strict=True):
            await until(partial(_status, client, _TOTAL, 3, tag), 410, SEEN_S)
        for client, other in zip(clients, others, strict=True):
            _check_gone(await _get(client, _TOTAL, 3))
            _check_gone(await _get(client, "{ releases { totalCount } }", 3))
            for method in ("POST", "QUERY"):
                url, body = f"{_PINNED}?release=3", {"query": _TOTAL}
                _check_gone(await client.request(method, url, json=body))
            assert await _status(client, _TOTAL, 2, other) == 304


async def test_its_entry_stays_with_the_reason(world: Access, operator: Connection) -> None:
    """Lists go on naming it; the latest is the one before; fields of others are answered."""
    async with clients_of(world, LISTENING) as (client,):
        before = (await _data(client, _LISTED))["releases"]["nodes"]
        two = (await _data(client, "{ units(release: 2) { totalCount } }"))["units"]
        await _withdraw_third(operator)
        latest = {"release": {"number": 2, "state": "PUBLISHED"}}
        await until(partial(_data, client, "{ release { number state } }"), latest, SEEN_S)
        told = {"state": "WITHDRAWN", "withdrawnReason": _REASON}
        listed = (await _data(client, _LISTED))["releases"]["nodes"]
        assert listed[2] == {**before[2], **told}
        assert [each["state"] for each in listed] == ["SUPERSEDED", "PUBLISHED", "WITHDRAWN"]
        answer = await _get(client, _BOTH)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json()["data"] == {"a": two, "b": None}
        (error,) = answer.json()["errors"]
        assert error["path"] == ["b"]
        assert error["extensions"]["reason"] == _REASON
        assert answer.headers["cordgraph-releases"] == "2"


async def test_every_worker_forgets_it(world: Access, operator: Connection) -> None:
    """Of several processes on one socket none goes on answering with what it has kept."""
    with running_process(world, "--workers", "2") as (_, url):
        limits = httpx.Limits(max_keepalive_connections=0)  # each request may meet another worker
        async with httpx.AsyncClient(base_url=url, limits=limits) as client:
            for _ in range(20):
                assert (await _get(client, _TOTAL, 3)).status_code == 200
            await _withdraw_third(operator)
            await asyncio.sleep(SEEN_S)
            statuses = [(await _get(client, _TOTAL, 3)).status_code for _ in range(20)]
            assert statuses == [410] * 20


async def test_a_look_at_the_gate_is_seen_by_all(
    world: Access, operator: Connection, tmp_path: Path
) -> None:
    """In every process after two seconds at most, though it is answered from memory."""
    async with clients_of(world, DEAF, DEAF) as clients:
        for client in clients:
            answer = await _get(client, _GATE)
            gate = answer.json()["data"]["service"]["gate"]
            assert gate == {"open": True, "release": 3, "reasons": []}
            assert answer.headers["cache-control"] == Freshness.CURRENT.value
        planned = await plan(operator, keys=tmp_path / "keys", today=TODAY)
        await record_plan(operator, planned)
        reasons = ["VOLUME", "ORIGIN", "TIME", "GOVERNANCE"]
        closed = {"service": {"gate": {"open": False, "release": 4, "reasons": reasons}}}
        for client in clients:
            await until(partial(_data, client, _GATE), closed, SEEN_S)
