"""The files of releases: what they hold, that they are the same each time, and never change."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from database.access import Access
from database.pool import Connection
from domain.failures import Refused, Unavailable
from domain.published_tables import TABLES, UNITS, table_named
from files.formats import arrow_schema
from files.layout import Format, batch_file, table_file
from files.manifest import FileEntry, Manifest, read_sums
from files.release_document import ReleaseDocument
from files.signatures import parse_public_key
from files.store import open_store
from publishing.export.registry import hold_files, register_files, registered_files
from tests.database_copies import connection_to
from tests.exporting import export_files
from tests.s3_server import BUCKET, s3_server

RELEASES = (1, 2, 3)
_TEXTS = {"README.md", "CHANGES.md", "LICENSE", "release.json", "minisign.pub"}
_TEXTS |= {"datapackage.json"}


@pytest.fixture(scope="module")
def home(exported: Path) -> Path:
    """A data folder with the files of three releases."""
    return exported


@pytest.fixture(scope="module")
def files(exported: Path) -> Path:
    """The root of the store."""
    return exported / "files"


@pytest.fixture
async def operator(published: Access) -> AsyncIterator[Connection]:
    """A connection to the database whose releases are exported."""
    async with connection_to(published.require("operator")) as connection:
        yield connection


def _manifest(files: Path, release: int) -> Manifest:
    return Manifest.from_bytes((files / f"releases/{release}/manifest.json").read_bytes())


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def _rows(query: str) -> list[Any]:
    relation = duckdb.sql(query)
    assert relation is not None
    return relation.fetchall()


def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _tables() -> Iterator[tuple[int, str, str]]:
    for release in RELEASES:
        for table in TABLES:
            yield release, table.name, table.name
        yield release, UNITS.name, f"batches/{release}/{UNITS.name}"


@pytest.mark.parametrize(("release", "name", "stem"), list(_tables()))
def test_all_formats_hold_the_same_rows(files: Path, release: int, name: str, stem: str) -> None:
    """pyarrow, DuckDB and polars read the same from Parquet, CSV and JSON Lines."""
    table = table_named(name)
    place = files / f"releases/{release}/{stem}"
    kinds = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE"}
    columns = {column.name: kinds[column.kind] for column in table.columns}
    arrow = pq.read_table(f"{place}.parquet")
    rows = [tuple(row.values()) for row in arrow.to_pylist()]
    assert rows == [tuple(line.values()) for line in _lines(Path(f"{place}.jsonl.gz"))]
    assert _rows(f"from '{place}.parquet'") == rows
    assert _rows(f"from read_csv('{place}.csv.gz', columns={columns}, header=true)") == rows
    assert _rows(f"from read_json('{place}.jsonl.gz', columns={columns})") == rows
    assert pl.read_parquet(f"{place}.parquet").rows() == rows
    schema = pl.Schema(pl.read_parquet(f"{place}.parquet").schema)
    assert pl.read_csv(f"{place}.csv.gz", schema=schema).rows() == rows
    entry = _manifest(files, release).file(f"{stem}.parquet")
    assert entry is not None
    assert (entry.rows, entry.table) == (len(rows), name)


@pytest.mark.parametrize(("release", "name", "stem"), list(_tables()))
def test_parquet_says_what_it_is(files: Path, release: int, name: str, stem: str) -> None:
    """Types, texts and units are those of the description; release, licence and so on are there."""
    manifest = _manifest(files, release)
    table = table_named(name)
    found = pq.read_schema(files / f"releases/{release}/{stem}.parquet")
    assert found.remove_metadata().equals(arrow_schema(table).remove_metadata())
    for field, column in zip(found, table.columns, strict=True):
        said = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        said.pop("PARQUET:field_id", None)
        assert said["description"] == column.description.en
        assert said.get("unit") == column.unit
    said = {key.decode(): value.decode() for key, value in (found.metadata or {}).items()}
    said.pop("ARROW:schema", None)
    assert said == {
        "title": f"CordGraph release {release}: {table.title.en}",
        "release": str(release),
        "table": name,
        "part": "batch" if "batches" in stem else "release",
        "scheme": "1",
        "schema_version": "1",
        "digest": manifest.digest,
        "licence": "CC-BY-4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "synthetic": "true",
        "published_at": json.loads(manifest.to_bytes())["published_at"],
    }


async def test_the_files_hold_what_the_open_zone_holds(files: Path, operator: Connection) -> None:
    """Units, classes and totals are those of the database, for each release."""
    for release in RELEASES:
        rows = await operator.fetch(
            "select u.id, b.added, c.bank, c.period_from, c.period_to, c.abo, c.tnc_min, "
            "c.tnc_max, c.cd34_min, c.cd34_max, c.volume_min, c.volume_max, c.processing "
            "from open.unit u join open.batch_class b on b.id = u.batch_class_id "
            "join open.unit_class c on c.id = b.class_id where b.added <= $1 "
            "and (b.withdrawn is null or b.withdrawn > $1) order by u.id",
            release,
        )
        folder = files / f"releases/{release}"
        units = pl.read_parquet(folder / "units.parquet").rows()
        assert units == [tuple(row) for row in rows]
        batch = pl.read_parquet(folder / f"batches/{release}/units.parquet").rows()
        assert batch == [row for row in units if row[1] == release]
        totals = _manifest(files, release).totals
        assert (totals.units, totals.added) == (len(units), len(batch))
        classes = pl.read_parquet(folder / "batch_classes.parquet")
        assert classes["units"].sum() == len(units)
        assert len(classes) == totals.classes


async def test_release_json_says_the_rest(files: Path, operator: Connection) -> None:
    """Every column of a release but those that change is there, and the scheme."""
    document = ReleaseDocument.from_bytes((files / "releases/3/release.json").read_bytes())
    assert [row.number for row in document.releases] == [1, 2, 3]
    for row in document.releases:
        stored = await operator.fetchrow("select * from open.release where number = $1", row.number)
        assert stored is not None
        said = {name: getattr(row, name) for name in row.__slots__}
        assert dict(stored) == said | {"withdrawn_at": None, "withdrawn_reason": None}
    (scheme,) = document.schemes
    stored = await operator.fetchrow("select number, k, levels, frozen_at from open.scheme")
    assert stored is not None
    assert (scheme.number, scheme.k, scheme.levels, scheme.frozen_at) == tuple(stored)
    assert {bank.code for bank in document.banks} >= {"BJ", "GD", "SC", "SH"}


def test_the_manifest_lists_every_file(files: Path) -> None:
    """With size, hash, rows and media type; SHA256SUMS has the manifest too, and is signed."""
    for release in RELEASES:
        folder = files / f"releases/{release}"
        manifest = _manifest(files, release)
        found = _hashes(folder)
        listed = {entry.path: entry.sha256 for entry in manifest.files}
        last = {"manifest.json", "SHA256SUMS", "SHA256SUMS.minisig"}
        assert listed == {path: found[path] for path in found if path not in last}
        assert all(entry.bytes == (folder / entry.path).stat().st_size for entry in manifest.files)
        assert read_sums((folder / "SHA256SUMS").read_bytes()) == listed | {
            "manifest.json": found["manifest.json"]
        }
        names = {table_file(table.name, form) for table in TABLES for form in Format}
        names |= {batch_file(release, "units", form) for form in Format}
        assert set(listed) == names | _TEXTS
        key = parse_public_key((folder / "minisign.pub").read_bytes())
        assert key == parse_public_key((files / "minisign.pub").read_bytes())
        signature = (folder / "SHA256SUMS.minisig").read_bytes()
        comment = key.verify((folder / "SHA256SUMS").read_bytes(), signature)
        assert comment == f"cordgraph release={release} digest={manifest.digest}"


def test_manifests_make_a_chain(files: Path) -> None:
    """Each names the one before by its hash."""
    assert _manifest(files, 1).previous is None
    for release in RELEASES[1:]:
        previous = _manifest(files, release).previous
        assert previous is not None
        before = (files / f"releases/{release - 1}/manifest.json").read_bytes()
        assert (previous.release, previous.manifest_sha256) == (
            release - 1,
            hashlib.sha256(before).hexdigest(),
        )


def test_sha256sum_and_minisign_agree(files: Path) -> None:
    """The programs that everybody has check a release without us."""
    for release in RELEASES:
        folder = files / f"releases/{release}"
        subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, check=True)
        if shutil.which("minisign"):
            command = ["minisign", "-Vm", "SHA256SUMS", "-p", "../../minisign.pub"]
            subprocess.run(command, cwd=folder, check=True)


async def test_the_open_zone_lists_the_files(files: Path, operator: Connection) -> None:
    """All of them, those that sign the others too."""
    for release in RELEASES:
        rows = await registered_files(operator, release)
        found = _hashes(files / f"releases/{release}")
        assert {row.path: row.sha256 for row in rows} == found
        assert {row.path: row.media_type for row in rows}["units.csv.gz"] == "application/gzip"
        assert sum(row.rows or 0 for row in rows) > 0


_AGAIN = """
import asyncio, sys
from pathlib import Path
from database.access import Access
from database.pool import connect
from files.store import open_store
from publishing.export.making import make_files
from publishing.export.registry import previous_of
from publishing.export.signing_key import obtain_signing_key
from publishing.export.staging import Staging
from domain.progress import silent

async def main(dsn, home, folder):
    connection = await connect(dsn)
    key = obtain_signing_key(Path(home) / "keys", {}, None, lambda: "")
    for release in (1, 2, 3):
        staged = Staging(Path(folder) / str(release))
        previous = await previous_of(connection, release)
        await make_files(connection, release, staged, key, previous, silent)
        for path in staged.entries:
            content = staged.place(path).read_bytes()
            target = staged.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
    ],
)
def test_another_process_makes_the_same_bytes(
    published: Access, home: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Hash seed, time zone, locale and time play no part."""
    subprocess.run(
        [sys.executable, "-c", _AGAIN, published.require("operator"), home, tmp_path],
        env=os.environ | environment,
        check=True,
    )
    for release in RELEASES:
        assert _hashes(tmp_path / str(release)) == _hashes(home / f"files/releases/{release}")


async def test_a_second_run_changes_nothing(published: Access, home: Path, files: Path) -> None:
    """Whatever is there is left as it is, to the time at which it was written."""
    before = _times(files)
    again = await export_files(published, home, check_all=True)
    assert [each.added for each in again] == [0, 0, 0]
    assert _times(files) == before
    assert {path.parts[len(home.parts)] for path in _times(home)} == {"files", "keys"}


async def test_lost_files_are_brought_back(published: Access, home: Path, files: Path) -> None:
    """They are made anew with the bytes that they had, and nothing else is touched."""
    before = _hashes(files)
    (files / "releases/1/units.parquet").unlink()
    shutil.rmtree(files / "releases/2")
    again = await export_files(published, home, check_all=True)
    assert [each.added for each in again] == [1, again[1].files, 0]
    assert _hashes(files) == before


@pytest.mark.parametrize("content", [b"other", None])
async def test_a_file_with_other_bytes_is_not_replaced(
    published: Access, home: Path, files: Path, content: bytes | None
) -> None:
    """It is refused by name, whether its size differs or only its bytes."""
    lost, other = files / "releases/3/LICENSE", files / "releases/3/README.md"
    kept, right = lost.read_bytes(), other.read_bytes()
    lost.unlink()
    other.write_bytes(right.swapcase() if content is None else content)
    with pytest.raises(Refused, match=r"releases/3/README\.md is not the file that release 3 has"):
        await export_files(published, home)
    assert other.read_bytes() != right
    other.write_bytes(right)
    await export_files(published, home)
    assert lost.read_bytes() == kept


async def test_files_that_would_be_others_are_not_brought_back(
    published: Access, files: Path, tmp_path: Path
) -> None:
    """With another key the signature would differ from the published one."""
    shutil.copytree(files, tmp_path / "files")
    (tmp_path / "files/releases/3/SHA256SUMS.minisig").unlink()
    (tmp_path / "files/minisign.pub").unlink()
    with pytest.raises(Refused, match="would make others than were published"):
        await export_files(published, tmp_path)
    assert not (tmp_path / "files/releases/3/SHA256SUMS.minisig").exists()


async def test_no_file_is_added_later(operator: Connection) -> None:
    """The database refuses a further file of a release that has its files, and changes."""
    later = FileEntry("extra.txt", "text/plain", 1, None, "0" * 64)
    manifest = FileEntry("manifest.json", "application/json", 1, None, "0" * 64)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="no other is added"):
        await register_files(operator, 3, [later], "KEY")
    with pytest.raises(asyncpg.UniqueViolationError):
        await register_files(operator, 3, [manifest], "KEY")
    for change in ("update open.release_file set bytes = 1", "delete from open.release_file"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await operator.execute(change)


async def test_one_export_at_a_time(published: Access, home: Path, operator: Connection) -> None:
    """A second one is told who is at it."""
    await hold_files(operator)
    with pytest.raises(Unavailable, match="another export is running"):
        await export_files(published, home)


async def test_a_bucket_gets_the_same_files(published: Access, home: Path, files: Path) -> None:
    """The same code puts the same bytes into an S3-compatible store."""
    with s3_server():
        place = f"s3://{BUCKET}/open/data"
        first = await export_files(published, home, place, check_all=True)
        assert [each.added for each in first] == [each.files for each in first]
        assert {each.folder for each in first} == {f"{place}/releases/{n}" for n in RELEASES}
        store = open_store(place)
        for path, sha256 in _hashes(files).items():
            content = b"".join([piece async for piece in store.stream(path)])
            assert hashlib.sha256(content).hexdigest() == sha256, path
        again = await export_files(published, home, place, check_all=True)
        assert [each.added for each in again] == [0, 0, 0]
