"""`cordgraph release` and `cordgraph reference`: what they print and their exit codes."""

import asyncio
import json
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection, connect
from tests.command_line import Runner
from tests.inventories import place_key

FAKE = ("--profile", "synthetic")


async def _count(access: Access, query: str) -> int:
    connection = await connect(access.require("operator"))
    try:
        count: int = await connection.fetchval(query)
        return count
    finally:
        await connection.close()


@pytest.fixture
def cordgraph(database: Access, tmp_path: Path) -> Runner:
    """The command line with a known key."""
    place_key(tmp_path / "keys")
    return Runner(database, tmp_path)


@pytest.mark.usefixtures("inventory")
def test_a_release_from_plan_to_show(cordgraph: Runner) -> None:
    """Plan, publish, list and show agree, in JSON and for people."""
    planned = cordgraph("release", "plan", *FAKE, "--at-most", "9000", "--json")
    assert planned.exit_code == 0, planned.output
    plan = json.loads(planned.stdout)
    assert plan["passed"] is True
    assert plan["added"] + plan["deferred"] == 9_000
    outcomes = {check["name"]: check["outcome"] for check in plan["checks"]}
    assert outcomes.pop("hla-approval") == "left-out"
    assert set(outcomes.values()) == {"pass", "relaxed"}
    assert plan["hla"]["tables"] == []
    assert plan["hla"]["remarks"] == ["no approval to open HLA data is recorded"]

    published = cordgraph("release", "publish", *FAKE, "--at-most", "9000", "--json")
    assert published.exit_code == 0, published.output
    release = json.loads(published.stdout)
    assert (release["number"], release["added"]) == (1, plan["added"])

    told = cordgraph("release", "publish", *FAKE)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("Published release 2 (synthetic): ")

    listed = json.loads(cordgraph("release", "list", "--json").stdout)
    assert [row["number"] for row in listed] == [1, 2]
    shown = json.loads(cordgraph("release", "show", "1", "--json").stdout)
    assert shown == listed[0]
    assert shown["digest"] == release["digest"]
    table = cordgraph("release", "list").stdout
    assert f"{shown['unit_count']:,}" in table
    assert shown["digest"] in cordgraph("release", "show", "1").stdout


@pytest.mark.usefixtures("inventory")
def test_a_plan_is_readable(cordgraph: Runner) -> None:
    """Every check is printed with value, limit and reason, and what is missing is named."""
    planned = cordgraph("release", "plan")
    assert planned.exit_code == 1
    text = " ".join(planned.stdout.split())
    assert text.startswith("Release 1 under scheme 1, profile strict: ")
    assert "at least 11" in text
    assert "The gate is closed: waivers, approvals" in text


@pytest.mark.usefixtures("inventory")
def test_a_plan_is_kept(cordgraph: Runner, database: Access) -> None:
    """A plan that was looked at stays in the intake zone, once, and publishes nothing."""
    for _ in range(2):
        cordgraph("release", "plan", *FAKE)
    assert asyncio.run(_count(database, "select count(*) from intake.plan")) == 1
    assert asyncio.run(_count(database, "select count(*) from open.release")) == 0


@pytest.mark.usefixtures("inventory")
def test_a_closed_gate_is_exit_code_1(cordgraph: Runner) -> None:
    """Refusals are two lines on the standard error output, without a traceback."""
    refused = cordgraph("release", "publish")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "error: the gate is closed for release 1:" in refused.stderr
    assert "hint: `cordgraph release plan` shows every check with its reason." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_reference_data_are_loaded_once(cordgraph: Runner) -> None:
    """The command says what changed."""
    first = cordgraph("reference", "load")
    assert first.exit_code == 0
    assert first.stdout == (
        "Release 1 and later read:\n"
        "  banks        7 added, 0 changed, 0 removed, 0 unchanged\n"
        "  indications  49 added, 0 changed, 0 removed, 0 unchanged\n"
    )
    again = cordgraph("reference", "load")
    assert "  banks        0 added, 0 changed, 0 removed, 7 unchanged\n" in again.stdout


def test_without_any_release(cordgraph: Runner) -> None:
    """Lists are empty and a plan of nothing is refused, with sentences."""
    listed = cordgraph("release", "list")
    assert listed.exit_code == 0
    assert listed.stdout == "No release has been published yet.\n"
    shown = cordgraph("release", "show", "1")
    assert shown.exit_code == 1
    assert "there is no release 1; none has been published yet" in shown.stderr
    planned = cordgraph("release", "plan")
    assert planned.exit_code == 1
    assert "There is nothing new to publish." in planned.stdout


@pytest.fixture
async def emptied(database: Access, owner: Connection) -> Access:
    """A database without the open zone."""
    await owner.execute("drop schema open cascade")
    return database


def test_a_database_without_tables_is_said(emptied: Access, tmp_path: Path) -> None:
    """The command names what to run first, with exit code 3."""
    result = Runner(emptied, tmp_path)("release", "list")
    assert result.exit_code == 3
    assert "the database has no tables of CordGraph" in result.stderr
    assert "hint: Run `cordgraph migrate`." in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("release",),
        ("release", "plan"),
        ("release", "publish"),
        ("release", "list"),
        ("release", "show"),
        ("reference",),
        ("reference", "load"),
    ],
)
def test_every_command_has_help_with_an_example(
    cordgraph: Runner, command: tuple[str, ...]
) -> None:
    """--help shows how the command is used."""
    helped = cordgraph(*command, "--help")
    assert helped.exit_code == 0
    assert "Example" in helped.stdout
    assert f"cordgraph {' '.join(command)}" in helped.stdout


@pytest.mark.parametrize("at_most", ["0", "-1", "many"])
def test_a_wrong_limit_is_wrong_usage(cordgraph: Runner, at_most: str) -> None:
    """A limit below one, or no number, is exit code 2."""
    result = cordgraph("release", "publish", "--at-most", at_most)
    assert result.exit_code == 2
    assert "--at-most" in result.stderr
