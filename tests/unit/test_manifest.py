"""Manifests, release.json and SHA256SUMS are read as they were written, and nothing else is."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from files.layout import Format, batch_file, is_safe, media_type, stored, table_file
from files.manifest import (
    FileEntry,
    InvalidManifestError,
    Manifest,
    Previous,
    Totals,
    read_sums,
    sums_text,
)
from files.release_document import (
    ReferenceRow,
    ReleaseDocument,
    ReleaseRow,
    SchemeRow,
    WithdrawnClass,
)

_HASH = "0123456789abcdef" * 4
_AT = dt.datetime(2026, 10, 1, 12, 0, 0, 123456, tzinfo=dt.UTC)

MANIFEST = Manifest(
    release=3,
    scheme=1,
    schema_version="1",
    digest=_HASH,
    licence="CC-BY-4.0",
    synthetic=True,
    published_at=_AT,
    totals=Totals(units=33, added=11, withdrawn=0, banks=2, classes=3),
    previous=Previous(1, _HASH),
    files=(
        FileEntry("README.md", "text/markdown; charset=utf-8", 10, None, _HASH),
        FileEntry("units.csv.gz", "application/gzip", 2**40, 33, _HASH, "units"),
    ),
)

DOCUMENT = ReleaseDocument(
    release=2,
    releases=tuple(
        ReleaseRow(
            number=number,
            scheme=1,
            published_at=_AT,
            profile="strict",
            synthetic=False,
            licence="CC-BY-4.0",
            unit_count=22,
            added_unit_count=11,
            withdrawn_unit_count=11,
            bank_count=1,
            class_count=2,
            smallest_class=11,
            median_class=11,
            held_back_percent=3,
            bank_held_back_percent=None,
            abo_held_back_percent=4,
            losses={"abo": 0, "tnc": None},
            judge=None,
            digest=_HASH,
        )
        for number in (1, 2)
    ),
    schemes=(SchemeRow(1, 11, {"k": 11, "tnc_cuts": [8.0, 12.5], "volume_cuts": None}, _AT),),
    banks=(ReferenceRow("BJ", 1),),
    indications=(ReferenceRow("AML", 2),),
    withdrawn_classes=(WithdrawnClass(_HASH, 1, 2),),
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    """Nothing is lost, and equal manifests are equal bytes."""
    content = MANIFEST.to_bytes()
    assert Manifest.from_bytes(content) == MANIFEST
    assert Manifest.from_bytes(content).to_bytes() == content
    first = replace(MANIFEST, release=1, previous=None)
    assert Manifest.from_bytes(first.to_bytes()).previous is None
    assert MANIFEST.file("units.csv.gz") == MANIFEST.files[1]
    assert MANIFEST.file("units.csv") is None


def test_release_json_is_read_as_it_was_written() -> None:
    """Nothing is lost, and equal documents are equal bytes."""
    content = DOCUMENT.to_bytes()
    assert ReleaseDocument.from_bytes(content) == DOCUMENT
    assert ReleaseDocument.from_bytes(content).to_bytes() == content
    assert DOCUMENT.row.number == 2


def test_fields_of_a_later_version_are_passed_over() -> None:
    """A manifest may say more than is known here."""
    given = json.loads(MANIFEST.to_bytes())
    given["heading"] = "new"
    given["files"][0]["heading"] = "new"
    assert Manifest.from_bytes(json.dumps(given).encode()) == MANIFEST


def _set(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(given: Any) -> None:
        *way, last = path
        for step in way:
            given = given[step]
        given[last] = to

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("format", to="cordgraph-manifest-2"), "format"),
        (_set("release", to="3"), "release"),
        (_set("release", to=True), "release"),
        (_set("release", to=0), "release"),
        (_set("synthetic", to=1), "synthetic"),
        (_set("digest", to=_HASH.upper()), "digest"),
        (_set("published_at", to="2026-10-01T12:00:00Z"), "published_at"),
        (_set("published_at", to="2026-10-01T12:00:00.1Z"), "published_at"),
        (_set("licence", to="CC\n"), "licence"),
        (_set("licence", to="C" * 1_001), "licence"),
        (_set("totals", to=[]), "totals"),
        (_set("totals", "units", to=-1), "units"),
        (_set("previous", "release", to=3), "previous"),
        (_set("previous", to="none"), "previous"),
        (_set("files", to={}), "files"),
        (_set("files", 0, to="README.md"), "files"),
        (_set("files", 0, "path", to="../README.md"), "plain path"),
        (_set("files", 0, "path", to="/etc/passwd"), "plain path"),
        (_set("files", 0, "path", to="units.csv.gz"), "order of their paths"),
        (_set("files", 0, "path", to="zebra"), "order of their paths"),
        (_set("files", 0, "bytes", to=2**63), "bytes"),
        (_set("files", 0, "bytes", to=1.5), "bytes"),
        (_set("files", 1, "rows", to="many"), "rows"),
        (_set("files", 1, "sha256", to="sha256"), "sha256"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_field(
    change: Callable[[Any], None], told: str
) -> None:
    """Each rule is held, and the message names the field."""
    given = json.loads(MANIFEST.to_bytes())
    change(given)
    with pytest.raises(InvalidManifestError, match=told):
        Manifest.from_bytes(json.dumps(given).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"null", b"[" * 100_000, b'{"format":'])
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    """Whatever is sent in place of a manifest, it is one kind of error."""
    with pytest.raises(InvalidManifestError):
        Manifest.from_bytes(content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("releases", to=[]), "releases"),
        (_set("releases", 0, "number", to=2), "releases"),
        (_set("releases", 1, "losses", "abo", to="x"), "abo"),
        (_set("schemes", to=[]), "schemes"),
        (_set("schemes", 0, "levels", to=None), "levels"),
        (_set("reference", "banks", 0, "since", to=None), "since"),
        (_set("withdrawn_classes", 0, "withdrawn", to=1), "withdrawn"),
        (_set("withdrawn_classes", 0, to=1), "withdrawn_classes"),
    ],
)
def test_a_wrong_release_json_is_refused_with_its_field(
    change: Callable[[Any], None], told: str
) -> None:
    """Each rule is held, and the message names the field."""
    given = json.loads(DOCUMENT.to_bytes())
    change(given)
    with pytest.raises(InvalidManifestError, match=told):
        ReleaseDocument.from_bytes(json.dumps(given).encode())


def test_sums_are_those_of_sha256sum() -> None:
    """A line is hash, two spaces and path, in the order of the paths."""
    content = sums_text([("units.csv.gz", _HASH), ("LICENSE", _HASH[::-1])])
    assert content.decode() == f"{_HASH[::-1]}  LICENSE\n{_HASH}  units.csv.gz\n"
    assert read_sums(content) == {"LICENSE": _HASH[::-1], "units.csv.gz": _HASH}


@pytest.mark.parametrize(
    "content",
    [
        f"{_HASH} units".encode(),
        f"{_HASH}  ../units".encode(),
        f"{_HASH}  units\n{_HASH}  units\n".encode(),
        f"{_HASH.upper()}  units".encode(),
        b"\n",
        f"{_HASH}  unit\xe9s".encode("latin-1"),
    ],
)
def test_wrong_sums_are_refused(content: bytes) -> None:
    """Nothing but such lines is taken."""
    with pytest.raises(InvalidManifestError, match="SHA256SUMS"):
        read_sums(content)


@pytest.mark.parametrize(
    "path",
    [
        "units.parquet",
        "batches/3/units.csv.gz",
        "releases/3/batches/3/units.csv.gz",
        "SHA256SUMS.minisig",
        "a/b/c/d/e/f",
    ],
)
def test_our_paths_are_plain(path: str) -> None:
    """What the layout makes is taken."""
    assert is_safe(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/units",
        "../units",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        ".hidden",
        "a/.hidden",
        "a\\b",
        "c:units",
        "units\n",
        "units\x00",
        "ünits",
        "units%2f",
        "units#1",
        "-rf",
        "a" * 201,
        "a/b/c/d/e/f/g",
    ],
)
def test_other_paths_are_not(path: str) -> None:
    """No way out of the folder, no hidden name, no name that another program reads otherwise."""
    assert not is_safe(path)


def test_the_layout_is_the_published_one() -> None:
    """Names of files are a promise to whoever fetches them."""
    assert table_file("units", Format.PARQUET) == "units.parquet"
    assert batch_file(3, "units", Format.CSV) == "batches/3/units.csv.gz"
    assert stored(3, "manifest.json") == "releases/3/manifest.json"
    assert media_type("units.parquet") == "application/vnd.apache.parquet"
    assert media_type("batches/3/units.csv.gz") == "application/gzip"
    assert media_type("batches/3.md/SHA256SUMS") == "text/plain; charset=utf-8"
    assert media_type("minisign.pub") == "text/plain; charset=utf-8"
