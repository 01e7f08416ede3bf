"""`cordgraph scheme`: what it prints, what it keeps, and its exit codes."""

import asyncio
import json
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection, connect
from publishing.reference import load_reference
from tests.command_line import Runner
from tests.inventories import SEVEN_BANKS, add_inventory


@pytest.fixture
def cordgraph(database: Access, tmp_path: Path) -> Runner:
    """The command line with an empty data folder."""
    return Runner(database, tmp_path, "scheme")


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """12,000 units of seven banks and reference data."""
    await load_reference(operator)
    await add_inventory(operator, 12_000, banks=SEVEN_BANKS)
    return operator


async def _count(access: Access, table: str) -> int:
    connection = await connect(access.require("operator"))
    try:
        query = f"select count(*) from {table}"  # noqa: S608 - our own table names
        count: int = await connection.fetchval(query)
        return count
    finally:
        await connection.close()


@pytest.mark.usefixtures("inventory")
def test_a_scheme_from_proposal_to_show(cordgraph: Runner, tmp_path: Path) -> None:
    """Propose, list, freeze and show agree, in JSON and for people."""
    proposed = cordgraph("propose", "--json")
    assert proposed.exit_code == 0, proposed.output
    proposal = json.loads(proposed.stdout)
    assert (proposal["scheme"], proposal["search"]["nodes"]) == (2, 4319)
    assert [row["attribute"] for row in proposal["attributes"]] == [
        "bank",
        "period",
        "abo",
        "tnc",
        "cd34",
        "volume",
        "processing",
    ]
    assert not (tmp_path / "keys").exists()

    listed = json.loads(cordgraph("list", "--json").stdout)
    assert [row["digest"] for row in listed["proposals"]] == [proposal["digest"]]
    assert [(row["scheme"], row["in_force"]) for row in listed["schemes"]] == [(1, True)]

    frozen = cordgraph("freeze", proposal["digest"], "--profile", "synthetic", "--json")
    assert frozen.exit_code == 0, frozen.output
    shown = json.loads(cordgraph("show", "--json").stdout)
    assert shown == json.loads(frozen.stdout)
    assert shown == {"scheme": 2, "in_force": True, **proposal["levels"]}
    assert json.loads(cordgraph("show", "1", "--json").stdout)["in_force"] is False
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["scheme-2.key"]

    listed_text = cordgraph("list").stdout.splitlines()
    assert listed_text[:2] == ["scheme 1  of earlier batches", "scheme 2  in force"]
    assert listed_text[2].startswith(f"proposal {proposal['digest']}  for scheme 2  ")


@pytest.mark.usefixtures("inventory")
def test_a_proposal_explains_itself(cordgraph: Runner, database: Access) -> None:
    """Levels, what is held back and what each finer level would break are told in words."""
    told = cordgraph("propose")
    assert told.exit_code == 0, told.output
    text = " ".join(told.stdout.split())
    assert text.startswith("Proposal for scheme 2, k = 11: it loses ")
    assert "(at most 5 %)" in text
    assert "(at most 10 %)" in text
    assert "(too much)" in text
    assert "5-year periods" in text
    assert "Comparing units ..." in told.stderr
    assert "Searching the lattice ..." in told.stderr
    kept = {table: asyncio.run(_count(database, table)) for table in ("open.scheme", "open.unit")}
    assert kept == {"open.scheme": 0, "open.unit": 0}
    assert asyncio.run(_count(database, "intake.scheme_proposal")) == 1


@pytest.mark.usefixtures("inventory")
def test_freezing_needs_approvals(cordgraph: Runner) -> None:
    """Under the default profile a proposal that nobody approved is refused with what to run."""
    proposal = json.loads(cordgraph("propose", "--json").stdout)
    refused = cordgraph("freeze", proposal["digest"])
    assert refused.exit_code == 1
    assert "needs the approval of 2 people; so far: nobody" in refused.stderr
    assert f"cordgraph scheme approve --digest {proposal['digest']}" in refused.stderr


def test_refusals_say_what_is_missing(cordgraph: Runner) -> None:
    """Nothing to propose, no such scheme and no such proposal are exit code 1."""
    for arguments, message in (
        (("propose",), "error: no unit is eligible: 0 are too recent, 0 look like"),
        (("show", "7"), "error: there is no scheme 7; the newest is 1"),
        (("freeze", "abc", "--profile", "synthetic"), "error: there is no proposal abc"),
    ):
        refused = cordgraph(*arguments)
        assert refused.exit_code == 1
        assert message in refused.stderr


def test_the_scheme_set_by_hand_is_shown_before_any_release(cordgraph: Runner) -> None:
    """Scheme 1 is in force from the start, in words."""
    shown = cordgraph("show")
    assert shown.exit_code == 0, shown.output
    lines = {line.split("  ")[0]: line.split()[-1] for line in shown.stdout.splitlines()}
    assert lines["scheme"] == "1"
    assert lines["in force"] == "yes"
    assert lines["tnc cuts"] == "12.5"
    assert lines["volume cuts"] == "published"
    assert lines["processing"] == "no"
