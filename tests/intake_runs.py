"""Runs of intake over files of banks, and what they leave in the database."""

import datetime as dt
from pathlib import Path
from typing import Any

from database.pool import Connection
from publishing.intake.loading import take_in
from publishing.intake.submission_report import SubmissionReport
from tests.bank_files import inventory

NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
"""The time of intake."""


def write_file(folder: Path, name: str, *units: str, **attributes: str | None) -> Path:
    """Write an inventory of ``units`` in XML and return its path."""
    path = folder / name
    path.write_text(inventory(*units, **attributes), encoding="utf-8")
    return path


async def take_files(
    connection: Connection, *files: Path, bank: str | None = None, tolerance: float = 0.0
) -> list[SubmissionReport]:
    """Take ``files`` in."""
    return await take_in(connection, files, bank=bank, tolerance=tolerance, now=NOW)


async def stored_units(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """Return submission, status and consent of each unit by bank and number."""
    rows = await connection.fetch(
        "select bank || '/' || unit_number, submission_id, status, consent from intake.raw_unit"
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def everything_stored(connection: Connection) -> str:
    """Return all rows of the tables that intake writes, as text."""
    tables = ("submission", "raw_unit", "rejection", "unit_map", "audit_log")
    parts = [await connection.fetch(f"select t::text from intake.{table} t") for table in tables]  # noqa: S608
    return "\n".join(row[0] for rows in parts for row in rows)
