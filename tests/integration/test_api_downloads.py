"""Files while they are being sent: from a bucket, to clients that dawdle, from under our feet."""

import asyncio
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest

from api.settings import Settings
from database.access import Access
from tests.changing_world import publish_world
from tests.release_folder import place_files, wait_until
from tests.s3_server import BUCKET, s3_server
from tests.serving import serving

_LARGE = random.Random(3).randbytes(20_000_000)
_PATH = "/releases/1/units.parquet"


@pytest.fixture(scope="module")
async def world(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a large file of the first release of `module_database`."""
    await publish_world(module_database)
    folder = tmp_path_factory.mktemp("store")
    files = {"units.parquet": _LARGE, "README.md": b"# Release 1\n"}
    await place_files(module_database, folder, {1: files})
    return folder


@pytest.fixture
def bucket(world: Path) -> Iterator[str]:
    """The address of a bucket with the same files, over HTTP."""
    with s3_server() as endpoint:
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
        for file in (each for each in world.rglob("*") if each.is_file()):
            key = f"some/where/{file.relative_to(world)}"
            client.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
        yield endpoint


def _asking(url: str, path: str, *, receive: int = 65_536) -> socket.socket:
    """Return a connection on which a file was asked for and nothing is read yet."""
    address = httpx.URL(url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    connection.connect((address.host, address.port or 80))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.host}\r\n\r\n".encode())
    return connection


def _rest(connection: socket.socket) -> bytes:
    """Return all that still comes on a connection, until it is closed."""
    found = bytearray()
    try:
        while data := connection.recv(1_000_000):
            found += data
    except ConnectionResetError:
        pass
    return bytes(found)


def test_a_bucket_serves_as_a_folder_does(
    module_database: Access, bucket: str, world: Path
) -> None:
    """Whole and in parts, with the same head; an object that was changed is not sent."""
    place = f"s3://{BUCKET}/some/where"
    with (
        serving(module_database, Settings(anonymous_quota=0, files=place)) as far,
        serving(module_database, Settings(anonymous_quota=0, files=str(world))) as near,
    ):
        unlike = {"date", "request-id"}
        for fields in ({}, {"range": "bytes=5000000-15000000"}):
            answers = [httpx.get(url + _PATH, headers=fields) for url in (far, near)]
            heads = [{k: v for k, v in a.headers.items() if k not in unlike} for a in answers]
            assert heads[0] == heads[1]
            assert answers[0].content == answers[1].content
        client = boto3.client("s3", endpoint_url=bucket, region_name="us-east-1")
        key = "some/where/releases/1/README.md"
        assert httpx.get(f"{far}/releases/1/README.md").content == b"# Release 1\n"
        client.put_object(Bucket=BUCKET, Key=key, Body=b"# Release 2\n")
        assert httpx.get(f"{far}/releases/1/README.md").status_code == 503
        client.delete_object(Bucket=BUCKET, Key=key)
        assert httpx.get(f"{far}/releases/1/README.md").status_code == 503


def test_a_store_that_is_away_is_told_without_its_secrets(module_database: Access) -> None:
    """The client learns to try again, and nothing of keys or places."""
    with s3_server():
        place = f"s3://{BUCKET}-elsewhere/x"
        with serving(module_database, Settings(anonymous_quota=0, files=place)) as url:
            answer = httpx.get(url + _PATH)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "never-to-be-shown" not in answer.text
            assert "elsewhere" not in answer.text


def test_a_file_cut_while_it_is_sent_is_no_whole_answer(
    module_database: Access, world: Path
) -> None:
    """The connection is closed before all that was announced has come, so that clients notice."""
    file = world / "releases" / "1" / "units.parquet"
    settings = Settings(anonymous_quota=0, files=str(world))
    with serving(module_database, settings) as url:
        assert httpx.head(url + _PATH).status_code == 200
        with _asking(url, _PATH) as connection:
            begun = bytearray()
            while len(begun) < 200_000:
                begun += connection.recv(65_536)
            os.truncate(file, 1_000_000)
            came = bytes(begun) + _rest(connection)
        try:
            assert httpx.get(url + _PATH).status_code == 503
        finally:
            file.write_bytes(_LARGE)
        assert httpx.get(url + _PATH).content == _LARGE
    head, _, body = came.partition(b"\r\n\r\n")
    assert b"content-length: 20000000" in head
    assert _LARGE.startswith(body)
    assert 0 < len(body) < len(_LARGE)


def test_who_takes_nothing_loses_the_place(module_database: Access, world: Path) -> None:
    """A client that stops reading is cut off, and its place is free for another file."""
    settings = Settings(anonymous_quota=0, files=str(world), max_downloads=4, send_timeout_s=0.5)
    with serving(module_database, settings) as url, _asking(url, _PATH) as connection:
        connection.recv(1)
        assert httpx.get(f"{url}/releases/1/README.md").status_code == 429
        wait_until(lambda: httpx.get(f"{url}/releases/1/README.md").status_code == 200)
        assert len(_rest(connection)) < len(_LARGE)


def test_slow_clients_hold_up_nobody(module_database: Access, world: Path) -> None:
    """While twenty files wait to be taken, other requests are answered at once."""
    settings = Settings(anonymous_quota=0, files=str(world), max_downloads=80)
    with serving(module_database, settings) as url:
        held = [_asking(url, _PATH) for _ in range(20)]
        try:
            for connection in held:
                connection.recv(1)
            answers = [httpx.get(f"{url}/health/live", timeout=5) for _ in range(20)]
            assert {answer.status_code for answer in answers} == {200}
        finally:
            for connection in held:
                connection.close()


def test_many_fetch_one_file_at_once(module_database: Access, world: Path) -> None:
    """All get all of it, though it is compared with its hash only once."""
    settings = Settings(anonymous_quota=0, files=str(world), max_downloads=80)

    async def fetch_all(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(timeout=60) as client:
            return await asyncio.gather(*(client.get(url + _PATH) for _ in range(12)))

    with serving(module_database, settings) as url:
        answers = asyncio.run(fetch_all(url))
        assert all(answer.content == _LARGE for answer in answers)
