"""Changes since a bank's submission before, on a real database."""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from database.pool import Connection
from publishing.intake import ahead
from publishing.intake.columns import VALUES
from publishing.intake.faults import Code
from publishing.intake.loading import check, take_in
from publishing.intake.submission_report import Changes, Outcome, SubmissionReport
from tests.bank_tables import Fields, csv_text, deletion, fields, ndjson_text, xml_text

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_WRITERS = {"xml": xml_text, "csv": csv_text, "ndjson": ndjson_text}
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _time(day: int) -> str:
    return f"{_START + dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def _full(day: int | None, **more: str | None) -> dict[str, str | None]:
    return {"SNAPSHOT_TIME": None if day is None else _time(day), **more}


def _diff(day: int, follows: int, **more: str | None) -> dict[str, str | None]:
    times = {"SNAPSHOT_TIME": _time(day), "FOLLOWS": _time(follows)}
    return {"UPDATE_MODE": "DIFF", **times, **more}


async def _take(
    connection: Connection,
    folder: Path,
    units: Sequence[Fields],
    attributes: Mapping[str, str | None],
    *,
    ending: str = "csv",
    tolerance: float = 0.0,
    allow_removals: bool = False,
) -> SubmissionReport:
    path = folder / f"file.{ending}"
    path.write_text(_WRITERS[ending](units, **attributes), encoding="utf-8")
    (report,) = await take_in(
        connection, [path], tolerance=tolerance, allow_removals=allow_removals, now=_NOW
    )
    return report


async def _rows(connection: Connection) -> list[tuple[object, ...]]:
    names = ", ".join(column.name for column in VALUES)
    rows = await connection.fetch(
        f"select bank, unit_number, {names} from intake.raw_unit order by 1, 2"  # noqa: S608
    )
    return [tuple(row) for row in rows]


def _told(report: SubmissionReport) -> list[tuple[Code, str]]:
    return [(found.code, found.message) for found in report.faults.kept]


async def test_changes_are_applied(operator: Connection, tmp_path: Path) -> None:
    """Units are added, changed and deleted; what the file does not name stays, as other banks."""
    gd = fields("1", BANK_MANUF_ID="GD")
    await _take(operator, tmp_path, [*map(fields, "1234"), gd], _full(1))

    report = await _take(
        operator,
        tmp_path,
        [fields("5"), fields("1", STATUS="RS", ABO=None), deletion("2"), fields("3")],
        _diff(2, 1),
    )

    assert report.outcome is Outcome.LOADED
    assert report.changes == Changes(
        added=1, changed=1, unchanged=1, removed=1, changed_fields={"ABO": 1, "STATUS": 1}
    )
    assert (report.units_read, report.units_accepted, report.units_deleted) == (4, 4, 1)
    assert (dict(report.banks), report.units_consented) == ({"BJ": 4}, 3)
    stored = await operator.fetch(
        "select bank, unit_number, status, abo, submission_id from intake.raw_unit order by 1, 2"
    )
    assert [tuple(row) for row in stored] == [
        ("BJ", "1", "RS", None, 2),
        ("BJ", "3", "AV", "AB", 1),
        ("BJ", "4", "AV", "AB", 1),
        ("BJ", "5", "AV", "AB", 2),
        ("GD", "1", "AV", "AB", 1),
    ]
    submission = await operator.fetchrow(
        "select update_mode, snapshot_time, follows, banks, units_read from intake.submission "
        "where id = 2"
    )
    assert submission is not None
    assert tuple(submission) == (
        "DIFF",
        _START + dt.timedelta(days=2),
        _START + dt.timedelta(days=1),
        ["BJ"],
        4,
    )
    details = await operator.fetchval(
        "select details from intake.audit_log where action = 'intake.load' and subject = $1",
        "submission 2",
    )
    assert details == {
        "content_sha256": report.sha256,
        "format": "CSV",
        "update_mode": "DIFF",
        "banks": ["BJ"],
        "units_read": 4,
        "units_refused": 0,
        "added": 1,
        "changed": 1,
        "unchanged": 1,
        "removed": 1,
        "published_missing": 0,
        "published_differing": 0,
        "consent_withdrawn": 0,
        "changed_fields": {"ABO": 1, "STATUS": 1},
        "published_fields": {},
    }


@pytest.mark.parametrize("seed", range(3))
async def test_changes_lead_to_the_same_as_the_whole(
    operator: Connection, tmp_path: Path, seed: int
) -> None:
    """After twelve files of random changes, the whole inventory changes nothing any more."""
    chance = random.Random(seed)
    state = {str(number): fields(str(number)) for number in range(40)}
    await _take(operator, tmp_path, list(state.values()), _full(0), ending="xml")
    for day in range(1, 13):
        named = chance.sample(range(60), 8)
        changes: list[Fields] = []
        for number in map(str, named):
            if number in state and chance.random() < 0.4:
                changes.append(deletion(number))
                del state[number]
            else:
                state[number] = _drawn(number, chance)
                changes.append(state[number])
        report = await _take(
            operator, tmp_path, changes, _diff(day, day - 1), ending=chance.choice(list(_WRITERS))
        )
        assert report.outcome is Outcome.LOADED
    stepwise = await _rows(operator)

    report = await _take(operator, tmp_path, list(state.values()), _full(13))

    assert len(stepwise) == len(state)
    assert report.changes == Changes(unchanged=len(state))
    assert await _rows(operator) == stepwise


def _drawn(number: str, chance: random.Random) -> dict[str, str]:
    return fields(
        number,
        STATUS=chance.choice(("AV", "TU", "RS")),
        ABO=chance.choice(("A", "B", None)),
        CONSENT_OPEN_DATA=chance.choice(("Y", "N", None)),
        VOL=str(chance.randint(50, 150)),
    )


async def test_changes_need_an_inventory_to_follow(operator: Connection, tmp_path: Path) -> None:
    """A bank that sent nothing, or no time, is told to send the whole inventory."""
    nothing = await _take(operator, tmp_path, [fields("1")], _diff(2, 1))
    await _take(operator, tmp_path, [fields("1")], _full(None))
    timeless = await _take(operator, tmp_path, [fields("2")], _diff(2, 1))

    assert _told(nothing) == [
        (
            Code.SEQUENCE_BROKEN,
            (
                "There is no inventory of BJ that changes can follow; send the whole one "
                "(UPDATE_MODE FULL) first."
            ),
        )
    ]
    assert _told(timeless) == [
        (
            Code.SEQUENCE_BROKEN,
            (
                "No changes can follow submission 1, the newest of BJ, since it has no "
                "SNAPSHOT_TIME; send the whole inventory (UPDATE_MODE FULL) with one."
            ),
        )
    ]
    assert [row[1] for row in await _rows(operator)] == ["1"]


@pytest.mark.parametrize("follows", [0, 1, 3])
async def test_changes_follow_the_newest_submission(
    operator: Connection, tmp_path: Path, follows: int
) -> None:
    """A gap, a step back and a time that never was are refused with both times."""
    await _take(operator, tmp_path, [fields("1")], _full(1))
    await _take(operator, tmp_path, [fields("2")], _diff(2, 1))
    before = await _rows(operator)

    report = await _take(operator, tmp_path, [deletion("9")], _diff(4, follows))

    assert report.refused
    assert _told(report) == [
        (
            Code.SEQUENCE_BROKEN,
            (
                f"FOLLOWS is {_time(follows)}, and submission 2, the newest of BJ, is of "
                f"{_time(2)}; send the changes since then, or the whole inventory "
                "(UPDATE_MODE FULL)."
            ),
        )
    ]
    assert (report.faults.kept[0].field, report.faults.kept[0].bank) == ("FOLLOWS", "BJ")
    assert await _rows(operator) == before


async def test_changes_again_are_known(operator: Connection, tmp_path: Path) -> None:
    """The same bytes are a no-op without a warning; written anew they no longer follow."""
    await _take(operator, tmp_path, [fields("1")], _full(1))
    await _take(operator, tmp_path, [fields("2")], _diff(2, 1))
    await _take(operator, tmp_path, [fields("3")], _diff(3, 2))

    again = await _take(operator, tmp_path, [fields("2")], _diff(2, 1))
    anew = await _take(operator, tmp_path, [fields("2")], _diff(2, 1, POOL="9992"))

    assert (again.outcome, again.submission, again.warnings.kept) == (Outcome.KNOWN, 2, [])
    assert [code for code, _ in _told(anew)] == [Code.SEQUENCE_BROKEN]


async def test_a_whole_inventory_from_before_changes_is_outdated(
    operator: Connection, tmp_path: Path
) -> None:
    """It would undo them; changes follow a whole inventory that came after others."""
    await _take(operator, tmp_path, [fields("1")], _full(1))
    await _take(operator, tmp_path, [fields("2")], _diff(3, 1))

    older = await _take(operator, tmp_path, [fields("1")], _full(2))
    newer = await _take(operator, tmp_path, [fields("1")], _full(4))
    after = await _take(operator, tmp_path, [deletion("1"), fields("3")], _diff(5, 4))

    assert [code for code, _ in _told(older)] == [Code.OUTDATED]
    assert newer.changes == Changes(unchanged=1, removed=1)
    assert after.changes == Changes(added=1, removed=1)


async def test_an_unknown_unit_is_not_deleted(operator: Connection, tmp_path: Path) -> None:
    """A wrong number would leave the right unit there, so the file is refused, with each line."""
    other = fields("9", BANK_MANUF_ID="GD")
    await _take(operator, tmp_path, [fields("1"), other], _full(1))

    report = await _take(
        operator, tmp_path, [deletion("1"), deletion("8"), deletion("9")], _diff(2, 1)
    )

    message = "The unit to be deleted is not in intake: mend its ID, or leave it out."
    assert [
        (found.line, found.unit, found.bank, found.field, found.value, found.message)
        for found in report.faults.kept
    ] == [(12, "8", "BJ", "ID", "8", message), (13, "9", "BJ", "ID", "9", message)]
    assert report.faults.counts == {Code.DELETION_UNKNOWN: 2}
    assert [row[:2] for row in await _rows(operator)] == [("BJ", "1"), ("GD", "9")]


async def test_changes_are_taken_whole_or_not_at_all(operator: Connection, tmp_path: Path) -> None:
    """No tolerance leaves a change out, since the next file would go on from it."""
    await _take(operator, tmp_path, [fields("1")], _full(1))
    changes = [deletion("1"), fields("2", ABO="X")]

    report = await _take(operator, tmp_path, changes, _diff(2, 1), tolerance=100)

    assert report.refused
    assert report.faults.counts == {Code.VALUE_UNKNOWN: 1}
    assert [row[1] for row in await _rows(operator)] == ["1"]
    assert await operator.fetchval("select count(*) from intake.rejection") == 0


async def test_a_unit_stands_once_in_changes(operator: Connection, tmp_path: Path) -> None:
    """Deleted and changed in one file is a contradiction."""
    await _take(operator, tmp_path, [fields("1")], _full(1))

    report = await _take(operator, tmp_path, [fields("1"), deletion("1")], _diff(2, 1))

    assert report.faults.counts == {Code.DUPLICATE_ID: 1}


def test_changes_are_those_of_one_bank(tmp_path: Path) -> None:
    """Each bank has a sequence of its own; the second bank of a file is refused."""
    path = tmp_path / "file.csv"
    units = [deletion("1"), deletion("2", "GD")]
    path.write_text(csv_text(units, **_diff(2, 1)), encoding="utf-8")

    (report,) = check([path], now=_NOW)

    assert [(found.line, found.bank, found.message) for found in report.faults.kept] == [
        (
            12,
            "GD",
            (
                "A file of changes holds those of one bank, and this one has units of BJ and GD; "
                "write a file for each."
            ),
        )
    ]
    assert report.faults.counts == {Code.SEQUENCE_BROKEN: 1}


@pytest.mark.parametrize("worth_bytes", [0, 1_000_000])
async def test_a_run_takes_a_whole_inventory_and_its_changes(
    operator: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worth_bytes: int
) -> None:
    """Files are taken as they are named, read ahead or not; a second whole one is refused."""
    monkeypatch.setattr(ahead, "_WORTH_BYTES", worth_bytes)
    texts = {
        "1.xml": xml_text([fields("1")], **_full(1)),
        "2.csv": csv_text([fields("2")], **_diff(2, 1)),
        "3.ndjson": ndjson_text([deletion("1")], **_diff(3, 2)),
        "4.csv": csv_text([fields("4")], **_full(4)),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [tmp_path / name for name in texts]

    checked = check(files, now=_NOW)
    taken = await take_in(operator, files, now=_NOW)

    assert [report.outcome for report in checked] == [*[Outcome.VALID] * 3, Outcome.REFUSED]
    assert [report.outcome for report in taken] == [*[Outcome.LOADED] * 3, Outcome.REFUSED]
    assert taken[3].faults.counts == {Code.BANK_TWICE: 1}
    assert [row[1] for row in await _rows(operator)] == ["2"]


@pytest.mark.parametrize(("deleted", "refused"), [(1_000, False), (1_001, True)])
async def test_changes_that_delete_most_of_a_bank_have_to_be_allowed(
    operator: Connection, tmp_path: Path, deleted: int, *, refused: bool
) -> None:
    """The same limits hold as for what a whole inventory leaves out."""
    units = [fields(str(number)) for number in range(1_001)]
    await _take(operator, tmp_path, units, _full(1))
    changes = [deletion(str(number)) for number in range(deleted)]

    report = await _take(operator, tmp_path, changes, _diff(2, 1))

    assert report.refused is refused
    if refused:
        assert report.faults.counts == {Code.SNAPSHOT_SHRINKS: 1}
        allowed = await _take(operator, tmp_path, changes, _diff(2, 1), allow_removals=True)
        assert allowed.changes == Changes(removed=1_001)


async def test_origins_do_not_mix(operator: Connection, tmp_path: Path) -> None:
    """Synthetic changes are not put beside real units without a word."""
    await _take(operator, tmp_path, [fields("1")], _full(1, SYNTHETIC=None))

    report = await _take(operator, tmp_path, [fields("2")], _diff(2, 1))

    assert _told(report) == [
        (
            Code.ORIGIN_CHANGES,
            (
                "The file is synthetic and would stand beside 1 real units of BJ; if that is "
                "meant, use --allow-removals."
            ),
        )
    ]


async def test_a_unit_that_waits_follows_its_changes(operator: Connection, tmp_path: Path) -> None:
    """Deleted, or without consent, it gives up its place; changed otherwise it keeps it."""
    await _take(operator, tmp_path, [*map(fields, "1234")], _full(1))
    await operator.execute(
        "insert into intake.unit_map (raw_unit_id, scheme, unit_id) "
        "select id, 1, 'cbu_' || lpad(id::text, 20, '0') from intake.raw_unit"
    )
    changes = [deletion("1"), fields("2", CONSENT_OPEN_DATA="N"), fields("3", STATUS="RS")]

    report = await _take(operator, tmp_path, changes, _diff(2, 1))

    assert report.changes == Changes(
        changed=2, removed=1, changed_fields={"CONSENT_OPEN_DATA": 1, "STATUS": 1}
    )
    waiting = await operator.fetch(
        "select unit_number from intake.raw_unit join intake.unit_map on raw_unit_id = id "
        "order by 1"
    )
    assert [row[0] for row in waiting] == ["3", "4"]
