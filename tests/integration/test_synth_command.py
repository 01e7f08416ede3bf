"""The synthetic inventory as files, and the command that writes them."""

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from commands.shell import Shell
from commands.synth import synth
from domain.banks import BANK_CODES
from domain.failures import Refused, Unavailable
from publishing.synthesis.activity import write_activity
from publishing.synthesis.inventory import write_inventory

_NAMES = [f"{code}_FULL.xml" for code in BANK_CODES]
_REPORTS = [f"{code}_ACTIVITY.csv" for code in BANK_CODES]


def _run(*arguments: str | int | Path) -> Result:
    group = Shell(name="cordgraph", commands={"synth": synth})
    return CliRunner().invoke(group, ["synth", *map(str, arguments)])


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def _units(folder: Path) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in folder.iterdir())
    return {line for text in texts for line in text.splitlines() if line.startswith("<CBU>")}


def test_equal_seeds_write_equal_bytes(tmp_path: Path) -> None:
    """Nothing but the number of units and the seed decides what is written."""
    for folder in ("one", "same"):
        write_inventory(tmp_path / folder, units=700, seed=5)

    assert sorted(_digests(tmp_path / "one")) == sorted(_NAMES)
    assert _digests(tmp_path / "same") == _digests(tmp_path / "one")


def test_another_seed_or_number_draws_other_units(tmp_path: Path) -> None:
    """No two inventories share a unit; negative and huge seeds are seeds of their own."""
    asked = [(700, 5), (701, 5), (700, 6), (700, 0), (700, -5), (700, 10**30)]
    drawn: set[str] = set()

    for units, seed in asked:
        folder = tmp_path / f"{units} {seed}"
        write_inventory(folder, units=units, seed=seed)
        drawn |= _units(folder)

    assert len(drawn) == sum(units for units, _ in asked)


def test_files_are_well_formed_and_say_what_they_are(tmp_path: Path) -> None:
    """Each file is one bank's FULL inventory of cord blood, marked synthetic, in our envelope."""
    files = write_inventory(tmp_path / "a" / "b", units=1_000, seed=1)

    assert files == [tmp_path / "a" / "b" / name for name in _NAMES]
    for file, bank, ion in zip(files, BANK_CODES, range(9991, 9998), strict=True):
        assert file.read_bytes().startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        root = ET.parse(file).getroot()  # noqa: S314 - our own file
        assert root.tag == "INVENTORIES"
        assert root.attrib == {"CREATION_TIME": "2025-01-01T00:00:00Z", "SYNTHETIC": "true"}
        (inventory,) = root
        assert inventory.tag == "INVENTORY"
        assert inventory.attrib == {
            "LISTING_ORGANIZATION": str(ion),
            "POOL": str(ion),
            "CONTENT_TYPE": "C",
            "UPDATE_MODE": "FULL",
            "SNAPSHOT_TIME": "2025-01-01T00:00:00Z",
        }
        assert {unit.findtext("BANK_MANUF_ID") for unit in inventory} == {bank}
    total = sum(len(ET.parse(file).getroot()[0]) for file in files)  # noqa: S314 - our own file
    assert total == 1_000


def test_one_line_holds_one_unit(tmp_path: Path) -> None:
    """A fault can be named by its line, and placeholders are explained where they stand."""
    beijing = write_inventory(tmp_path, units=700, seed=1)[0].read_text(encoding="utf-8")

    lines = beijing.splitlines()
    assert [line for line in lines if line.startswith("<CBU>") != line.endswith("</CBU>")] == []
    assert sum(line.startswith("<CBU>") for line in lines) == 154
    assert "<!-- 9991 is a placeholder: no Issuing Organisation Number" in beijing
    assert "<!-- SYNTHETIC: " in beijing


def test_progress_is_reported_to_the_end(tmp_path: Path) -> None:
    """The reports ascend over all banks and end at the number of units."""
    reports: list[tuple[str, int, int | None]] = []

    write_inventory(tmp_path, units=9_000, seed=1, report=lambda *told: reports.append(told))

    counts = [done for _, done, _ in reports]
    assert counts == sorted(counts)
    assert reports[-1] == ("Writing the synthetic inventory", 9_000, 9_000)
    assert {total for _, _, total in reports} == {9_000}


@pytest.mark.parametrize("units", [-1, 0, 6, 5_000_001, 10**18])
def test_an_absurd_number_of_units_is_refused(tmp_path: Path, units: int) -> None:
    """The refusal names the value and the range, and no folder is made."""
    with pytest.raises(Refused, match=rf"^units is {units}; .* from 7 to 5,000,000 units$"):
        write_inventory(tmp_path / "out", units=units, seed=1)
    assert not (tmp_path / "out").exists()


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    """A run that dies half way changes no file and leaves no unfinished one."""
    write_inventory(tmp_path, units=70, seed=1)
    before = _digests(tmp_path)

    def interrupt(_stage: str, done: int, _total: int | None) -> None:
        if done > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_inventory(tmp_path, units=700, seed=2, report=interrupt)
    assert _digests(tmp_path) == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the folder gives one sentence with the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match=re.escape(str(tmp_path / "file" / "out"))):
        write_inventory(tmp_path / "file" / "out", units=7, seed=1)


def test_the_command_writes_and_names_the_files(tmp_path: Path) -> None:
    """Exit code 0, every file on a line of its own, the same bytes as the function's."""
    result = _run("--units", 1_000, "--seed", 3, "--out", tmp_path / "with space")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "1,000 synthetic units in 7 files:",
        *(f"  {tmp_path / 'with space' / name}" for name in _NAMES),
        "Synthetic reports of transplant activity in 7 files:",
        *(f"  {tmp_path / 'with space' / name}" for name in _REPORTS),
    ]
    write_inventory(tmp_path / "direct", units=1_000, seed=3)
    write_activity(tmp_path / "direct", units=1_000, seed=3)
    assert _digests(tmp_path / "with space") == _digests(tmp_path / "direct")


def test_the_command_does_not_overwrite_unless_forced(tmp_path: Path) -> None:
    """A folder that holds anything is refused with exit code 1; --force replaces our files only."""
    (tmp_path / "note.txt").write_text("mine")

    refused = _run("--units", 70, "--out", tmp_path)

    assert refused.exit_code == 1
    assert f"error: --out: {tmp_path} is not empty; it holds note.txt" in refused.stderr
    assert "--force" in refused.stderr
    assert _digests(tmp_path).keys() == {"note.txt"}
    assert _run("--units", 70, "--out", tmp_path, "--force").exit_code == 0
    assert sorted(_digests(tmp_path)) == sorted([*_NAMES, *_REPORTS, "note.txt"])
    assert (tmp_path / "note.txt").read_text() == "mine"


def test_leftovers_of_a_killed_run_are_in_nobody_s_way(tmp_path: Path) -> None:
    """A folder that holds only what a killed run left behind counts as empty."""
    (tmp_path / ".synth-abc").mkdir()
    (tmp_path / ".synth-abc" / "BJ_FULL.xml").write_text("<half")

    assert _run("--units", 70, "--out", tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--units", "0"], 1, "units is 0;"),
        (["--units", "many"], 2, "'many' is not a valid integer"),
        (["--seed", "1.5"], 2, "'1.5' is not a valid integer"),
    ],
)
def test_wrong_options_are_refused(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    """Values out of range exit with 1, values that are no numbers with 2; nothing is made."""
    result = _run(*arguments, "--out", tmp_path / "out")

    assert (result.exit_code, says in result.stderr) == (code, True)
    assert not (tmp_path / "out").exists()


def test_help_has_an_example() -> None:
    """`--help` shows a command line that works as it stands."""
    result = _run("--help")

    assert result.exit_code == 0
    assert "cordgraph synth --units 300000 --seed 1 --out inventory" in result.stdout
