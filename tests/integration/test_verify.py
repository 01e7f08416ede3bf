"""`cordgraph verify` finds whatever is not as it was published, and says what."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from files.manifest import Manifest, sums_text
from files.signatures import parse_public_key
from publishing.export.signing_key import SigningKey, obtain_signing_key
from tests.origin import Origin, answer, endless, origin
from tests.verifying import found, seal, verify


@pytest.fixture
def served(store_copy: Path) -> Iterator[Origin]:
    """The copy, served over HTTP."""
    with origin(store_copy) as running:
        yield running


def test_all_releases_of_a_folder_hold(store_copy: Path) -> None:
    """Each is named with its files, digest and key; the chain is whole."""
    result = verify(store_copy, "--public-key", store_copy / "minisign.pub")
    assert result.exit_code == 0, result.output
    for number in (3, 2, 1):
        assert f"release {number} is as it was published: 36 files" in result.stdout
    assert result.stdout.count("the chain of manifests is whole to the first release") == 3
    assert "compare it" not in result.stdout


def test_a_release_holds_by_its_own_key_with_a_warning(newest: Path) -> None:
    """Without a key it is said that the key beside the files proves little."""
    verdict = found(newest)
    assert verdict["holds"]
    assert verdict["release"] == 3
    key = parse_public_key((newest / "minisign.pub").read_bytes())
    assert verdict["key_id"] == key.key_id
    assert "compare it with the one that the publisher shows elsewhere" in verdict["notes"][0]


def test_a_key_can_be_given_as_its_line(newest: Path) -> None:
    """The second line of the file is enough; what is no key is refused."""
    line = (newest / "minisign.pub").read_text().splitlines()[1]
    assert verify(newest, "--public-key", line).exit_code == 0
    result = verify(newest, "--public-key", "RWno")
    assert result.exit_code == 1
    assert "neither a file nor a public key" in result.output


def test_an_address_holds(served: Origin) -> None:
    """The release at an address, and the newest of a service."""
    assert found(f"{served.url}releases/2/")["release"] == 2
    assert found(f"{served.url}releases/3")["release"] == 3
    served.lies["/releases/latest/manifest.json"] = answer(
        307, Location="/releases/3/manifest.json"
    )
    for place in (served.url, f"{served.url}releases/", f"{served.url}releases/latest/"):
        verdict = found(place)
        assert verdict["release"] == 3
        assert verdict["notes"][-1] == "the chain of manifests is whole to the first release"


def _lose(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def _change(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return change


def _cut(name: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size - 1)


def _link(folder: Path) -> None:
    (folder / "units.parquet").rename(folder.parent / "elsewhere")
    (folder / "units.parquet").symlink_to("../elsewhere")


def _pipe(folder: Path) -> None:
    (folder / "units.parquet").unlink()
    os.mkfifo(folder / "units.parquet")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_change("units.parquet"), "units.parquet was changed: its hash is not the one"),
        (_change("batches/3/units.csv.gz"), "batches/3/units.csv.gz was changed"),
        (_change("README.md"), "README.md was changed"),
        (_cut("units.jsonl.gz"), "units.jsonl.gz is cut off: it has "),
        (_write("LICENSE", b"x" * 10_000), "LICENSE was changed: it has more than 192 bytes"),
        (_lose("banks.parquet"), "banks.parquet is missing"),
        (_lose("release.json"), "release.json is missing"),
        (_link, "units.parquet is missing"),
        (_pipe, "units.parquet is missing"),
        (_write("extra.txt", b"x"), "'extra.txt' is not part of release 3"),
        (_write(".hidden", b"x"), "'.hidden' is not part of release 3"),
        (_lose("SHA256SUMS.minisig"), "the release is not signed: SHA256SUMS.minisig is missing"),
        (_lose("SHA256SUMS"), "there is no release here: SHA256SUMS is missing"),
        (_lose("minisign.pub"), "no public key was given: minisign.pub is missing"),
        (_lose("manifest.json"), "the manifest is missing"),
        (_change("SHA256SUMS"), "the signature does not fit SHA256SUMS"),
        (_change("manifest.json"), "manifest.json was changed: its hash is not the one in"),
        (_write("SHA256SUMS.minisig", b"x"), "SHA256SUMS.minisig is no signature of minisign"),
        (_write("minisign.pub", b"x"), "minisign.pub is no public key of minisign"),
        (_write("SHA256SUMS", b"0" * 5_000_000), "SHA256SUMS has more than"),
    ],
)
def test_harm_is_found_and_named(newest: Path, harm: Callable[[Path], None], told: str) -> None:
    """Whatever is done to a folder, the file and the fault are named."""
    harm(newest)
    faults = found(newest)["faults"]
    assert any(fault.startswith(told) for fault in faults), faults


def test_another_key_is_told(newest: Path, tmp_path: Path) -> None:
    """A release that somebody else signed does not hold, whatever key lies beside it."""
    other = obtain_signing_key(tmp_path / "keys", {}, None, lambda: "")
    published = (newest / "minisign.pub").read_bytes()
    (tmp_path / "published.pub").write_bytes(published)
    (newest / "minisign.pub").write_bytes(other.public.to_file())
    seal(newest, other)
    assert found(newest)["holds"]
    (fault,) = found(newest, "--public-key", tmp_path / "published.pub")["faults"]
    ours = parse_public_key(published).key_id
    assert fault.startswith(
        f"SHA256SUMS.minisig was made by the key {other.public.key_id}, not by {ours}"
    )


def test_the_signature_of_another_release_is_told(store_copy: Path) -> None:
    """What was signed for release 2 cannot stand for release 3, and release 2 is not release 3."""
    shutil.copytree(store_copy / "releases/2", store_copy / "releases/3", dirs_exist_ok=True)
    verdict = found(store_copy / "releases/3")
    assert verdict["release"] == 2
    assert "'batches/3/units.parquet' is not part of release 2" in verdict["faults"]


def test_a_broken_chain_is_told(store_copy: Path, release_key: SigningKey) -> None:
    """An earlier release that was published anew, by the right key, breaks the chain."""
    seal(store_copy / "releases/1", release_key)
    assert found(store_copy / "releases/1")["holds"]
    for number in (2, 3):
        assert found(store_copy / f"releases/{number}")["faults"] == [
            "the chain is broken: the manifest of release 1 is not the one that release 2 names"
        ]


def test_a_chain_that_ends_early_is_said(store_copy: Path, served: Origin) -> None:
    """What is not there cannot be followed; that is no fault."""
    shutil.rmtree(store_copy / "releases/1")
    verdict = found(store_copy / "releases/3")
    assert verdict["holds"]
    assert verdict["notes"][-1].startswith("release 1 is not here, so the chain was not followed")
    served.lies["/releases/2/manifest.json"] = answer(410)
    verdict = found(f"{served.url}releases/3/")
    assert verdict["notes"][-1].startswith("release 2 is withdrawn, so the chain was not")


@pytest.mark.parametrize(
    ("path", "lie", "told"),
    [
        ("SHA256SUMS", endless, "SHA256SUMS has more than"),
        ("manifest.json", endless, "manifest.json has more than"),
        ("units.parquet", endless, "units.parquet was changed: it has more than"),
        ("units.parquet", answer(404), "units.parquet is missing"),
        ("units.parquet", answer(410), "units.parquet is missing"),
        ("units.parquet", answer(200, b"short"), "units.parquet is cut off: it has 5 of"),
        ("SHA256SUMS", answer(410), "there is no release here: SHA256SUMS is missing (withdrawn)"),
    ],
)
def test_a_lying_origin_is_found_out(
    served: Origin, path: str, lie: Callable[[BaseHTTPRequestHandler], None], told: str
) -> None:
    """It cannot make us take more than was signed, nor less."""
    served.lies[f"/releases/3/{path}"] = lie
    faults = found(f"{served.url}releases/3/")["faults"]
    assert any(fault.startswith(told) for fault in faults), faults


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (answer(302, Location="http://127.0.0.1:1/"), "leads elsewhere, which is not followed"),
        (answer(301, Location="/releases/2/units.parquet"), "leads elsewhere"),
        (answer(500), "is answered with 500"),
        (answer(206, b"x"), "is answered with 206"),
        (answer(200, b"x", Content_Encoding="gzip"), "comes in a content coding nobody asked for"),
    ],
)
def test_an_origin_that_cannot_be_used_is_told(
    served: Origin, lie: Callable[[BaseHTTPRequestHandler], None], told: str
) -> None:
    """Exit code 3: it says nothing about the release."""
    served.lies["/releases/3/units.parquet"] = lie
    result = verify(f"{served.url}releases/3/")
    assert result.exit_code == 3
    assert told in result.output


def test_latest_is_followed_on_its_own_origin_only(served: Origin) -> None:
    """Neither another host nor a loop is followed."""
    place = "/releases/latest/manifest.json"
    for target in ("http://localhost:1/releases/3/manifest.json", "/etc/passwd", place):
        served.lies[place] = answer(307, Location=target)
        result = verify(served.url)
        assert result.exit_code == 3
        assert "leads" in result.output
    assert all(path == place for path in served.asked)


def test_paths_out_of_the_folder_are_never_asked_for(
    newest: Path, release_key: SigningKey, served: Origin
) -> None:
    """A manifest with such a path is invalid as a whole, however well it is signed."""
    given = json.loads((newest / "manifest.json").read_bytes())
    seal(newest, release_key)
    given["files"][0]["path"] = "../../secret"
    content = json.dumps(given).encode()
    (newest / "manifest.json").write_bytes(content)
    hashes = sums_text([("manifest.json", hashlib.sha256(content).hexdigest())])
    (newest / "SHA256SUMS").write_bytes(hashes)
    signed = Manifest.from_bytes((newest.parent / "2/manifest.json").read_bytes())
    (newest / "SHA256SUMS.minisig").write_bytes(release_key.sign(hashes, signed))
    (fault,) = found(f"{served.url}releases/3/")["faults"]
    assert fault.startswith("manifest.json is invalid: files: '../../secret' is not a plain path")
    assert not any("secret" in path for path in served.asked)


def test_a_slow_origin_is_given_up(served: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot hold a reader for ever by sending a byte now and then."""
    monkeypatch.setattr("files.sources._GRACE_SECONDS", 0.3)
    monkeypatch.setattr("files.sources._SLOWEST", 1e9)
    sent = 0

    def drip(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            while sent < 1_000:
                handler.wfile.write(b"x")
                sent += 1
                time.sleep(0.02)
        except OSError:
            handler.close_connection = True

    served.lies["/releases/3/manifest.json"] = drip
    result = verify(f"{served.url}releases/3/")
    assert result.exit_code == 3
    assert "comes too slowly" in result.output
    assert sent < 1_000


def test_what_is_no_place_is_told(tmp_path: Path) -> None:
    """Neither a folder that is not there nor an empty one nor another protocol."""
    assert verify(tmp_path / "missing").exit_code == 3
    assert "there is no release here" in verify(tmp_path).output
    (tmp_path / "releases").mkdir()
    assert verify(tmp_path).exit_code == 3
    assert verify("ftp://127.0.0.1/releases/3").exit_code == 3
    assert verify("http:///releases/3").exit_code == 1
    assert verify("http://127.0.0.1:9/releases/3").exit_code == 3
