"""A mirror in a folder: the bytes of its origin, the news alone, and what an origin must not do."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from database.access import Access
from domain.failures import Refused, Unavailable
from files.layout import MANIFEST, Format, batch_file, table_file
from files.signatures import PublicKey, parse_public_key
from mirroring.folder import STATE, WITHDRAWN, MirrorFolder
from mirroring.origin import root_of
from tests.changing_world import publish_world
from tests.exporting import export_files
from tests.hostile_origin import (
    Fault,
    HostileOrigin,
    answering,
    changed,
    cut_after,
    dripping,
    endless,
    hostile_origin,
)
from tests.mirrors import bring, hashes

_UNITS = table_file("units", Format.PARQUET)
_TEXTS = [table_file("units", form) for form in (Format.CSV, Format.JSONL)]


@pytest.fixture(scope="module")
async def store(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of an origin with the first three releases of `tests.changing_world`."""
    home = tmp_path_factory.mktemp("origin")
    await publish_world(module_database)
    await export_files(module_database, home, upto=3)
    return home / "files"


@pytest.fixture
def origin(store: Path, tmp_path: Path) -> Iterator[HostileOrigin]:
    """An origin with a copy of this store."""
    shutil.copytree(store, tmp_path / "store")
    with hostile_origin(tmp_path / "store") as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a mirror is to be."""
    return tmp_path / "mirror"


@pytest.fixture
def key(store: Path) -> PublicKey:
    """The key of the origin."""
    return parse_public_key((store / "minisign.pub").read_bytes())


def _same(folder: Path, origin: HostileOrigin) -> None:
    found = hashes(folder)
    del found[STATE]
    assert found == hashes(origin.root)


def _hide(origin: HostileOrigin, *releases: int) -> None:
    for release in releases:
        (origin.root / f"releases/{release}").rename(origin.root / f"hidden-{release}")


def _show(origin: HostileOrigin, *releases: int) -> None:
    for release in releases:
        (origin.root / f"hidden-{release}").rename(origin.root / f"releases/{release}")


def test_a_mirror_has_the_bytes_of_its_origin(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """Every file of every release; the units of all but the first release were made here."""
    done = bring(origin.url, folder, key)
    _same(folder, origin)
    assert [each.release for each in done.new] == done.present == [1, 2, 3]
    assert not done.first_use
    for release in (1, 2, 3):
        for path in _TEXTS:
            assert origin.asked[f"releases/{release}/{path}"] == 0
    assert origin.asked[f"releases/1/{_UNITS}"] == 1
    assert origin.asked[f"releases/2/{_UNITS}"] == 0
    assert origin.asked[f"releases/3/{batch_file(3, 'units', Format.PARQUET)}"] == 1
    assert done.fetched == sum(origin.sent.values())
    assert done.fetched < sum(each.bytes for each in done.new)


def test_later_runs_fetch_the_news_alone(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """A mirror of release 1, brought to the newest, is a fresh mirror; then nothing is new."""
    _hide(origin, 2, 3)
    shutil.copyfile(origin.root / "releases/1/minisign.pub", origin.root / "minisign.pub")
    assert bring(origin.url, folder, key).present == [1]
    _show(origin, 2, 3)
    origin.asked.clear()
    done = bring(origin.url, folder, key)
    assert [each.release for each in done.new] == [2, 3]
    _same(folder, origin)
    again = {path for path in origin.asked if path.startswith("releases/1/")}
    assert again == {f"releases/1/{MANIFEST}"}
    fresh = folder.with_name("fresh")
    bring(origin.url, fresh, key)
    assert hashes(fresh) == hashes(folder)
    origin.sent.clear()
    done = bring(origin.url, folder, key)
    assert (done.new, done.present) == ([], [1, 2, 3])
    assert sum(origin.sent.values()) < 1_000


def test_without_a_key_the_first_one_is_trusted_for_good(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """The run says that it did so, and later ones refuse another key."""
    done = bring(origin.url, folder)
    assert done.first_use
    assert done.keys == (key,)
    assert not bring(origin.url, folder).first_use
    assert json.loads((folder / STATE).read_text())["keys"] == [
        (origin.root / "minisign.pub").read_text().splitlines()[1]
    ]


def test_another_key_is_refused(origin: HostileOrigin, folder: Path) -> None:
    """Nothing is taken over, and the message names both keys."""
    stranger = parse_public_key(
        b"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"  # of minisign's manual
    )
    with pytest.raises(Refused, match=f"not one that is trusted here .*{stranger.key_id}"):
        bring(origin.url, folder, stranger)
    assert not list(folder.glob("releases/*"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9999])
def test_a_cut_download_goes_on_where_it_ended(
    origin: HostileOrigin,
    folder: Path,
    key: PublicKey,
    share: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the same run and in the next one, by parts."""
    monkeypatch.setattr("mirroring.origin._PAUSE_S", 0.01)
    path = f"releases/1/{_UNITS}"
    size = (origin.root / path).stat().st_size
    origin.faults[path] = cut_after(share)
    with pytest.raises(Unavailable, match="cannot be fetched"):
        bring(origin.url, folder, key)
    assert not (folder / "releases/1").exists()
    before = origin.sent[path]
    origin.faults.clear()
    bring(origin.url, folder, key)
    _same(folder, origin)
    if share:
        assert origin.sent[path] - before < size
    assert origin.sent[path] <= size + before


_BAD: dict[str, tuple[str, Fault, type[Exception], str]] = {
    "a changed file": ("banks.csv.gz", changed, Refused, "is not the file that the manifest names"),
    "a longer file": (
        "LICENSE",
        lambda _handler, answer: (200, answer[1], answer[2] + b"x"),
        Refused,
        "more than",
    ),
    "a shorter file": (
        "LICENSE",
        lambda _handler, answer: (200, answer[1], answer[2][:-1]),
        Unavailable,
        "ended early",
    ),
    "an endless file": ("README.md", endless, Refused, "more than"),
    "an endless manifest": (MANIFEST, endless, Refused, "more than"),
    "a changed manifest": (MANIFEST, changed, Refused, "release 2 of the origin is refused"),
    "a changed signature": ("SHA256SUMS.minisig", changed, Refused, "signature"),
    "changed hashes": ("SHA256SUMS", changed, Refused, "release 2 of the origin is refused"),
    "another key": ("minisign.pub", changed, Refused, "release 2 of the origin is refused"),
    "a missing file": ("LICENSE", answering(404), Unavailable, "answered with 404"),
    "a redirect": (
        "LICENSE",
        answering(302, location="http://192.0.2.1/LICENSE"),
        Refused,
        "leads elsewhere",
    ),
    "a coding": ("LICENSE", answering(200, b"x", content_encoding="gzip"), Refused, "coding"),
    "a fault": ("LICENSE", answering(500), Unavailable, "500"),
    "another part": (
        _UNITS.replace("units", "banks"),
        lambda _handler, answer: (206, {"Content-Range": "bytes 5-9/10"}, answer[2]),
        Unavailable,
        "206",
    ),
}


@pytest.mark.parametrize(("path", "fault", "error", "match"), _BAD.values(), ids=_BAD)
def test_a_bad_release_is_refused_and_those_before_stay(
    origin: HostileOrigin,
    folder: Path,
    key: PublicKey,
    path: str,
    fault: Fault,
    error: type[Exception],
    match: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is wrong with release 2: a reader of the folder never sees a part of it."""
    monkeypatch.setattr("mirroring.origin._PAUSE_S", 0.01)
    _hide(origin, 2, 3)
    bring(origin.url, folder, key)
    before = hashes(folder)
    _show(origin, 2, 3)
    origin.faults[f"releases/2/{path}"] = fault
    with pytest.raises(error, match=match):
        bring(origin.url, folder, key)
    assert hashes(folder) == before
    origin.faults.clear()
    bring(origin.url, folder, key)
    _same(folder, origin)


def test_another_release_under_a_number_is_refused(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """Though its signature holds."""
    shutil.rmtree(origin.root / "releases/3")
    shutil.copytree(origin.root / "releases/2", origin.root / "releases/3")
    with pytest.raises(Refused, match="its manifest is that of release 2"):
        bring(origin.url, folder, key)


def test_a_release_that_changes_is_refused(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """What is here stays."""
    bring(origin.url, folder, key)
    before = hashes(folder)
    manifest = origin.root / f"releases/2/{MANIFEST}"
    manifest.write_bytes(manifest.read_bytes().replace(b"2", b"3", 1))
    with pytest.raises(Refused, match="the origin has changed release 2"):
        bring(origin.url, folder, key)
    assert hashes(folder) == before


def test_an_origin_that_forgets_a_release_is_refused(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """Releases stay in the list."""
    bring(origin.url, folder, key)
    _hide(origin, 2)
    with pytest.raises(Refused, match="no longer lists release 2"):
        bring(origin.url, folder, key)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b'{"releases": 5}',
        b'{"releases": [{"number": "1"}]}',
        b'{"releases": [{"number": -1}]}',
        b'{"releases": [{"number": 1}, {"number": 1}]}',
        b'{"releases": [{"number": 1, "withdrawnAt": "yesterday", "withdrawnReason": ""}]}',
        b"[" * 100_000,
        *(
            b'{"releases": [{"number": 1, "withdrawnAt": "%b", "withdrawnReason": "%b"}]}'
            % (at, why)
            for at, why in (
                (b"2026-12-01T09:30:00+00:00", b""),
                (b"2026-12-01T09:30:00+00:00", b" "),
                (b"0999-12-01T09:30:00+00:00", b"Counts were wrong."),
                (b"0001-01-01T00:00:00+14:00", b"Counts were wrong."),
                (b"9999-12-31T23:59:59-14:00", b"Counts were wrong."),
            )
        ),
    ],
)
def test_what_is_no_list_of_releases_is_refused(
    origin: HostileOrigin, folder: Path, body: bytes
) -> None:
    """With a message that says what address to give."""
    origin.faults["releases/"] = answering(200, body)
    with pytest.raises(Refused, match="releases/"):
        bring(origin.url, folder)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x", "http://", "data.example.org", "http://u:p@h/", "http://h/?x", "http://h:x"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is asked."""
    with pytest.raises(Refused):
        root_of(url)


def test_the_address_of_the_releases_will_do() -> None:
    """Or that of the service, with a path or without one."""
    assert root_of("https://h") == root_of("https://h/releases/") == "https://h/"
    assert root_of("https://h/data/releases") == root_of("https://h/data/") == "https://h/data/"


_AT, _REASON = "2026-12-01T09:30:00.123456+00:00", "Cell counts of one bank were wrong."


def test_a_withdrawal_takes_the_files_and_leaves_a_tombstone(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """Before and after it was mirrored; what names and signs the files stays."""
    bring(origin.url, folder, key)
    origin.withdrawn[2] = (_AT, _REASON)
    done = bring(origin.url, folder, key)
    assert [each.release for each in done.withdrawn] == [2]
    assert done.present == [1, 3]
    left = sorted(path.name for path in (folder / "releases/2").rglob("*"))
    assert left == sorted(
        [WITHDRAWN, "manifest.json", "SHA256SUMS", "SHA256SUMS.minisig", "minisign.pub"]
    )
    assert json.loads((folder / "releases/2" / WITHDRAWN).read_text()) == {
        "release": 2,
        "withdrawn_at": "2026-12-01T09:30:00.123456Z",
        "reason": _REASON,
    }
    assert bring(origin.url, folder, key).withdrawn == []
    fresh = folder.with_name("fresh")
    done = bring(origin.url, fresh, key)
    assert done.present == [1, 3]
    assert [path.name for path in (fresh / "releases/2").iterdir()] == [WITHDRAWN]
    assert origin.asked[f"releases/3/{_UNITS}"] == 1  # its batch alone does not follow release 1
    del origin.withdrawn[2]
    with pytest.raises(Refused, match="lists release 2 again"):
        bring(origin.url, folder, key)


def test_several_withdrawals_at_once_wait_for_somebody_to_look(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """Nothing is changed before; nobody can empty a mirror by a list that is not signed."""
    bring(origin.url, folder, key)
    before = hashes(folder)
    origin.withdrawn.update(dict.fromkeys((1, 2, 3), (_AT, _REASON)))
    with pytest.raises(Refused, match="releases 1, 2, 3 are withdrawn, which are here"):
        bring(origin.url, folder, key)
    assert hashes(folder) == before
    assert bring(origin.url, folder, key, accept_withdrawals=True).present == []


def test_damage_is_found_and_brought_back(
    origin: HostileOrigin, folder: Path, key: PublicKey
) -> None:
    """With --check; a damaged manifest is found by every run."""
    bring(origin.url, folder, key)
    units, manifest = folder / f"releases/2/{_UNITS}", folder / f"releases/3/{MANIFEST}"
    units.write_bytes(units.read_bytes()[:-1] + b"x")
    (folder / "releases/1/LICENSE").unlink()
    manifest.write_bytes(b"{}")
    assert bring(origin.url, folder, key).repaired == [3]
    assert bring(origin.url, folder, key, check=True).repaired == [1, 2]
    _same(folder, origin)


def test_what_cannot_be_made_is_fetched(
    origin: HostileOrigin, folder: Path, key: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the origin writes its files with another version of the program."""
    monkeypatch.setattr("files.table_file._ZSTD_LEVEL", 3)
    bring(origin.url, folder, key)
    _same(folder, origin)
    assert origin.asked[f"releases/2/{_UNITS}"] == 1
    assert all(origin.asked[f"releases/2/{path}"] == 0 for path in _TEXTS)


def test_a_folder_of_others_is_left_alone(origin: HostileOrigin, folder: Path) -> None:
    """And so is the mirror of another service."""
    (folder / "releases/1").mkdir(parents=True)
    with pytest.raises(Refused, match="is not the folder of a mirror"):
        bring(origin.url, folder)
    shutil.rmtree(folder)
    bring(origin.url, folder)
    other = origin.url.replace("127.0.0.1", "localhost")
    with pytest.raises(Refused, match="mirrors http://127"):
        bring(other, folder)


def test_a_slow_origin_is_given_up(
    origin: HostileOrigin, folder: Path, key: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that drips bytes would hold a mirror for days."""
    monkeypatch.setattr("mirroring.origin._GRACE_S", 0.3)
    monkeypatch.setattr("mirroring.origin._SLOWEST", 10**9)
    origin.faults[f"releases/1/{_UNITS}"] = dripping(0.05)
    with pytest.raises(Unavailable, match="comes too slowly"):
        bring(origin.url, folder, key)
    assert not (folder / "releases/1").exists()


def test_a_release_for_which_there_is_no_room_is_not_begun(
    origin: HostileOrigin, folder: Path, key: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says how much it takes and how much there is."""
    monkeypatch.setattr(MirrorFolder, "free_bytes", lambda _self: 1_000)
    with pytest.raises(Unavailable, match=r"release 1 takes 5\d,\d{3},\d{3} bytes, .* has 1,000"):
        bring(origin.url, folder, key)
    assert not any(path.startswith("releases/1/units") for path in origin.asked)
