"""What the log of the server says while roles are made: nothing that opens a door."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from database.access import embedded_access
from database.embedded import EmbeddedServer
from database.pool import connect
from database.roles import OPERATOR, ensure_roles

_TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_duration": "on",
    "log_min_error_statement": "debug5",
}


async def test_no_verifier_is_logged(home: Path) -> None:
    """A server that logs all statements is not told of a verifier, nor if the statement fails."""
    folder = home / "postgres"
    with EmbeddedServer(folder, settings=_TALKATIVE) as server:
        connection = await connect(server.dsn())
        await ensure_roles(connection, embedded_access(server).role_passwords())
        # A lock on the catalogue makes the statement itself fail, after it was parsed.
        other = await connect(server.dsn())
        change = other.transaction()
        await change.start()
        await other.execute(f"alter role {OPERATOR} connection limit 50")
        await connection.execute("set statement_timeout = '200ms'")
        with pytest.raises(asyncpg.QueryCanceledError):
            await ensure_roles(connection, {OPERATOR: "another"})
        await change.rollback()
        assert await connection.fetchval("show log_statement") == "all"
        await connection.close()
        await other.close()
    log = (folder / "server.log").read_text()
    assert "show log_statement" in log
    assert "canceling statement due to statement timeout" in log
    assert "SCRAM-SHA-256$" not in log


async def test_many_at_once_on_one_database(server: EmbeddedServer, template_database: str) -> None:
    """Twelve processes that set passwords at once take turns, and none of them fails."""
    passwords = embedded_access(server, template_database).role_passwords()
    connections = [await connect(server.dsn(database="postgres")) for _ in range(12)]
    done = await asyncio.gather(*(ensure_roles(each, passwords) for each in connections))
    assert done == [None] * 12
    for each in connections:
        await each.close()
