"""The limit: routes without GraphQL that read the same rows, and write the same bytes.

    python -m benchmarks.servers.bare PORT

``/page/NAME?first=100&after=ID`` reads a page in one statement and writes it with orjson; ``/ready``
returns bytes that lie ready. No framework, no limits, no checks: nothing in Python over asyncpg
under uvicorn can answer faster without keeping answers.
"""

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import orjson

from benchmarks.servers.process import serve
from benchmarks.servers.server import Server
from database.access import Access

_READER = "BARE_READER_URL"
_ANSWERS = "BARE_ANSWERS"
_POOL_SIZE = 10

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_FLAT = """
select u.id, c.abo, c.processing
from (select id, batch_class_id from open.unit where id > $1 order by id limit $2) u
join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
order by u.id
"""
_WHOLE = """
select u.id, c.abo, c.processing, c.period_from, c.period_to,
       c.tnc_min, c.tnc_max, c.cd34_min, c.cd34_max, c.volume_min, c.volume_max,
       k.code, k.name_en, k.city, k.region_code
from (select id, batch_class_id from open.unit where id > $1 order by id limit $2) u
join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
join open.bank k on k.code = c.bank and k.until is null
order by u.id
"""
_LEVELS = "select levels from open.scheme order by number desc limit 1"


def bare(access: Access, logs: Path, answers: Path) -> Server:
    """Return the server over a database.

    Args:
        access: Addresses of the database.
        logs: Folder for its log.
        answers: A JSON file: under ``ready`` the body that ``/ready`` returns, under
            ``extensions`` what the answers of each page hold beside the data.
    """
    command = [sys.executable, "-m", "benchmarks.servers.bare", "{port}"]
    environment = {_READER: access.require("reader"), _ANSWERS: str(answers)}
    return Server("bare", command, environment, logs)


class Bare:
    """The ASGI application.

    Args:
        dsn: Address of the database for the reader.
        answers: What the file of answers holds.
    """

    def __init__(self, dsn: str, answers: dict[str, Any]) -> None:
        self._dsn = dsn
        self._ready: bytes = answers["ready"].encode()
        self._extensions: dict[str, Any] = answers["extensions"]
        self._pool: Any = None
        self._has_tnc = self._has_cd34 = self._has_volume = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["path"]
        if path == "/ready":
            await _answer(send, self._ready)
        elif path.startswith("/page/"):
            await _answer(send, await self._page(path[6:], scope["query_string"]))
        else:
            await _answer(send, b"{}")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            self._dsn, min_size=1, max_size=_POOL_SIZE, reset=_leave
        )
        levels = orjson.loads(await self._pool.fetchval(_LEVELS))
        self._has_tnc = isinstance(levels["tnc_cuts"], list)
        self._has_cd34 = isinstance(levels["cd34_cuts"], list)
        self._has_volume = isinstance(levels["volume_cuts"], list)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _page(self, name: str, query: bytes) -> bytes:
        given = parse_qs(query.decode())
        after = given["after"][0] if "after" in given else ""
        size = int(given["first"][0])
        flat = name == "page_100_flat"
        rows = await self._pool.fetch(_FLAT if flat else _WHOLE, after, size)
        nodes = [_flat(row) for row in rows] if flat else [self._whole(row) for row in rows]
        answer = {"data": {"units": {"nodes": nodes}}, "extensions": self._extensions[name]}
        return orjson.dumps(answer)

    def _whole(self, row: asyncpg.Record) -> dict[str, Any]:
        id_, abo, processing, begin, end, tnc, tnc_to, cd34, cd34_to, low, high, *bank = row
        code, name, city, region = bank
        return {
            "id": id_,
            "aboGroup": abo,
            "processing": processing,
            "collectionPeriod": None if begin is None else {"from": begin, "to": end},
            "tnc": {"min": tnc, "max": tnc_to} if self._has_tnc else None,
            "cd34": {"min": cd34, "max": cd34_to} if self._has_cd34 else None,
            "volume": {"min": low, "max": high} if self._has_volume else None,
            "bank": {"code": code, "name": name, "city": city, "regionCode": region},
        }


def _flat(row: asyncpg.Record) -> dict[str, Any]:
    id_, abo, processing = row
    return {"id": id_, "aboGroup": abo, "processing": processing}


async def _answer(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _leave(_connection: object) -> None:
    """Leave the session as it is: a reset would be one more round trip."""


def main() -> None:
    """Serve until a signal comes."""
    answers = orjson.loads(Path(os.environ[_ANSWERS]).read_bytes())
    serve(Bare(os.environ[_READER], answers))


if __name__ == "__main__":
    main()
