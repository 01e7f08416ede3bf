"""`cordgraph release export` and what publishing and withdrawing do with files."""

import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import minisign  # type: ignore[import-untyped]
import pytest

from database.access import Access
from files.manifest import Manifest
from files.signatures import parse_public_key
from tests.command_line import Runner
from tests.inventories import place_key
from tests.signing import Person

FAKE = ("--profile", "synthetic")
_CHAIN = {"manifest.json", "SHA256SUMS", "SHA256SUMS.minisig", "minisign.pub"}


@pytest.fixture
def cordgraph(database: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line; files lie in the data folder."""
    for name in ("CORDGRAPH_FILES", "CORDGRAPH_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    place_key(tmp_path / "keys")
    return Runner(database, tmp_path)


@pytest.fixture
def two(inventory: object, cordgraph: Runner) -> Runner:
    """The command line after two releases with files."""
    assert inventory is not None
    cordgraph("release", "publish", *FAKE, "--at-most", "9000", code=0)
    cordgraph("release", "publish", *FAKE, code=0)
    return cordgraph


def _folder(cordgraph: Runner, release: int) -> Path:
    return cordgraph.home / f"files/releases/{release}"


def _manifest(cordgraph: Runner, release: int) -> Manifest:
    return Manifest.from_bytes((_folder(cordgraph, release) / "manifest.json").read_bytes())


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("inventory")
def test_publishing_ends_with_the_files(cordgraph: Runner) -> None:
    """It says where they are; programs get the same; the log has both."""
    told = cordgraph("release", "publish", *FAKE, "--at-most", "9000", code=0)
    assert "Published release 1 (synthetic): " in told.stdout
    assert f"in {_folder(cordgraph, 1)}." in told.stdout
    said = json.loads(cordgraph("release", "publish", *FAKE, "--json", code=0).stdout)
    assert said["number"] == 2
    assert said["files"]["release"] == 2
    count = len(_manifest(cordgraph, 2).files) + len(_CHAIN - {"minisign.pub"})
    assert said["files"]["files"] == said["files"]["added"] == count
    assert _manifest(cordgraph, 2).digest == said["digest"]
    log = json.loads(cordgraph("audit", "--json", code=0).stdout)
    exports = [entry for entry in log if entry["action"] == "release.export"]
    assert [entry["subject"] for entry in exports] == ["release 1", "release 2"]
    assert exports[1]["details"]["key"] == said["files"]["key"]
    assert cordgraph("verify", str(cordgraph.home / "files")).exit_code == 0


@pytest.mark.usefixtures("inventory")
def test_a_release_without_files_is_said(
    cordgraph: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release is there, exit code 3 says that its files are not, and export writes them."""
    (cordgraph.home / "blocked").write_bytes(b"no folder")
    monkeypatch.setenv("CORDGRAPH_FILES", str(cordgraph.home / "blocked"))
    told = cordgraph("release", "publish", *FAKE, "--at-most", "9000", code=3)
    assert "Published release 1 (synthetic)" in told.stdout
    assert "release 1 is published, but its files are missing" in told.stderr
    assert "Then run `cordgraph release export 1`." in told.stderr
    said = cordgraph("release", "publish", *FAKE, "--json", code=3)
    assert json.loads(said.stdout)["files"] is None
    monkeypatch.delenv("CORDGRAPH_FILES")
    told = cordgraph("release", "export", code=0)
    assert [line.split(":")[0] for line in told.stdout.splitlines()][:2] == [
        "Files of release 1",
        "Files of release 2",
    ]
    again = cordgraph("release", "export", "--all", code=0)
    assert again.stdout.count("all there") == 2


def test_what_cannot_be_exported_is_refused(cordgraph: Runner) -> None:
    """No release, no such release, or two wishes at once."""
    assert "No release has been published yet." in cordgraph("release", "export", code=0).stdout
    assert "release 7 does not exist" in cordgraph("release", "export", "7", code=1).stderr
    cordgraph("release", "export", "1", "--all", code=2)


def test_the_public_key_is_shown(two: Runner) -> None:
    """It is printed as it stands in minisign.pub; the secret key is its owner's only."""
    told = two("release", "export", code=0).stdout.splitlines()[-1]
    line = (two.home / "files/minisign.pub").read_text().splitlines()[1]
    assert told.endswith(f": {line}")
    secret = two.home / "keys/release-signing.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not any("release-signing" in path.name for path in (two.home / "files").rglob("*"))


def test_a_key_that_others_can_read_is_refused(two: Runner) -> None:
    """The hint says what to run."""
    (two.home / "keys/release-signing.key").chmod(0o644)
    told = two("release", "export", code=1).stderr
    assert "others can read or change the key (mode 0644, not 0600)" in told
    assert "chmod 600" in told


def test_a_lost_key_is_not_replaced_by_itself(two: Runner) -> None:
    """Readers know the old one: another is made only when asked for, and signs from then on."""
    old = parse_public_key((two.home / "files/minisign.pub").read_bytes())
    (two.home / "keys/release-signing.key").unlink()
    told = two("release", "export", code=1).stderr
    assert "the key that signs releases is missing" in told
    assert "--renew-key" in told
    shutil.rmtree(_folder(two, 2))
    told = two("release", "export", "--renew-key", code=1).stderr
    assert "would make others than were published" in told
    new = parse_public_key((two.home / "files/minisign.pub").read_bytes())
    assert new != old
    assert parse_public_key((_folder(two, 1) / "minisign.pub").read_bytes()) == old
    two("release", "export", "1", code=0)


def test_another_key_is_refused(two: Runner) -> None:
    """A key that was put in the place of the first one signs nothing unasked."""
    (two.home / "keys/release-signing.key").write_bytes(Person("other").secret_key)
    told = two("release", "export", code=1).stderr
    assert "is not the one that readers know" in told


@pytest.mark.usefixtures("inventory")
def test_a_key_of_minisign_signs(cordgraph: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """CORDGRAPH_SIGNING_KEY names a key that minisign made; one with a password needs somebody."""
    person = Person("signer")
    path = Path(cordgraph.file("signing.key", person.encrypted_key("secret")))
    path.chmod(0o600)
    monkeypatch.setenv("CORDGRAPH_SIGNING_KEY", str(path))
    told = cordgraph("release", "publish", *FAKE, code=3).stderr
    assert "is encrypted, and nobody can be asked" in told
    path.write_bytes(b"no key")
    assert "this is no key that can sign" in cordgraph("release", "export", code=1).stderr
    path.write_bytes(person.secret_key)
    if shutil.which("minisign"):
        command = ["minisign", "-G", "-W", "-f", "-s", str(path), "-p", f"{path}.pub"]
        subprocess.run(command, check=True, capture_output=True)
        path.chmod(0o600)
    cordgraph("release", "export", code=0)
    assert not (cordgraph.home / "keys/release-signing.key").exists()
    key = minisign.SecretKey.from_bytes(path.read_bytes()).get_public_key()
    published = parse_public_key((cordgraph.home / "files/minisign.pub").read_bytes())
    assert published == parse_public_key(bytes(key))


def test_a_withdrawn_release_keeps_its_place_in_the_chain(two: Runner) -> None:
    """Its files leave the store; its manifest stays, and the next one refers to it."""
    withdraw = ("release", "withdraw", "2", "--cause", "fault", "--reason", "Wrong.", *FAKE)
    told = two(*withdraw, code=0)
    assert "Release 2 is withdrawn." in told.stdout
    assert _names(_folder(two, 2)) == _CHAIN
    assert _names(_folder(two, 1)) > _CHAIN
    told = two("release", "export", "2", code=1)
    assert "release 2 is withdrawn: its files are not served any more" in told.stderr
    verified: list[dict[str, Any]] = json.loads(
        two("verify", str(two.home / "files"), "--json", code=0).stdout
    )
    assert [(verdict["release"], verdict["files"] > 0) for verdict in verified] == [
        (2, False),
        (1, True),
    ]
    assert "as those of a withdrawn release are" in verified[0]["notes"][1]
    told = two("release", "export", "--all", code=0)
    assert "Files of release 1: all there" in told.stdout
    assert "release 2" not in told.stdout


def test_files_of_a_withdrawn_release_that_could_not_be_removed(
    two: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The withdrawal stands, exit code 3 says that files are left, and export removes them."""
    (two.home / "blocked").write_bytes(b"no folder")
    withdraw = ("release", "withdraw", "2", "--cause", "fault", "--reason", "Wrong.", *FAKE)
    monkeypatch.setenv("CORDGRAPH_FILES", f"s3://{'missing' * 3}/x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never-to-be-shown")
    told = two(*withdraw, code=3)
    assert "release 2 is withdrawn, but its files are still in the store" in told.stderr
    assert "never-to-be-shown" not in told.output
    monkeypatch.delenv("CORDGRAPH_FILES")
    assert _names(_folder(two, 2)) > _CHAIN
    two("release", "export", code=0)
    assert _names(_folder(two, 2)) == _CHAIN
