"""The usual programs fetch files over a network that breaks, and mirror whole folders."""

import hashlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from files.manifest import sums_text
from tests.changing_world import publish_world
from tests.cutting_proxy import cutting_proxy
from tests.release_folder import place_files
from tests.serving import serving

_LARGE = random.Random(7).randbytes(9_000_001)
_SHA256 = hashlib.sha256(_LARGE).hexdigest()
_PATH = "/releases/2/units.parquet"
_TABLES = {
    "units.parquet": _LARGE,
    "units.csv.gz": _LARGE[:700_000],
    "batches/2/units.csv.gz": _LARGE[5:90_000],
    "README.md": b"# Release 2\n",
    "LICENSE": b"CC-BY-4.0\n",
}
_SUMS = sums_text([(path, hashlib.sha256(data).hexdigest()) for path, data in _TABLES.items()])
_FILES = {1: {"README.md": b"# Release 1\n"}, 2: {**_TABLES, "SHA256SUMS": _SUMS}}
_TRIES = 100


@pytest.fixture(scope="module")
async def store(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of two releases."""
    await publish_world(module_database)
    folder = tmp_path_factory.mktemp("store")
    await place_files(module_database, folder, _FILES)
    return folder


@pytest.fixture(scope="module")
def url(module_database: Access, store: Path) -> Iterator[str]:
    """A service that has these files."""
    settings = Settings(anonymous_quota=0, files=str(store), public_url="https://data.example.org")
    with serving(module_database, settings) as base:
        yield base


@pytest.fixture(scope="module")
def broken(url: str) -> Iterator[str]:
    """The same service over a network on which no connection lives long."""
    with cutting_proxy(url, 100_000, 1_500_000) as proxy:
        yield proxy.url
        assert proxy.cuts > 10, "nothing was ever cut"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CORDGRAPH_REQUIRE_DOWNLOADERS") == "1":
            pytest.fail(
                f"{name} is not installed; on Debian: apt-get install aria2 rclone wget curl"
            )
        pytest.skip(f"{name} is not installed")
    return found


def _run(name: str, *arguments: str, cwd: Path) -> int:
    """Run a downloader that reads no settings of its user, and return its exit code."""
    env = {"HOME": str(cwd), "PATH": os.environ["PATH"], "RCLONE_CONFIG": "/nonexistent"}
    command = [_program(name), *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False).returncode


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _run_until_done(name: str, *arguments: str, cwd: Path) -> int:
    """Run a downloader again until it succeeds; return how often it failed before."""
    for failed in range(_TRIES):
        if _run(name, *arguments, cwd=cwd) == 0:
            return failed
    pytest.fail(f"{name} did not finish in {_TRIES} runs")


def _check_sums(folder: Path) -> None:
    """Check a folder as its own sums say, by the program that everybody has."""
    command = [_program("sha256sum"), "--check", "--strict", "--quiet", "SHA256SUMS"]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_curl_resumes(broken: str, tmp_path: Path) -> None:
    """Where it was cut off, each time that it is started again."""
    arguments = ("-sSf", "-C", "-", "-o", "units.parquet", broken + _PATH)
    assert _run_until_done("curl", *arguments, cwd=tmp_path) > 3
    assert _sha256(tmp_path / "units.parquet") == _SHA256


def test_wget_resumes(broken: str, tmp_path: Path) -> None:
    """By itself, in one run."""
    arguments = ("-q", "-c", "--tries=100", "--waitretry=0", broken + _PATH)
    assert _run("wget", *arguments, cwd=tmp_path) == 0
    assert _sha256(tmp_path / "units.parquet") == _SHA256


def test_aria2_resumes_in_several_parts(broken: str, tmp_path: Path) -> None:
    """Over four connections, under the name in the address."""
    arguments = ("-q", "-c", "-x4", "-s4", "-k1M", "-m0", "--retry-wait=0", broken + _PATH)
    _run_until_done("aria2c", *arguments, cwd=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["units.parquet"]
    assert _sha256(tmp_path / "units.parquet") == _SHA256


def test_aria2_goes_on_after_it_was_killed(url: str, tmp_path: Path) -> None:
    """What it had is not fetched again; it checks the sum itself."""
    slow = ("--max-download-limit=6M", "--auto-save-interval=1")
    arguments = ("-q", "-c", "-x4", "-s4", "-k1M", f"--checksum=sha-256={_SHA256}", url + _PATH)
    running = subprocess.Popen([_program("aria2c"), *slow, *arguments], cwd=tmp_path)
    time.sleep(0.7)
    running.kill()
    running.wait()
    assert _run("aria2c", *arguments, cwd=tmp_path) == 0
    assert _sha256(tmp_path / "units.parquet") == _SHA256


def test_a_download_goes_on_at_another_replica(
    module_database: Access, store: Path, url: str, tmp_path: Path
) -> None:
    """With the tag of the first one, since both make it of the bytes."""
    part = httpx.get(url + _PATH, headers={"range": "bytes=0-999999"})
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)
    with serving(module_database, Settings(anonymous_quota=0, files=str(copy))) as other:
        headers = {"range": "bytes=1000000-", "if-range": part.headers["etag"]}
        rest = httpx.get(other + _PATH, headers=headers)
    assert rest.status_code == 206
    assert part.content + rest.content == _LARGE


@pytest.mark.parametrize("where", ["url", "broken"])
def test_wget_mirrors_all_releases(
    request: pytest.FixtureRequest, where: str, tmp_path: Path
) -> None:
    """By links alone, over a network that breaks too."""
    base: str = request.getfixturevalue(where)
    arguments = ("-q", "-r", "-l9", "-np", "-nH", "-c", "--tries=100", "--waitretry=0")
    assert _run("wget", *arguments, f"{base}/releases/", cwd=tmp_path) == 0
    _check_sums(tmp_path / "releases" / "2")
    assert (tmp_path / "releases" / "1" / "README.md").read_bytes() == b"# Release 1\n"


@pytest.mark.parametrize("where", ["url", "broken"])
def test_rclone_mirrors_all_releases(
    request: pytest.FixtureRequest, url: str, where: str, tmp_path: Path
) -> None:
    """With sizes and times; a second run fetches nothing, and all is the same."""
    base: str = request.getfixturevalue(where)
    patient = ("--retries", "20", "--low-level-retries", "100", "--multi-thread-streams", "0")
    arguments = ("copy", ":http:", "mirror", "--http-url", f"{base}/releases/", *patient)
    assert _run("rclone", *arguments, cwd=tmp_path) == 0
    _check_sums(tmp_path / "mirror" / "2")
    file = tmp_path / "mirror" / "2" / "units.parquet"
    before = file.stat().st_ino
    assert _run("rclone", *arguments, cwd=tmp_path) == 0
    assert file.stat().st_ino == before
    check = ("check", ":http:", "mirror", "--http-url", f"{url}/releases/", "--download")
    assert _run("rclone", *check, cwd=tmp_path) == 0


def test_aria2_fetches_a_list(url: str, tmp_path: Path) -> None:
    """Made of the sums, each file with its own, into the folders of the release."""
    lines = []
    for line in httpx.get(f"{url}/releases/2/SHA256SUMS").text.splitlines():
        sha256, path = line.split("  ")
        lines += [f"{url}/releases/2/{path}", f"  out={path}", f"  checksum=sha-256={sha256}"]
    (tmp_path / "list").write_text("\n".join(lines), encoding="ascii")
    assert _run("aria2c", "-q", "-i", "list", "-j5", cwd=tmp_path) == 0
    (tmp_path / "SHA256SUMS").write_bytes(_SUMS)
    _check_sums(tmp_path)


def test_latest_is_followed(url: str, tmp_path: Path) -> None:
    """By those who are told to follow redirections, to a numbered address."""
    latest = httpx.head(f"{url}/releases/latest/").headers["location"]
    assert latest == "../4/"
    for name, arguments in (("curl", ("-sSfL", "-o", "page")), ("wget", ("-q", "-O", "page"))):
        assert _run(name, *arguments, f"{url}/releases/latest/", cwd=tmp_path) == 0
        assert "Release 4" in (tmp_path / "page").read_text(encoding="utf-8")
