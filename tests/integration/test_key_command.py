"""`cordgraph key`: keys are shown once, kept as hashes, and revoked for good."""

import asyncio
import json
import re

import pytest
from click.testing import CliRunner, Result

from commands.key import key_commands
from commands.shell import Shell
from database.access import Access
from database.pool import connect
from domain.api_keys import api_key_sha256


@pytest.fixture
def database_url(database: Access) -> str:
    """Address of the database for the operator."""
    return database.require("operator")


def _cordgraph(url: str, *arguments: str) -> Result:
    group = Shell(name="cordgraph", commands={"key": key_commands})
    environment = {"CORDGRAPH_OPERATOR_URL": url, "COLUMNS": "200"}
    return CliRunner().invoke(group, ["key", *arguments], env=environment)


def _issue(url: str, *arguments: str) -> str:
    result = _cordgraph(url, "issue", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_key_is_printed_once(database_url: str) -> None:
    """Standard output has the key and nothing else; no list shows it again."""
    key = _issue(database_url, "--label", "Portal [1] 你好", "--quota", "5")
    assert re.fullmatch(r"cgk_[A-Za-z0-9_-]{43}", key)
    listed = json.loads(_cordgraph(database_url, "list", "--json").stdout)
    assert [(each["id"], each["label"], each["quotaPerMinute"]) for each in listed] == [
        (1, "Portal [1] 你好", 5)
    ]
    assert listed[0]["revokedAt"] is None
    assert key not in _cordgraph(database_url, "list").stdout
    assert "Portal [1] 你好" in _cordgraph(database_url, "list").stdout


def test_the_hash_is_that_of_the_key(database_url: str, database: Access) -> None:
    """A service that is shown the key finds its row."""
    key = _issue(database_url, "--label", "a")

    async def stored() -> tuple[str, int]:
        connection = await connect(database.require("owner"))
        row = await connection.fetchrow("select key_sha256, quota_per_minute from service.api_key")
        await connection.close()
        assert row
        return row[0], row[1]

    assert asyncio.run(stored()) == (api_key_sha256(key), 600_000)


def test_a_key_is_revoked_once(database_url: str) -> None:
    """A second time, and an unknown number, are refused."""
    _issue(database_url, "--label", "a")
    revoked = _cordgraph(database_url, "revoke", "1")
    assert (revoked.exit_code, revoked.stdout) == (0, "Key 1 is revoked.\n")
    (listed,) = json.loads(_cordgraph(database_url, "list", "--json").stdout)
    assert listed["revokedAt"] is not None
    again = _cordgraph(database_url, "revoke", "1")
    assert (again.exit_code, "key 1 is revoked already" in again.stderr) == (1, True)
    unknown = _cordgraph(database_url, "revoke", "2")
    assert (unknown.exit_code, "there is no key 2" in unknown.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--label", " "),
        ("--label", "a\nb"),
        ("--label", "a" * 201),
        ("--label", "a", "--quota", "0"),
        ("--label", "a", "--quota", "2147483648"),
        (),
    ],
)
def test_a_label_and_a_sensible_quota_are_needed(
    database_url: str, arguments: tuple[str, ...]
) -> None:
    """Nothing is issued otherwise."""
    assert _cordgraph(database_url, "issue", *arguments).exit_code == 2
    assert json.loads(_cordgraph(database_url, "list", "--json").stdout) == []
