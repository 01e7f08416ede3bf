"""Units that look like one donation counted twice wait, and the operator is told which."""

import datetime as dt
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.release import release_commands
from commands.shell import Shell
from database.access import Access
from database.embedded import EmbeddedServer
from database.migrate import migrate, prepare
from database.pool import Connection, connect
from domain.failures import Refused
from publishing.duplicates import Suspect, find_duplicates, list_duplicates
from publishing.gate import Profile
from publishing.intake.loading import take_in
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme_proposal import propose
from tests.bank_files import HLA, inventory, unit
from tests.inventories import add_inventory

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_SAME = (
    "<A><DNA><FIELD1>A*24:XX</FIELD1><FIELD2>11:01/11:02</FIELD2></DNA></A>"
    "<B><SER><FIELD1>46</FIELD1><FIELD2>B46</FIELD2></SER></B>"
    "<C><DNA><FIELD1>01:02</FIELD1></DNA></C>"
    "<DRB1><DNA><FIELD1>09:01:02G</FIELD1></DNA></DRB1>"
)
"""The type of `HLA` as another laboratory writes it."""


class Banks:
    """Two banks that hand in one inventory after the other."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._day = dt.date(2026, 1, 1)

    async def hand_in(self, bank: str, *units: str) -> None:
        """Take in ``units`` as the whole inventory of ``bank``."""
        self._day += dt.timedelta(1)
        path = self._folder / f"{bank}-{self._day}.xml"
        text = inventory(*units, SNAPSHOT_TIME=f"{self._day}T00:00:00Z")
        path.write_text(text, encoding="utf-8")
        (report,) = await take_in(self._connection, [path], now=_NOW, allow_removals=True)
        assert report.changes is not None, report

    async def alike(self) -> list[list[str]]:
        """Return the numbers of the units that look alike."""
        return [
            [suspect.unit_number for suspect in group]
            for group in await list_duplicates(self._connection)
        ]


@pytest.fixture
def banks(operator: Connection, tmp_path: Path) -> Banks:
    """Two banks without any unit."""
    return Banks(operator, tmp_path)


def _beijing(**changes: str | None) -> str:
    return unit("BJ-1", **changes)


def _guangdong(**changes: str | None) -> str:
    return unit("GD-1", **{"BANK_MANUF_ID": "GD", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"HLA": _SAME},
        {"TNC_FRZN": "1200000000"},
        {"ABO": "O", "CONSENT_OPEN_DATA": None, "STATUS": "RS", "COLL_DATE": None, "VOL": "80"},
    ],
    ids=["copy", "other-notation", "other-number-form", "other-fields"],
)
async def test_one_donation_at_two_banks_is_found(
    banks: Banks, changes: dict[str, str | None]
) -> None:
    """Birth date, cells and type decide, however they are written; nothing else does."""
    await banks.hand_in("BJ", _beijing())
    await banks.hand_in("GD", _guangdong(**changes))

    assert await banks.alike() == [["BJ-1", "GD-1"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"BIRTH_DATE": "2015-05-31"},
        {"TNC_FRZN": "1.201E9"},
        {"TNC_FRZN": None},
        {"HLA": HLA.replace("11:01", "02:01")},
        {"HLA": HLA.replace("11:01", "11:02")},
        {"HLA": HLA.replace("46:01</FIELD1><FIELD2/>", "46:01</FIELD1><FIELD2>40:01</FIELD2>")},
        {"HLA": HLA.replace("11:01", "11:01/30:01").replace("24:02", "24:02/23:01")},
    ],
    ids=["day", "cells", "no-cells", "group", "protein", "heterozygous", "groups-open"],
)
async def test_units_that_differ_are_two_donations(
    banks: Banks, changes: dict[str, str | None]
) -> None:
    """One difference is enough, and what is not known is equal to nothing."""
    await banks.hand_in("BJ", _beijing())
    await banks.hand_in("GD", _guangdong(**changes))

    assert await banks.alike() == []


async def test_unknown_values_do_not_match_each_other(banks: Banks) -> None:
    """Two units without TNC_FRZN are not alike, nor two of which a locus leaves the group open."""
    broad = HLA.replace("46:01", "15:01/46:01")
    await banks.hand_in(
        "BJ",
        unit("BJ-1", TNC_FRZN=None),
        unit("BJ-2", TNC_FRZN=None),
        unit("BJ-3", HLA=broad),
        unit("BJ-4", HLA=broad),
    )

    assert await banks.alike() == []


async def test_a_further_locus_can_tell_two_units_apart(banks: Banks) -> None:
    """Of three units that share the key, one that contradicts both others is not a suspect."""
    of_c = "<C><DNA><FIELD1>{}</FIELD1><FIELD2>{}</FIELD2></DNA></C>"
    await banks.hand_in(
        "BJ",
        unit("BJ-1", HLA=HLA + of_c.format("01:02", "08:01")),
        unit("BJ-2", HLA=HLA + of_c.format("08:XX", "01:XX")),
        unit("BJ-3", HLA=HLA + of_c.format("01:02", "07:02")),
    )

    assert await banks.alike() == [["BJ-1", "BJ-2"]]


async def test_a_renumbered_unit_is_found_until_its_bank_removes_one(banks: Banks) -> None:
    """Two numbers at one bank are one donation; a corrected inventory ends the suspicion."""
    await banks.hand_in("BJ", unit("BJ-1"), unit("BJ-2"))
    assert await banks.alike() == [["BJ-1", "BJ-2"]]

    await banks.hand_in("BJ", unit("BJ-1"), unit("BJ-2", TNC_FRZN="1.3E9"))
    assert await banks.alike() == []

    await banks.hand_in("BJ", unit("BJ-1"), unit("BJ-2"))
    await banks.hand_in("BJ", unit("BJ-2"))
    assert await banks.alike() == []


_TYPED = (
    "update intake.raw_unit set hla_key = '11,24 46 09', hla_normal = "
    """'{"A": ["11:01", "24:02"], "B": ["46:01", null], "DRB1": ["09:01", null]}'"""
)
_COPY = (
    "update intake.raw_unit c set birth_date = o.birth_date, collection_date = null, "
    "tnc_frozen = o.tnc_frozen, consent = true from intake.raw_unit o "
    "where c.unit_number = $1 and o.unit_number = $2"
)


@pytest.fixture
async def stock(operator: Connection) -> Connection:
    """12,000 units of a type that could be one, all told apart by their cells."""
    await load_reference(operator)
    await add_inventory(operator, 12_000, consent=1)
    await operator.execute(_TYPED)
    return operator


async def test_suspects_wait_until_the_matter_is_settled(stock: Connection, keys: Path) -> None:
    """Neither of two suspects is in the plan nor in a proposal; once one is gone the other is."""
    await stock.execute(
        "delete from intake.raw_unit where unit_number = 'S1-00000003' or tnc_frozen is null"
    )
    units = await stock.fetchval("select count(*) from intake.raw_unit")
    await stock.execute(_COPY, "S1-00000002", "S1-00000001")
    suspects = await find_duplicates(stock)
    assert len(suspects) == 2

    before = await plan(stock, keys=keys, profile=Profile.SYNTHETIC)
    drawn = {unit.row for members in before.batch.classes.values() for unit in members}
    drawn |= {unit.row for unit in before.batch.deferred}
    assert before.inventory.counted_twice == before.as_json()["counted_twice"] == 2
    assert before.inventory.eligible == units - 2 == len(drawn)
    assert drawn.isdisjoint(suspects)
    assert (await propose(stock)).units == units - 2

    await stock.execute("delete from intake.raw_unit where unit_number = 'S1-00000002'")
    after = await plan(stock, keys=keys, profile=Profile.SYNTHETIC)
    assert (after.inventory.counted_twice, after.inventory.eligible) == (0, units - 1)


async def test_what_looks_like_a_published_unit_waits(stock: Connection, keys: Path) -> None:
    """A donation that a release holds is not published again under another number."""
    await publish(stock, keys=keys, profile=Profile.SYNTHETIC)
    published = await stock.fetchval(
        "select r.unit_number from intake.raw_unit r join intake.unit_map m "
        "on m.raw_unit_id = r.id where m.release = 1 and r.tnc_frozen is not null "
        "order by r.id limit 1"
    )
    await add_inventory(stock, 1, seed=2, consent=1)
    await stock.execute(_TYPED)
    await stock.execute(_COPY, "S2-00000001", published)

    planned = await plan(stock, keys=keys, profile=Profile.SYNTHETIC)

    assert planned.inventory.counted_twice == 1
    assert [
        [(unit.unit_number, unit.release) for unit in group]
        for group in await list_duplicates(stock)
    ] == [[(published, 1), ("S2-00000001", None)]]


async def test_a_refusal_tells_that_units_are_counted_twice(
    banks: Banks, operator: Connection, keys: Path
) -> None:
    """Where nothing else is left to publish, the reason is named."""
    await load_reference(operator)
    await banks.hand_in("BJ", *(unit(f"BJ-{number}") for number in range(20)))

    for refused in (propose(operator), publish(operator, keys=keys, profile=Profile.SYNTHETIC)):
        with pytest.raises(Refused, match="20 look like one donation counted twice"):
            await refused


def _command(access: Access, home: Path) -> Callable[..., str]:
    environment = {
        "CORDGRAPH_HOME": str(home),
        "CORDGRAPH_OPERATOR_URL": access.require("operator"),
        "COLUMNS": "120",
    }
    group = Shell(name="cordgraph", commands={"release": release_commands})

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(group, ["release", *arguments], env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
async def two_donations(banks: Banks) -> None:
    """Two donations, each at both banks; one bank has no consent for one of them."""
    await banks.hand_in("BJ", _beijing(), unit("BJ-2", BIRTH_DATE="2015-05-30"))
    await banks.hand_in(
        "GD",
        _guangdong(CONSENT_OPEN_DATA="N"),
        unit("GD-2", BANK_MANUF_ID="GD", BIRTH_DATE="2015-05-30"),
    )


def test_without_suspects_the_operator_is_told_so(database: Access, tmp_path: Path) -> None:
    """An empty table would leave doubts."""
    run = _command(database, tmp_path)

    assert run("duplicates") == "No unit looks like another one.\n"
    assert run("duplicates", "--json") == "[]\n"


@pytest.mark.usefixtures("two_donations")
def test_the_operator_sees_which_units_they_are(database: Access, tmp_path: Path) -> None:
    """Banks, numbers and states stand in the table and in the JSON, donation by donation."""
    run = _command(database, tmp_path)

    table = run("duplicates")
    told = json.loads(run("duplicates", "--json"))

    rows = [line.strip("│ ").split("│") for line in table.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["1", "BJ", "BJ-2", "waits"],
        ["1", "GD", "GD-2", "waits"],
        ["2", "BJ", "BJ-1", "waits"],
        ["2", "GD", "GD-1", "has no consent"],
    ]
    assert "2 donations; 4 units wait." in table
    assert told[1] == [
        Suspect("BJ", "BJ-1", consent=True, release=None).as_json(),
        {"bank": "GD", "unit": "GD-1", "consent": False, "release": None},
    ]


async def test_units_that_were_there_before_are_compared_too(
    server: EmbeddedServer, template_database: str, tmp_path: Path
) -> None:
    """The migration reads the alleles of stored units as intake does, and leaves antigens out."""
    assert template_database
    for file in files("migrations").iterdir():
        if file.name.endswith(".sql") and file.name < "0012":
            (tmp_path / file.name).write_text(file.read_text(), encoding="utf-8")
    maintenance = await connect(server.dsn(database="postgres"))
    await maintenance.execute("create database before_duplicates template template0")
    dsn = server.dsn(database="before_duplicates")
    await migrate(dsn, folder=tmp_path)
    connection = await connect(dsn)
    await connection.execute("set search_path = intake")
    await add_inventory(connection, 4, normal=False)
    typings = (
        {"A": ["A*11:01", "02:01:01:02L"], "B": ["46:XX", None], "DRB1": ["09:01", "09:01"]},
        {"A": ["11:01", "02:01"], "B": ["46:01:01G", "46"], "DRB1": ["09:01P", None]},
        {"A": ["11:01/11:02", "02:01"], "B": ["46:01", None]},
    )
    for line, typing in enumerate(typings, start=1):
        hla = {locus: {"DNA": values} for locus, values in typing.items()}
        await connection.execute("update raw_unit set hla = $2 where line = $1", line, hla)
    antigens = {"A": {"SER": ["2", "11"]}, "B": {"SER": ["46", None]}}
    await connection.execute("update raw_unit set hla = $1 where line = 4", antigens)

    await prepare(dsn, {})

    rows = await connection.fetch("select hla_normal, hla_key from raw_unit order by line")
    assert [tuple(row) for row in rows] == [
        (
            {"A": ["02:01", "11:01"], "B": ["46", None], "DRB1": ["09:01", "09:01"]},
            "02,11 46 09",
        ),
        ({"A": ["02:01", "11:01"], "B": ["46", "46"], "DRB1": ["09", None]}, "02,11 46 09"),
        ({"A": ["02:01", None], "B": ["46:01", None]}, None),
        ({}, None),
    ]
    await connection.close()
    await maintenance.execute("drop database before_duplicates with (force)")
    await maintenance.close()
