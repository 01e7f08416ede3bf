"""Inventories of raw units for tests of publication, written straight into the intake zone."""

import datetime as dt
import hashlib
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from database.pool import Connection

THREE_BANKS = {"BJ": 40, "GD": 35, "SC": 25}
"""Few enough banks for a small inventory to pass the gate, and how much each weighs."""

SEVEN_BANKS = {"BJ": 24, "TJ": 15, "SH": 17, "ZJ": 9, "SD": 14, "GD": 16, "SC": 5}
"""Banks of unequal size."""

_ABO = {"A": 25, "B": 25, "O": 29, "AB": 20, None: 1}
_ODD = 0.01
_KINDS = (
    ((6e8, 8e8), (1e6, 3e6)),
    ((8e8, 10e8), (1e6, 3e6)),
    ((8e8, 10e8), (3e6, 6e6)),
    ((10e8, 12.5e8), (3e6, 6e6)),
    ((12.5e8, 20e8), (6e6, 9e6)),
)
_COLUMNS = [
    "submission_id",
    "line",
    "bank",
    "unit_number",
    "birth_date",
    "collection_date",
    "status",
    "consent",
    "synthetic",
    "abo",
    "tnc_frozen",
    "cd34_frozen",
    "volume_ml",
    "product_modification",
    "hla",
    "hla_normal",
]

HLA_GROUPS: Mapping[str, Mapping[str, float]] = {
    "A": {"02": 30, "11": 25, "24": 18, "33": 12, "30": 8, "26": 4, "01": 2, "66": 0.3},
    "B": {"40": 20, "46": 16, "15": 15, "13": 14, "58": 10, "38": 8, "51": 8, "27": 5, "81": 0.1},
    "C": {"03": 24, "07": 22, "01": 20, "08": 12, "06": 10, "14": 7, "12": 4, "18": 1},
    "DRB1": {"09": 18, "15": 17, "12": 14, "04": 13, "08": 11, "07": 10, "14": 9, "16": 5, "10": 2},
    "DQB1": {"03": 40, "06": 25, "05": 20, "02": 14, "04": 1},
}
"""First fields and how often each is drawn: some common, some rare."""

_UNTYPED = 0.04
"""Share of the units of which a locus is not typed, or one value of it not known."""

FIVE_YEARS = (dt.date(2010, 1, 1), dt.date(2014, 12, 31))


async def add_inventory(
    connection: Connection,
    units: int,
    *,
    seed: int = 1,
    synthetic: bool = False,
    consent: float = 0.98,
    rejected: int = 0,
    banks: Mapping[str, int] = THREE_BANKS,
    days: tuple[dt.date, dt.date] = FIVE_YEARS,
    normal: bool = True,
) -> int:
    """Store ``units`` raw units of one submission and return its id.

    Args:
        connection: An operator's connection.
        units: How many.
        seed: Equal seeds make equal units; unit numbers of other seeds are other ones.
        synthetic: Whether the file is marked synthetic.
        consent: Share of the units with consent.
        rejected: How many further units the file held that were refused.
        banks: Weight of each bank.
        days: First and last day of collection.
        normal: Whether HLA is stored in its normal form too; tables of early migrations have none.
    """
    submission: int = await connection.fetchval(
        "insert into intake.submission (file_name, content_sha256, update_mode, synthetic, "
        "banks, units_read, units_rejected) values ($1, $2, 'FULL', $3, $4, $5, $6) returning id",
        f"inventory-{seed}.xml",
        hashlib.sha256(f"inventory {seed}".encode()).hexdigest(),
        synthetic,
        list(banks),
        units + rejected,
        rejected,
    )
    await connection.copy_records_to_table(
        "raw_unit",
        schema_name="intake",
        columns=_COLUMNS if normal else _COLUMNS[:-1],
        records=(
            row if normal else row[:-1]
            for row in _units(submission, units, seed, synthetic, consent, banks, days)
        ),
    )
    return submission


def _units(
    submission: int,
    units: int,
    seed: int,
    synthetic: bool,
    consent: float,
    banks: Mapping[str, int],
    days: tuple[dt.date, dt.date],
) -> Iterator[tuple[object, ...]]:
    chance = random.Random(seed)
    codes = chance.choices(list(banks), list(banks.values()), k=units)
    groups = chance.choices(list(_ABO), list(_ABO.values()), k=units)
    types = _types(random.Random(f"hla {seed}"), units)
    for line, (bank, abo) in enumerate(zip(codes, groups, strict=True), start=1):
        collected = dt.date.fromordinal(chance.randint(*(day.toordinal() for day in days)))
        tnc, cd34 = _cells(chance)
        yield (
            submission,
            line,
            bank,
            f"S{seed}-{line:08d}",
            collected,
            collected if chance.random() < 0.9 else None,
            chance.choice(("AV", "AV", "TU", "RS")),
            chance.random() < consent,
            synthetic,
            abo,
            tnc,
            cd34,
            95.0,
            chance.choice(("PRR", "RBR", None)),
            {"A": {"DNA": ["11:01", "24:02"]}},
            next(types),
        )


def _types(chance: random.Random, units: int) -> Iterator[dict[str, list[str | None]]]:
    """Yield normal forms; of a few units one value of a locus is not known, or the locus not."""
    drawn = {
        locus: iter(chance.choices(list(weights), list(weights.values()), k=2 * units))
        for locus, weights in HLA_GROUPS.items()
    }
    for _ in range(units):
        normal: dict[str, list[str | None]] = {}
        for locus, values in drawn.items():
            one, other = sorted((next(values), next(values)))
            normal[locus] = [one, f"{other}:01"]
            if chance.random() < _UNTYPED:
                normal[locus][1] = None
            if chance.random() < _UNTYPED:
                del normal[locus]
        yield normal


def _cells(chance: random.Random) -> tuple[float | None, float | None]:
    """Return cell counts: mostly of a few kinds, so that small inventories have large classes."""
    if chance.random() < _ODD:
        odd = chance.uniform(5e8, 30e8)
        return chance.choice((odd, None)), chance.choice((odd * chance.uniform(0.001, 0.02), None))
    (low, high), (least, most) = chance.choice(_KINDS)
    return chance.uniform(low, high), chance.uniform(least, most)


def place_key(keys: Path, scheme: int = 1) -> Path:
    """Make the key of ``scheme`` a known one, so that batches are the same in every run."""
    keys.mkdir(mode=0o700)
    path = keys / f"scheme-{scheme}.key"
    path.touch(mode=0o600)
    path.write_bytes(bytes(range(32)))
    return path
