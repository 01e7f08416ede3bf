"""No room left: for the database, for keys and reports, for what a command says."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from database.access import VARIABLES, Access, embedded_access
from database.embedded import EmbeddedServer
from database.migrate import prepare
from database.pool import Connection, connect
from publishing.reference import load_reference
from publishing.scheme_proposal import propose, record_proposal
from tests.bank_files import inventory, unit
from tests.inventories import add_inventory, place_key
from tests.whole_state import exact_digest

_ROOT = Path(__file__).parents[2]
_CORDGRAPH = (sys.executable, "-c", "from commands.main import main; main(prog_name='cordgraph')")
_MEGABYTE = 1 << 20
_LARGEST_FILE = 17 * _MEGABYTE
"""More than a segment of the log has, or the server could not run at all."""

# As many pages as a file may have, each filled by one row.
_FILL = """
alter table intake.raw_unit alter column hla set storage plain;
insert into intake.submission (file_name, content_sha256, update_mode, synthetic, banks,
    units_read, units_rejected) values ('filling.xml', repeat('0', 64), 'FULL', true, '{TJ}', 0, 0);
insert into intake.raw_unit (submission_id, line, bank, unit_number, birth_date, status, consent,
    synthetic, hla)
select 1, n, 'TJ', 'TJ-' || n, '2015-01-01', 'AV', false, true,
       jsonb_build_object('A', repeat('x', 7900))
from generate_series(1, %d) n
"""


def _run(
    *arguments: str, home: Path, url: str | None = None, **options: object
) -> "subprocess.CompletedProcess[str]":
    """Run ``cordgraph ARGUMENTS``; without ``url`` on the embedded server of ``home``."""
    environment = {
        name: text for name, text in os.environ.items() if name not in VARIABLES.values()
    }
    environment |= {"CORDGRAPH_HOME": str(home), "COLUMNS": "200"}
    if url is not None:
        environment["CORDGRAPH_OPERATOR_URL"] = url
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [*_CORDGRAPH, *arguments], cwd=_ROOT, env=environment, text=True, check=False, **streams
    )


def _write_no_file() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _inventory(folder: Path, units: int) -> str:
    path = folder / "BJ.xml"
    path.write_text(inventory(*(unit(f"BJ-{number}") for number in range(units))), encoding="utf-8")
    return str(path)


@contextmanager
def _small_files() -> Iterator[None]:
    """Let the programs that are started meanwhile write no large files."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@asynccontextmanager
async def _owner(server: EmbeddedServer) -> AsyncIterator[Connection]:
    connection = await connect(server.dsn())
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_table_that_cannot_grow(home: Path) -> None:
    """The database can write no more: one sentence, exit code 3, the old state; then it goes on."""
    server = EmbeddedServer(home / "postgres", {"fsync": "off", "autovacuum": "off"})
    path = _inventory(home, 50)
    with _small_files():
        server.start()
    try:
        access = embedded_access(server)
        await prepare(access.require("owner"), access.role_passwords())
        async with _owner(server) as owner:
            await owner.execute(_FILL % (_LARGEST_FILE // 8192))
            before = await exact_digest(owner)
            ended = await asyncio.to_thread(
                _run, "intake", path, home=home, url=access.require("operator")
            )
            assert ended.returncode == 3, ended.stderr
            assert "error: the database failed: could not extend file" in ended.stderr
            assert "hint: Nothing is half-done; look at the server's log, give" in ended.stderr
            assert "Traceback" not in ended.stderr
            assert await exact_digest(owner) == before
    finally:
        assert server.stop()
    with server:
        ended = await asyncio.to_thread(
            _run, "intake", path, home=home, url=embedded_access(server).require("operator")
        )
        assert ended.returncode == 0, ended.stderr
        async with _owner(server) as owner:
            loaded = await owner.fetchval("select count(*) from intake.raw_unit where bank = 'BJ'")
            assert loaded == 50


def _mounted(folder: Path, megabytes: int) -> bool:
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder))
    try:
        return subprocess.run(["mount", *options], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


async def test_a_full_disk(home: Path) -> None:
    """With its data on a full file system a command says so with exit code 3; then it goes on.

    Where nobody lets us mount a small one, the folder lies on a large one, and what is left to
    prove is that nothing else goes wrong; `test_a_table_that_cannot_grow` runs everywhere.
    """
    disk = home / "disk"
    small = _mounted(disk, 200)
    try:
        first = _run("intake", _inventory(home, 10), home=disk)
        assert first.returncode == 0, first.stderr
        large = ("intake", _inventory(home, 8_000), "--allow-removals")
        if small:
            with EmbeddedServer(disk / "postgres"), _filled(disk, but_for=_MEGABYTE):
                full = await asyncio.to_thread(_run, *large, home=disk)
            assert full.returncode == 3, full.stderr
            assert "error: the database has no room left: could not " in full.stderr
            assert "device\nhint: Nothing is half-done; make room and run the" in full.stderr
            with _filled(disk, but_for=0):
                full = await asyncio.to_thread(_run, *large, home=disk)
            assert full.returncode == 3, full.stderr
            assert "error: PostgreSQL ended at once" in full.stderr
            assert f"hint: If the disk of {disk / 'postgres'} is full, make room" in full.stderr
        again = _run(*large, home=disk)
        assert again.returncode == 0, again.stderr
        with EmbeddedServer(disk / "postgres") as server:
            async with _owner(server) as owner:
                assert await owner.fetchval("select count(*) from intake.raw_unit") == 8_000
                assert await owner.fetchval("select count(*) from intake.submission") == 2
    finally:
        if small:
            subprocess.run(["umount", str(disk)], check=True)  # noqa: ASYNC221 - it takes no time


@contextmanager
def _filled(disk: Path, *, but_for: int) -> Iterator[None]:
    """Leave so many bytes of room on ``disk`` meanwhile."""
    filling, room = disk / "filling", os.statvfs(disk)
    with filling.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - but_for)
    try:
        yield
    finally:
        filling.unlink()


async def test_a_key_that_cannot_be_written(
    database: Access, owner: Connection, operator: Connection, tmp_path: Path
) -> None:
    """No room for a key: nothing is frozen and nothing lies about; then it is."""
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    proposal = await propose(operator)
    await record_proposal(operator, proposal)
    before = await exact_digest(owner)
    freeze = ("scheme", "freeze", proposal.digest, "--profile", "synthetic")
    url = database.require("operator")

    ended = _run(*freeze, home=tmp_path, url=url, preexec_fn=_write_no_file)

    key = tmp_path / "keys" / "scheme-2.key"
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.startswith(
        f"error: {key}: the key of scheme 2 cannot be read or made: File too large\n"
        "hint: Let this account own the folder, make room in it, or set CORDGRAPH_HOME"
    )
    assert list(key.parent.iterdir()) == []
    assert await exact_digest(owner) == before
    assert _run(*freeze, home=tmp_path, url=url).returncode == 0


def test_a_report_that_cannot_be_written(database: Access, tmp_path: Path) -> None:
    """No room for a report: the old one stays, and the next run, which loads nothing, writes it."""
    folder = tmp_path / "reports"
    folder.mkdir()
    report = folder / "report.json"
    report.write_text("old")
    intake = ("intake", _inventory(tmp_path, 10), "--report", str(report))
    url = database.require("operator")

    ended = _run(*intake, home=tmp_path, url=url, preexec_fn=_write_no_file)

    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-2:] == [
        f"error: --report: {report} cannot be written: File too large",
        "hint: Make room there, or name another place.",
    ]
    assert report.read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["report.json"]
    assert _run(*intake, home=tmp_path, url=url).returncode == 0
    assert report.read_text().startswith("{")


def _full() -> IO[str]:
    """Open a file on a disk without room."""
    return Path("/dev/full").open("w", encoding="utf-8")


async def test_nobody_hears_what_is_said(
    database: Access, operator: Connection, tmp_path: Path
) -> None:
    """A full disk under the output is an error with exit code 3; what was done is done once."""
    place_key(tmp_path / "keys")
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    url = database.require("operator")
    with _full() as full:
        ended = _run(
            "release", "publish", "--profile", "synthetic", home=tmp_path, url=url, stdout=full
        )
        assert ended.returncode == 3
        assert ended.stderr.splitlines()[-2:] == [
            "error: what the command says cannot be written: No space left on device",
            "hint: Make room, or name another place. `cordgraph audit` shows what was done before.",
        ]
        assert await operator.fetchval("select count(*) from open.release") == 1
        listed = ("release", "list", "--json")
        deaf = _run(*listed, home=tmp_path, url=url, stdout=full, stderr=full)
        assert deaf.returncode == 3
    assert _run(*listed, home=tmp_path, url=url).returncode == 0


def test_a_reader_who_has_had_enough(database: Access, tmp_path: Path) -> None:
    """A pipe that nobody reads ends the command quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = _run(
            "release", "list", home=tmp_path, url=database.require("operator"), stdout=writing
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.returncode != -signal.SIGPIPE
