"""Addresses of the database: where they come from, and that no password is ever shown."""

import os
from pathlib import Path

import asyncpg
import pytest

from database.access import Access, data_home, open_access
from database.pool import connect, open_pool, place
from database.roles import OPERATOR, READER, SERVICE
from domain.failures import Unavailable

_READER = (
    f"postgresql://{READER}:pa%3Ass-WORD@one.example:5433,two.example/data?target_session_attrs=any"
)


def test_real_server_takes_the_place_of_the_embedded_one(home: Path) -> None:
    """Any address in the environment means a real server, and nothing is started or made."""
    with open_access(home, {"CORDGRAPH_READER_URL": _READER}) as access:
        assert access == Access(owner=None, operator=None, reader=_READER, service=None)
        assert access.require("reader") == _READER
        with pytest.raises(Unavailable) as refusal:
            access.require("owner")
    assert refusal.value.message == "DATABASE_URL is not set, and another database address is"
    assert list(home.iterdir()) == []


def test_passwords_for_the_roles() -> None:
    """A role gets the password that stands with its own name, decoded, and no other."""
    access = Access(
        owner="postgresql://owner:other@h/d",
        operator="postgresql://somebody:other@h/d",
        reader=_READER,
        service=f"postgresql://{SERVICE}@h/d",
    )
    assert access.role_passwords() == {OPERATOR: None, READER: "pa:ss-WORD", SERVICE: None}


def test_repr_hides_passwords() -> None:
    """An access that lands in a log or a traceback shows places only."""
    access = Access(owner=None, operator=None, reader=_READER, service="x:y")
    assert repr(access) == (
        "Access(owner=None, operator=None, "
        f"reader={READER}@one.example:5433,two.example/data, "
        "service=an address that is not of the form postgresql://USER:PASSWORD@HOST/DATABASE)"
    )


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("postgresql://u:secret@h/d", "u@h/d"),
        ("postgres://u@[::1]:5432/d?x=1", "u@[::1]:5432/d"),
        ("postgresql://u:secret@/d?host=%2Frun%2Fpg", "u@/run/pg/d"),
        ("postgresql://h", "h"),
        ("postgresql:///d", "localhost/d"),
    ],
)
def test_place(dsn: str, expected: str) -> None:
    """A message names user, hosts and database."""
    assert place(dsn) == expected


@pytest.mark.parametrize("secret", ["se#cret", "se/cret", "se?cret", "se@cret", "12/cret", "1?c"])
async def test_password_that_is_not_encoded_is_not_shown(secret: str) -> None:
    """A malformed address is refused without quoting any part of it."""
    with pytest.raises(Unavailable) as refusal:
        await connect(f"postgresql://u:{secret}@127.0.0.1:9/d")
    assert "cret" not in refusal.value.message
    assert "postgresql://USER:PASSWORD@HOST/DATABASE" in refusal.value.message


async def test_no_server(home: Path) -> None:
    """A server that is not there is named with the reason, and without the password."""
    dsn = f"postgresql://u:secret@/d?host={home}"
    for attempt in (connect(dsn), open_pool(dsn)):
        with pytest.raises(Unavailable) as refusal:
            await attempt
        assert refusal.value.message.startswith(f"cannot connect to u@{home}/d: ")
        assert "No such file or directory" in refusal.value.message
        assert "secret" not in refusal.value.message


async def test_no_such_database(database: Access) -> None:
    """A database that does not exist is named with the reason."""
    dsn = database.require("reader").replace("/test_", "/missing_")
    with pytest.raises(Unavailable, match="does not exist"):
        await connect(dsn)


async def test_json_is_a_python_value(database: Access) -> None:
    """Columns of type json and jsonb are Python values, both ways."""
    value = {"a": [1, None, "\u8840"]}
    connection = await connect(database.require("reader"))
    assert await connection.fetchval("select $1::jsonb", value) == value
    assert await connection.fetchval("select $1::json", value) == value
    await connection.close()


@pytest.mark.parametrize("prepared", [True, False])
async def test_statement_timeout(database: Access, *, prepared: bool) -> None:
    """A statement that takes too long is cancelled by the server, or given up by the client."""
    pool = await open_pool(
        database.require("reader"), size=2, statement_timeout_ms=50, prepared=prepared, reset=False
    )
    if prepared:
        with pytest.raises(asyncpg.QueryCanceledError):
            await pool.fetch("select pg_sleep(600)")
    settings = await pool.fetchrow(
        "select current_setting('statement_timeout'), current_setting('application_name')"
    )
    assert settings
    assert tuple(settings) == ("50ms" if prepared else "15s", "cordgraph")
    statements = await pool.fetchval("select count(*) from pg_prepared_statements where name <> ''")
    assert (statements > 0) is prepared
    await pool.close()


def test_data_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data live where the environment says, else where the system keeps such data."""
    assert data_home({"CORDGRAPH_HOME": "/srv/cord"}) == Path("/srv/cord")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert data_home({"XDG_DATA_HOME": "/data"}) == Path("/var/lib/cordgraph")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert data_home({"XDG_DATA_HOME": "/data"}) == Path("/data/cordgraph")
    monkeypatch.setenv("HOME", "/home/someone")
    assert data_home({}) == Path("/home/someone/.local/share/cordgraph")
