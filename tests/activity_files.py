"""Reports of transplant activity as banks write them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

Counts = Mapping[tuple[str, int, str], int]
"""Units by bank, year and indication."""

HEADER = "BANK_MANUF_ID,YEAR,INDICATION,UNITS"


def report_csv(
    rows: Iterable[str], *, created: str = "2026-02-01T00:00:00Z", synthetic: bool = True
) -> str:
    """Return a file of ``rows``, each ``BANK,YEAR,INDICATION,UNITS``."""
    rows = list(rows)
    head = [
        f"#CREATION_TIME={created}",
        f"#SYNTHETIC={str(synthetic).lower()}",
        f"#ROWS={len(rows)}",
        HEADER,
    ]
    return "".join(f"{line}\n" for line in (*head, *rows))


def rows_of(counts: Counts) -> list[str]:
    """Return ``counts`` as rows."""
    return [
        f"{bank},{year},{indication},{units}"
        for (bank, year, indication), units in sorted(counts.items())
    ]


def write_report(
    folder: Path,
    name: str,
    rows: Iterable[str],
    *,
    created: str = "2026-02-01T00:00:00Z",
    synthetic: bool = True,
) -> Path:
    """Write a file of ``rows`` and return its path."""
    path = folder / name
    path.write_text(report_csv(rows, created=created, synthetic=synthetic), encoding="utf-8")
    return path
