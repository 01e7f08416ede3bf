"""Files that intake refuses, in part or as a whole: each is told why, and leaves no trace."""

import gzip
import os
from pathlib import Path

import pytest

from database.pool import Connection
from publishing.intake.faults import Code
from publishing.intake.loading import check
from publishing.intake.submission_report import Outcome
from tests.bank_files import inventory, unit
from tests.intake_runs import NOW, everything_stored, stored_units, take_files, write_file


async def test_one_fault_refuses_the_file(operator: Connection, tmp_path: Path) -> None:
    """Without tolerance nothing is loaded, every fault is told, and other files are loaded."""
    faulty = write_file(tmp_path, "BJ.xml", unit("BJ-1"), unit("BJ-2", ABO="X"), unit("BJ-1"))
    fine = write_file(tmp_path, "GD.xml", unit("GD-1", BANK_MANUF_ID="GD"))

    refused, loaded = await take_files(operator, faulty, fine)

    assert refused.refused
    assert (refused.units_read, refused.units_refused) == (3, 2)
    assert [(fault.code, fault.line, fault.message) for fault in refused.faults.kept] == [
        (Code.VALUE_UNKNOWN, 27, "ABO must be one of A, B, O, AB."),
        (
            Code.DUPLICATE_ID,
            43,
            "ID must be unique in its bank; the unit that begins on line 4 has it.",
        ),
    ]
    assert not loaded.refused
    assert list(await stored_units(operator)) == ["GD/GD-1"]
    assert await operator.fetchval("select count(*) from intake.submission") == 1
    assert await operator.fetchval("select count(*) from intake.rejection") == 0


@pytest.mark.parametrize(("tolerance", "outcome"), [(25, Outcome.LOADED), (24.9, Outcome.REFUSED)])
async def test_tolerance_is_a_share_of_the_units(
    operator: Connection, tmp_path: Path, tolerance: float, outcome: Outcome
) -> None:
    """One of four units may be refused at 25 %, and is listed as a rejection."""
    numbers = ("BJ-1", "BJ-2", "BJ-3")
    path = write_file(tmp_path, "BJ.xml", *map(unit, numbers), unit("BJ-4", ABO="X", VOL="0"))

    (report,) = await take_files(operator, path, tolerance=tolerance)

    loaded = outcome is Outcome.LOADED
    assert report.outcome is outcome
    assert sorted(await stored_units(operator)) == (
        ["BJ/BJ-1", "BJ/BJ-2", "BJ/BJ-3"] if loaded else []
    )
    submissions = await operator.fetch("select units_read, units_rejected from intake.submission")
    assert [tuple(row) for row in submissions] == ([(4, 1)] if loaded else [])
    assert await operator.fetchval("select count(*) from intake.rejection") == 2 * loaded


async def test_a_file_without_an_accepted_unit_is_refused(
    operator: Connection, tmp_path: Path
) -> None:
    """Not even full tolerance turns an inventory of faults into an empty one."""
    await take_files(operator, write_file(tmp_path, "1.xml", unit("BJ-1")))
    empty = write_file(tmp_path, "2.xml")
    faulty = write_file(tmp_path, "3.xml", unit("BJ-2", ABO="X"))

    reports = await take_files(operator, empty, faulty, tolerance=100, bank="BJ")

    assert [report.outcome for report in reports] == [Outcome.REFUSED, Outcome.REFUSED]
    assert reports[0].faults.counts == {Code.NO_UNITS: 1}
    assert list(await stored_units(operator)) == ["BJ/BJ-1"]


async def test_a_fault_of_the_file_is_told_first(operator: Connection, tmp_path: Path) -> None:
    """What ends the reading comes before the faults of units that were read until then."""
    path = write_file(tmp_path, "BJ.xml", unit("BJ-1", ABO="X"), "<CBU><ID>", POOL="1")

    (report,) = await take_files(operator, path)

    assert [fault.code for fault in report.faults.kept] == [
        Code.ATTRIBUTE_INVALID,
        Code.XML_SYNTAX,
        Code.VALUE_UNKNOWN,
    ]
    assert (report.units_read, report.units_refused) == (1, 1)


async def test_a_wrong_attribute_refuses_the_file(operator: Connection, tmp_path: Path) -> None:
    """No tolerance covers faults of the file itself."""
    path = write_file(tmp_path, "BJ.xml", unit("BJ-1"), POOL="1")

    (report,) = await take_files(operator, path, tolerance=100)

    assert report.refused
    assert report.faults.counts == {Code.ATTRIBUTE_INVALID: 1}
    assert await stored_units(operator) == {}


async def test_a_bank_comes_once_in_a_run(operator: Connection, tmp_path: Path) -> None:
    """A second inventory of a bank that was loaded is refused and names the first file."""
    first = write_file(tmp_path, "first.xml", unit("BJ-1"))
    second = write_file(tmp_path, "second.xml", unit("GD-1", BANK_MANUF_ID="GD"), unit("BJ-2"))

    loaded, refused = await take_files(operator, first, second)

    assert (loaded.outcome, refused.outcome) == (Outcome.LOADED, Outcome.REFUSED)
    assert [(fault.code, fault.line, fault.bank) for fault in refused.faults.kept] == [
        (Code.BANK_TWICE, 23, "BJ")
    ]
    assert "came from first.xml" in refused.faults.kept[0].message
    assert list(await stored_units(operator)) == ["BJ/BJ-1"]


async def test_a_refused_file_does_not_stand_in_the_way_of_its_bank(
    operator: Connection, tmp_path: Path
) -> None:
    """The broken and the mended file of a bank can be submitted together."""
    broken = write_file(tmp_path, "broken.xml", unit("BJ-1", ABO="X"))
    mended = write_file(tmp_path, "mended.xml", unit("BJ-1"))

    reports = await take_files(operator, broken, mended)

    assert [report.outcome for report in reports] == [Outcome.REFUSED, Outcome.LOADED]


async def test_a_known_file_is_not_given_to_another_bank(
    operator: Connection, tmp_path: Path
) -> None:
    """Content that was loaded for one bank cannot be named another's afterwards."""
    path = write_file(tmp_path, "file.xml", unit("1", BANK_MANUF_ID="4912"))
    (loaded,) = await take_files(operator, path, bank="SH")

    (again,) = await take_files(operator, path, bank="SH")
    (other,) = await take_files(operator, path, bank="ZJ")

    assert (loaded.outcome, again.outcome) == (Outcome.LOADED, Outcome.KNOWN)
    assert other.refused
    assert [fault.code for fault in other.faults.kept] == [Code.KNOWN_UNDER_OTHER_BANK]
    assert list(await stored_units(operator)) == ["SH/1"]


def _unfit_files(folder: Path) -> dict[Code, Path]:
    text = inventory(unit("BJ-1"))
    (folder / "folder.xml").mkdir()
    (folder / "empty.xml").touch()
    (folder / "packed.xml").write_bytes(gzip.compress(text.encode()))
    (folder / "cut.xml").write_text(text[:-9], encoding="utf-8")
    os.mkfifo(folder / "pipe.xml")
    return {
        Code.FILE_MISSING: folder / "none.xml",
        Code.NOT_A_FILE: folder / "folder.xml",
        Code.FILE_EMPTY: folder / "empty.xml",
        Code.NOT_XML: folder / "packed.xml",
        Code.XML_TRUNCATED: folder / "cut.xml",
    }


async def test_what_is_no_inventory_is_refused(operator: Connection, tmp_path: Path) -> None:
    """Missing, empty, packed and cut files and folders give one fault each, and no row."""
    files = _unfit_files(tmp_path)

    reports = await take_files(operator, *files.values(), tmp_path / "pipe.xml", tmp_path / "a\0b")

    assert [report.outcome for report in reports] == [Outcome.REFUSED] * 7
    assert [[fault.code for fault in report.faults.kept] for report in reports] == [
        *([code] for code in files),
        [Code.NOT_A_FILE],
        [Code.FILE_UNREADABLE],
    ]
    assert await everything_stored(operator) == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ID,BIRTH_DATE\n1,2015-06-01\n", "text without tags, perhaps CSV"),
        (b'{"ID": "1"}\n', "JSON"),
        (b"PK\x03\x04abc", "a ZIP archive or spreadsheet"),
        (b"\0" * 600, "text without tags, perhaps CSV"),
    ],
)
def test_other_kinds_of_file_are_named(tmp_path: Path, content: bytes, kind: str) -> None:
    """The fault says what the file seems to be."""
    path = tmp_path / "file.xml"
    path.write_bytes(content)

    (report,) = check([path])

    assert [fault.message for fault in report.faults.kept] == [
        f"The file is {kind}; send the inventory as plain XML."
    ]


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    """What was hashed and what was read must be the same bytes."""
    path = write_file(tmp_path, "BJ.xml", *(unit(f"BJ-{number}") for number in range(1_000)))
    text = path.read_text(encoding="utf-8")

    def change(_stage: str, done: int, total: int | None) -> None:
        if done != total:
            path.write_text(text.replace("AV", "RS"), encoding="utf-8")

    (report,) = check([path], now=NOW, report=change)

    assert report.refused
    assert report.faults.counts == {Code.FILE_CHANGED: 1}


def test_checking_tells_the_same_without_a_database(tmp_path: Path) -> None:
    """A dry run names the same faults, counts the same units and loads nothing."""
    good = write_file(tmp_path, "1.xml", unit("BJ-1"))
    bad = write_file(tmp_path, "2.xml", unit("GD-1", ABO="X", BANK_MANUF_ID="GD"))
    twice = write_file(tmp_path, "3.xml", unit("BJ-2"))

    reports = check([good, bad, twice], now=NOW)

    assert [report.outcome for report in reports] == [
        Outcome.VALID,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert [dict(report.faults.counts) for report in reports] == [
        {},
        {Code.VALUE_UNKNOWN: 1},
        {Code.BANK_TWICE: 1},
    ]


@pytest.mark.parametrize(("bank", "tolerance"), [("XX", 0), (None, -1), (None, float("nan"))])
def test_senseless_conditions_are_refused(bank: str | None, tolerance: float) -> None:
    """A bank that is none of ours and a tolerance that is no percentage raise at once."""
    with pytest.raises(ValueError, match="must be"):
        check([], bank=bank, tolerance=tolerance)
