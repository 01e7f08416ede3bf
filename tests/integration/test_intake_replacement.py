"""Files that must not replace what their banks have in intake, on a real database."""

import datetime as dt
from pathlib import Path

import pytest

from database.pool import Connection
from publishing.intake.faults import Code
from publishing.intake.loading import take_in
from publishing.intake.reading import MAXIMUM_FAULTS
from publishing.intake.submission_report import Changes, SubmissionReport
from tests.bank_files import CREATED, inventory, unit

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_REAL = f'CREATION_TIME="{CREATED}"'


async def _take(
    connection: Connection,
    folder: Path,
    *units: str,
    tolerance: float = 0.0,
    allow_removals: bool = False,
    **attributes: str | None,
) -> SubmissionReport:
    """Take one file of ``units`` in."""
    path = folder / "file.xml"
    path.write_text(inventory(*units, **attributes), encoding="utf-8")
    (report,) = await take_in(
        connection, [path], tolerance=tolerance, allow_removals=allow_removals, now=_NOW
    )
    return report


async def _units(connection: Connection) -> list[tuple[object, ...]]:
    rows = await connection.fetch(
        "select bank, unit_number, consent, synthetic from intake.raw_unit order by 1, 2"
    )
    return [tuple(row) for row in rows]


def _told(report: SubmissionReport) -> list[tuple[Code, str]]:
    return [(fault.code, fault.message) for fault in report.faults.kept]


async def test_an_older_snapshot_is_refused(operator: Connection, tmp_path: Path) -> None:
    """Consent that was withdrawn does not come back, whatever is allowed; both times are named."""
    newer = unit("1", CONSENT_OPEN_DATA="N")
    await _take(operator, tmp_path, newer, SNAPSHOT_TIME="2026-02-01T00:00:00Z")
    await _take(operator, tmp_path, newer, unit("2"), SNAPSHOT_TIME=None)

    report = await _take(
        operator,
        tmp_path,
        unit("1"),
        unit("1", BANK_MANUF_ID="GD"),
        SNAPSHOT_TIME="2026-02-01T07:59:59",
        allow_removals=True,
    )

    assert report.refused
    assert _told(report) == [
        (
            Code.OUTDATED,
            (
                "SNAPSHOT_TIME is 2026-01-31T23:59:59Z, and submission 1 loaded the inventory of "
                "BJ of 2026-02-01T00:00:00Z; send a newer one."
            ),
        )
    ]
    assert await _units(operator) == [("BJ", "1", False, True), ("BJ", "2", True, True)]
    assert await operator.fetchval("select count(*) from intake.submission") == 2


@pytest.mark.parametrize("time", ["2026-02-01T00:00:00Z", "2026-02-01T00:00:01Z", None])
async def test_a_snapshot_that_is_not_older_is_loaded(
    operator: Connection, tmp_path: Path, time: str | None
) -> None:
    """The same time, a later one and none are no reason to refuse; nor is another bank's time."""
    await _take(operator, tmp_path, unit("1"), SNAPSHOT_TIME="2026-02-01T00:00:00Z")
    gd = unit("1", BANK_MANUF_ID="GD")

    same = await _take(operator, tmp_path, unit("2"), SNAPSHOT_TIME=time)
    other = await _take(operator, tmp_path, gd, SNAPSHOT_TIME="2025-01-01T00:00:00Z")

    assert (same.refused, other.refused) == (False, False)


@pytest.mark.parametrize(
    ("before", "kept", "refused"),
    [(1_001, 1, False), (1_002, 1, True), (2_002, 1_001, False), (2_002, 1_000, True)],
)
async def test_a_shrunken_snapshot_is_refused(
    operator: Connection, tmp_path: Path, before: int, kept: int, *, refused: bool
) -> None:
    """More than 1,000 units and more than half of a bank's are not removed unless it is allowed."""
    units = [unit(str(number)) for number in range(before)]
    await _take(operator, tmp_path, *units)

    report = await _take(operator, tmp_path, *units[:kept])

    message = (
        f"The file would remove {before - kept:,} of {before:,} unpublished units of BJ; "
        "if that is meant, use --allow-removals."
    )
    assert _told(report) == ([(Code.SNAPSHOT_SHRINKS, message)] if refused else [])
    assert len(await _units(operator)) == (before if refused else kept)
    if refused:
        allowed = await _take(operator, tmp_path, *units[:kept], allow_removals=True)
        assert allowed.changes == Changes(unchanged=kept, removed=before - kept)


async def test_published_units_do_not_count_as_removed(
    operator: Connection, tmp_path: Path
) -> None:
    """They stay in any case, so only what a file would really remove is judged."""
    await _take(operator, tmp_path, *(unit(str(number)) for number in range(1_002)))
    await operator.execute(
        "insert into intake.unit_map (raw_unit_id, scheme, unit_id, release) "
        "select id, 1, 'cbu_' || lpad(id::text, 20, '0'), 1 from intake.raw_unit "
        "where unit_number = '7'"
    )

    report = await _take(operator, tmp_path, unit("1"))

    assert report.changes == Changes(unchanged=1, removed=1_000, published_missing=1)


@pytest.mark.parametrize("synthetic", [True, False])
@pytest.mark.parametrize("number", ["1", "2"], ids=["overwritten", "removed"])
async def test_origins_do_not_replace_each_other(
    operator: Connection, tmp_path: Path, number: str, *, synthetic: bool
) -> None:
    """Made-up units take no real unit's place, nor the reverse, unless it is allowed."""
    first, second = (_REAL, None) if synthetic else (None, _REAL)
    await _take(operator, tmp_path, unit("1"), root=first)

    refused = await _take(operator, tmp_path, unit(number), root=second)
    before = await _units(operator)
    allowed = await _take(operator, tmp_path, unit(number), root=second, allow_removals=True)

    kinds = ("synthetic", "real") if synthetic else ("real", "synthetic")
    assert _told(refused) == [
        (
            Code.ORIGIN_CHANGES,
            (
                f"The file is {kinds[0]} and would replace 1 {kinds[1]} units of BJ; "
                "if that is meant, use --allow-removals."
            ),
        )
    ]
    assert before == [("BJ", "1", True, not synthetic)]
    assert not allowed.refused
    assert await _units(operator) == [("BJ", number, True, synthetic)]


async def test_a_file_of_endless_faults_is_not_read_on(
    operator: Connection, tmp_path: Path
) -> None:
    """With tolerance, reading stops after 100,000 faults with one fault of the file."""
    faults = {"GRID": "1", "ATTR": "TOO LONG", "ABO": "X", "STATUS": "?", "VOL": "0", "SEX": "?"}
    kinds = ("RHESUS", "PROD_MOD", "COLL_DATE", "PROC_DATE", "FREEZE_DATE", "TNC", "TNC_FRZN")
    faulty = dict.fromkeys(kinds, "?") | faults
    many = -(-MAXIMUM_FAULTS // len(faulty))
    if many * len(faulty) == MAXIMUM_FAULTS:
        many += 1
    units = [unit(str(number), **faulty) for number in range(many + 500)]

    report = await _take(operator, tmp_path, unit("good"), *units, tolerance=100)

    assert report.refused
    assert report.faults.kept[0].code is Code.TOO_MANY_FAULTS
    assert report.faults.counts[Code.TOO_MANY_FAULTS] == 1
    assert report.units_refused == many
    assert await _units(operator) == []
