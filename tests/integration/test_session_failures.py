"""What a command says when the server gives up in the middle of it."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from commands.session import operator_session
from database.access import VARIABLES, Access
from database.pool import connect
from domain.failures import Unavailable


@pytest.fixture
def named(database: Access, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Have the environment name `database`."""
    for role, variable in VARIABLES.items():
        monkeypatch.setenv(variable, database.require(role))
    monkeypatch.setenv("CORDGRAPH_HOME", str(home))


@pytest.mark.parametrize("code", ["53100", "53200", "53400"])
@pytest.mark.usefixtures("named")
async def test_no_room_left(code: str) -> None:
    """A full disk, no memory and any other lack of resources is said in a sentence, with a hint."""
    raising = (
        f"do $$ begin raise exception 'could not extend file' using errcode = '{code}'; end $$"
    )
    with pytest.raises(Unavailable) as refusal:
        async with operator_session() as connection:
            await connection.execute(raising)
    assert refusal.value.message == "the database has no room left: could not extend file"
    assert refusal.value.hint == "Nothing is half-done; make room and run the command again."


@pytest.mark.usefixtures("named")
async def test_a_broken_protocol_is_a_lost_connection() -> None:
    """What asyncpg raises when its own state is broken by a dying server is a lost connection."""
    with pytest.raises(Unavailable, match="the connection to the database was lost: got result"):
        async with operator_session():
            raise asyncpg.InternalClientError("got result for unknown protocol state 3")


@pytest.mark.parametrize("code", ["57P01", "57P02"])
async def test_a_server_that_ends_while_we_connect(home: Path, code: str) -> None:
    """A server that shuts down or has crashed in the middle of the handshake is unavailable."""
    fields = f"SFATAL\0VFATAL\0C{code}\0Mgoing down\0\0".encode()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        writer.close()

    async with await asyncio.start_unix_server(answer, home / ".s.PGSQL.5432"):
        with pytest.raises(Unavailable, match=r"cannot connect to u@.*/d: going down"):
            await connect(f"postgresql://u:secret@/d?host={home}&port=5432")
