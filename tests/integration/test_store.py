"""A folder and a bucket are one kind of store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.failures import Refused, Unavailable
from files.store import (
    ChangedFileError,
    MissingFileError,
    Store,
    StoredFile,
    open_store,
    store_place,
    without_passwords,
)
from tests.s3_server import BUCKET, s3_server


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of an S3-compatible store over HTTP."""
    with s3_server():
        yield BUCKET


@pytest.fixture(params=["folder", "bucket", "prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "files"))
    request.getfixturevalue("bucket")
    prefix = "" if request.param == "bucket" else f"/a/{tmp_path.name}"
    return open_store(f"s3://{BUCKET}{prefix}")


async def _streamed(store: Store, path: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in store.stream(path, start, end)])


async def test_what_was_written_is_read(store: Store, tmp_path: Path) -> None:
    """Bytes and files, small and of several parts, are found, listed, read and taken away."""
    large = os.urandom(12_000_000)
    (tmp_path / "large").write_bytes(large)
    await store.put("releases/1/small", b"0123456789")
    await store.put("releases/1/batches/1/large", tmp_path / "large")
    await store.put("releases/10/other", b"")
    assert await store.find("releases/1/small") == StoredFile("releases/1/small", 10)
    assert await store.under("releases/1") == [
        StoredFile("releases/1/batches/1/large", len(large)),
        StoredFile("releases/1/small", 10),
    ]
    assert await store.read("releases/1/small", 10) == b"0123456789"
    assert await _streamed(store, "releases/1/batches/1/large") == large
    assert await _streamed(store, "releases/10/other") == b""
    await store.put("releases/1/small", b"anew")
    assert await store.read("releases/1/small", 10) == b"anew"
    for path in ("releases/1/small", "releases/1/small", "releases/10/other"):
        await store.delete(path)
    assert await store.find("releases/1/small") is None
    await store.delete("releases/1/batches/1/large")
    assert await store.under("releases/1") == []


async def test_a_part_of_a_file_is_read(store: Store) -> None:
    """The end is not included, and may lie behind the file's."""
    await store.put("part", b"0123456789")
    assert await _streamed(store, "part", 3, 7) == b"3456"
    assert await _streamed(store, "part", 8) == b"89"
    assert await _streamed(store, "part", 8, 100) == b"89"
    assert await _streamed(store, "part", 10) == b""
    assert await _streamed(store, "part", 5, 5) == b""
    await store.delete("part")


async def test_what_is_not_there_is_missing(store: Store) -> None:
    """Reading says so; looking for it and listing find nothing."""
    assert await store.find("releases/9/units") is None
    assert await store.under("releases/9") == []
    with pytest.raises(MissingFileError):
        await store.read("releases/9/units", 10)
    with pytest.raises(MissingFileError):
        await _streamed(store, "releases/9/units")


async def test_another_version_is_not_read(store: Store) -> None:
    """Who has looked at a file reads what was looked at, or nothing."""
    await store.put("changing", b"0123456789")
    found = await store.find("changing")
    assert found is not None
    pieces = store.stream("changing", 2, 5, found.version)
    assert [piece async for piece in pieces] == [b"234"]
    await store.put("changing", b"9876543210!")
    with pytest.raises(ChangedFileError):
        await anext(store.stream("changing", 2, 5, found.version))
    await store.delete("changing")


def test_a_process_may_end_right_after_reading(tmp_path: Path) -> None:
    """The library's own coroutines abort about every second such process."""
    (tmp_path / "file").write_bytes(b"0123456789")
    program = (
        "import asyncio, sys; from files.store import open_store; "
        "print(asyncio.run(open_store(sys.argv[1]).find('file')).bytes)"
    )
    for _ in range(8):
        ended = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (0, "10\n"), ended.stderr


async def test_a_large_file_is_not_read_whole_by_mistake(store: Store) -> None:
    """Whoever reads a small file says how small."""
    await store.put("large", b"0123456789")
    with pytest.raises(Unavailable, match="more than 9 bytes"):
        await store.read("large", 9)
    await store.delete("large")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "x#1", ".x", ""])
async def test_no_path_leads_out_of_the_store(store: Store, path: str) -> None:
    """Such a path is a fault of the caller, for every operation."""
    with pytest.raises(ValueError, match="plain path"):
        await store.put(path, b"x")
    with pytest.raises(ValueError, match="plain path"):
        await store.find(path)
    with pytest.raises(ValueError, match="plain path"):
        await store.delete(path)


async def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """The message names the place and the setting."""
    (tmp_path / "files").write_bytes(b"no folder")
    store = open_store(str(tmp_path / "files"))
    with pytest.raises(Unavailable, match=str(tmp_path)) as told:
        await store.put("releases/1/units", b"x")
    assert "CORDGRAPH_FILES" in str(told.value.hint)


async def test_a_bucket_that_is_not_there_is_told_without_secrets(bucket: str) -> None:
    """The message names the bucket, not the key."""
    store = open_store(f"s3://{bucket}-elsewhere/x")
    with pytest.raises(Unavailable, match=f"{bucket}-elsewhere/x") as told:
        await store.put("releases/1/units", b"x")
    assert "never-to-be-shown" not in f"{told.value.message}{told.value.hint}"


def test_the_setting_names_a_folder_or_a_bucket(tmp_path: Path) -> None:
    """Without it files lie in the data folder."""
    assert store_place({}, tmp_path) == str(tmp_path / "files")
    assert store_place({"CORDGRAPH_FILES": "/srv/files"}, tmp_path) == "/srv/files"
    for place in ("s3://bucket", "s3://bucket/", "s3://my.bucket/a/b"):
        assert store_place({"CORDGRAPH_FILES": place}, tmp_path) == place
    for wrong in ("gs://bucket", "s3://B", "s3://bucket/a b", "https://x/y", "file:///srv"):
        with pytest.raises(Refused, match="CORDGRAPH_FILES"):
            store_place({"CORDGRAPH_FILES": wrong}, tmp_path)


async def test_a_file_that_becomes_shorter_is_noticed(tmp_path: Path) -> None:
    """While it is read: the library's own stream would wait for the rest for ever."""
    file = tmp_path / "file"
    file.write_bytes(bytes(3_000_000))
    store = open_store(str(tmp_path))
    pieces = store.stream("file")
    await anext(pieces)
    os.truncate(file, 1_000_000)
    with pytest.raises(ChangedFileError):
        await anext(pieces)


def test_a_message_has_no_passwords_of_addresses() -> None:
    """Where somebody wrote one into the endpoint."""
    said = "error sending to http://user:hidden@127.0.0.1:1/bucket after 3 of s3://a/b@c"
    told = "error sending to http://127.0.0.1:1/bucket after 3 of s3://a/b@c"
    assert without_passwords(said) == told
