"""`cordgraph verify` looks into files that fit their hashes and their signature."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publishing.export.signing_key import SigningKey
from tests.verifying import found, seal


def _gz(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(change(lines))


def _altered(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].replace('"bank":"', '"bank":"X', 1)]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("units.jsonl.gz", lambda lines: lines[:-1], "units.jsonl.gz is wrong: it has 33,"),
        ("units.csv.gz", lambda lines: lines[:-1], "units.csv.gz is wrong: it has 33,"),
        ("units.jsonl.gz", lambda lines: [*lines, lines[-1]], "units.jsonl.gz is wrong: it has mo"),
        ("units.jsonl.gz", lambda lines: lines[::-1], "units.jsonl.gz is wrong: units are not in"),
        ("units.jsonl.gz", _altered, "units.jsonl.gz is wrong: the class of unit cbu_"),
        ("units.csv.gz", lambda lines: lines[1:], "units.csv.gz is wrong: its header is not"),
        ("units.jsonl.gz", lambda _: ["x" * 70_000], "units.jsonl.gz is wrong: a line is unf"),
        ("units.jsonl.gz", lambda _: ["{\n"], "units.jsonl.gz is wrong: it cannot be read"),
        ("units.jsonl.gz", lambda _: ["[1]\n"], "units.jsonl.gz is wrong: a line is not an"),
        ("units.csv.gz", lambda lines: [lines[0], '"\n'], "units.csv.gz is wrong: it cannot be r"),
        ("batches/3/units.csv.gz", lambda lines: lines[:1], "batches/3/units.csv.gz is wrong: it "),
        ("banks.csv.gz", lambda lines: lines[::-1], "banks.csv.gz is wrong: its header is not"),
        (
            "banks.jsonl.gz",
            lambda lines: [lines[0].replace("2002", "2003"), *lines[1:]],
            "banks.jsonl.gz is wrong: its rows are not those in banks.csv.gz",
        ),
    ],
)
def test_contents_that_are_wrong_arefound(
    newest: Path,
    release_key: SigningKey,
    name: str,
    change: Callable[[list[str]], list[str]],
    told: str,
) -> None:
    """Even the right key cannot sign a release whose files do not fit each other."""
    _gz(newest / name, change)
    seal(newest, release_key)
    faults = found(newest)["faults"]
    assert any(fault.startswith(told) for fault in faults), faults


def test_a_digest_that_is_wrong_isfound(newest: Path, release_key: SigningKey) -> None:
    """It is recomputed from the units of each format."""
    seal(newest, release_key, digest="0" * 64)
    faults = found(newest)["faults"]
    assert [fault.partition(" is wrong")[0] for fault in faults] == [
        "release.json",
        "units.csv.gz",
        "units.jsonl.gz",
        "units.parquet",
    ]


def test_parquet_with_other_columns_isfound(newest: Path, release_key: SigningKey) -> None:
    """The schema is the described one."""
    table = pq.read_table(newest / "units.parquet")
    pq.write_table(table.append_column("hla", pa.nulls(len(table), pa.string())), newest / "x")
    (newest / "x").rename(newest / "units.parquet")
    seal(newest, release_key)
    assert (
        "units.parquet is wrong: its columns are not those of the table"
        in (found(newest)["faults"])
    )
