"""Files of releases over HTTP: whole, in parts, conditionally, and never other than published."""

import asyncio
import base64
import hashlib
import random
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from tests.release_folder import place_files, wait_until, withdraw
from tests.serve_process import running_process
from tests.serving import serving

_LARGE = random.Random(1).randbytes(3_000_001)
_SMALL = b"sum  file\n"
_FILES = {
    1: {"units.parquet": _LARGE[:1_000_000], "SHA256SUMS": _SMALL},
    3: {
        "units.parquet": _LARGE,
        "units.csv.gz": _LARGE[:500],
        "manifest.json": b"{}\n",
        "README.md": "# Größe\n".encode(),
        "SHA256SUMS": _SMALL,
        "batches/3/units.parquet": _LARGE[7:100_007],
        "empty.txt": b"",
    },
}
_DIGEST = hashlib.sha256(_LARGE)
_TAG = f'"sha256-{_DIGEST.hexdigest()}"'


@pytest.fixture(scope="module")
async def store(published: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of releases 1 and 3 of `published`."""
    folder = tmp_path_factory.mktemp("store")
    await place_files(published, folder, _FILES)
    return folder


@pytest.fixture(scope="module")
def client(published: Access, store: Path) -> Iterator[httpx.Client]:
    """A client of a service that has these files."""
    settings = Settings(anonymous_quota=0, files=str(store))
    with serving(published, settings) as url, httpx.Client(base_url=url) as opened:
        yield opened


def test_a_file_is_sent_with_all_that_is_known_of_it(client: httpx.Client) -> None:
    """Its tag and digest are its hash; it is neither compressed nor renamed, and kept for a day."""
    answer = client.get("/releases/3/units.parquet", headers={"accept-encoding": "gzip, br"})
    assert answer.status_code == 200
    assert answer.content == _LARGE
    expected = {
        "content-type": "application/vnd.apache.parquet",
        "content-length": str(len(_LARGE)),
        "accept-ranges": "bytes",
        "etag": _TAG,
        "repr-digest": f"sha-256=:{base64.b64encode(_DIGEST.digest()).decode()}:",
        "cache-control": "public, max-age=86400, immutable",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert answer.headers["last-modified"].endswith(" GMT")
    assert not {"content-encoding", "content-disposition", "vary"} & set(answer.headers)


def test_media_types_are_true(client: httpx.Client) -> None:
    """A compressed file is what it is, so that nobody unpacks it on the way."""
    types = {
        "units.csv.gz": "application/gzip",
        "manifest.json": "application/json",
        "README.md": "text/markdown; charset=utf-8",
        "SHA256SUMS": "text/plain; charset=utf-8",
        "batches/3/units.parquet": "application/vnd.apache.parquet",
    }
    for path, expected in types.items():
        assert client.get(f"/releases/3/{path}").headers["content-type"] == expected


def test_links_lead_on_from_a_file(client: httpx.Client) -> None:
    """To what describes it, its licence, and the releases before and after, relative to it."""
    deep = client.head("/releases/3/batches/3/units.parquet").headers["link"]
    assert '<../../>; rel="cite-as"' in deep
    assert '<../../manifest.json>; rel="describedby"; type="application/json"' in deep
    assert '<../../../latest/batches/3/units.parquet>; rel="latest-version"' in deep
    assert "predecessor-version" not in deep
    plain = client.head("/releases/3/SHA256SUMS").headers["link"]
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in plain
    assert '<../latest/SHA256SUMS>; rel="latest-version"' in plain
    assert "predecessor-version" not in plain  # release 2 has no files
    folder = client.head("/releases/3/").headers["link"]
    assert '<./>; rel="cite-as"' in folder
    assert '<../2/>; rel="predecessor-version"' in folder
    assert '<croissant.json>; rel="describedby"' in folder


def test_every_link_leads_somewhere(client: httpx.Client) -> None:
    """Of files and folders; the licence is elsewhere."""
    for path in ("/releases/3/", "/releases/3/units.parquet", "/releases/3/batches/3/"):
        address = httpx.URL(str(client.base_url)).join(path)
        for part in client.head(path).headers["link"].split(", "):
            target = address.join(part[1 : part.index(">")])
            if target.host == address.host and "latest" not in target.path:
                assert client.head(target).status_code == 200, target
            elif target.host == address.host:
                assert client.head(target).status_code in (307, 404), target


def test_head_says_the_same_as_get(client: httpx.Client) -> None:
    """Portals ask with HEAD first."""
    for path in ("units.parquet", "empty.txt", "", "croissant.json"):
        got, head = (getattr(client, how)(f"/releases/3/{path}") for how in ("get", "head"))
        unlike = {"request-id", "date"}
        assert head.status_code == 200
        assert head.content == b""
        assert {k: v for k, v in head.headers.items() if k not in unlike} == {
            k: v for k, v in got.headers.items() if k not in unlike
        }


def test_parts_are_sent(client: httpx.Client) -> None:
    """One part is sent as it is, several in one message; HEAD has no parts."""
    path = "/releases/3/units.parquet"
    for header, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=-8", len(_LARGE) - 8, len(_LARGE)),
        ("bytes=262143-1048577", 262_143, 1_048_578),
        ("bytes=3000000-", 3_000_000, len(_LARGE)),
    ):
        answer = client.get(path, headers={"range": header})
        assert (answer.status_code, answer.content) == (206, _LARGE[start:end])
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(_LARGE)}"
        assert answer.headers["etag"] == _TAG
    head = client.head(path, headers={"range": "bytes=0-0"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(_LARGE)))
    for ignored in ("items=0-1", "bytes=5-1", "nonsense"):
        assert client.get(path, headers={"range": ignored}).status_code == 200


def test_several_parts_come_in_one_message(client: httpx.Client) -> None:
    """Each with its place, in the order in which they were asked for."""
    answer = client.get(
        "/releases/3/units.parquet", headers={"range": "bytes=-4, 0-3, 300000-600000, 9999999-"}
    )
    assert answer.status_code == 206
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + answer.content)
    assert message.get_content_type() == "multipart/byteranges"
    found = [part for part in message.walk() if part is not message]
    size = len(_LARGE)
    assert [part["content-range"] for part in found] == [
        f"bytes {size - 4}-{size - 1}/{size}",
        f"bytes 0-3/{size}",
        f"bytes 300000-600000/{size}",
    ]
    assert {part.get_content_type() for part in found} == {"application/vnd.apache.parquet"}
    assert _LARGE[300_000:600_001] in answer.content


def test_parts_that_are_not_there_are_refused(client: httpx.Client) -> None:
    """With the size, so that a client learns what to ask for; an attack is refused as cheaply."""
    path = "/releases/3/units.parquet"
    lots = "bytes=" + ",".join(f"{place}-" for place in range(300))
    for header in ("bytes=3000001-", "bytes=-0", lots, "bytes=0-,0-,0-,0-"):
        answer = client.get(path, headers={"range": header})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{len(_LARGE)}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 1_000


def test_who_has_the_file_is_told_so(client: httpx.Client) -> None:
    """By tag or date; a part is only sent of the same bytes."""
    path = "/releases/3/units.parquet"
    dated = client.head(path).headers["last-modified"]
    for fields in ({"if-none-match": _TAG}, {"if-modified-since": dated}):
        answer = client.get(path, headers={**fields, "range": "bytes=0-9"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == _TAG
        assert answer.headers["cache-control"] == "public, max-age=86400, immutable"
    assert client.get(path, headers={"if-match": '"other"'}).status_code == 412
    for condition, status in ((_TAG, 206), (dated, 206), ('"other"', 200), (f"W/{_TAG}", 200)):
        fields = {"if-range": condition, "range": "bytes=0-9"}
        assert client.get(path, headers=fields).status_code == status


def test_every_replica_says_the_same(published: Access, store: Path, tmp_path: Path) -> None:
    """A download that began at one goes on at another, though the files there are younger."""
    for file in (each for each in store.rglob("*") if each.is_file()):
        copy = tmp_path / file.relative_to(store)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    unlike = {"request-id", "date"}
    seen = []
    for folder in (store, tmp_path):
        settings = Settings(anonymous_quota=0, files=str(folder))
        with serving(published, settings) as url:
            answer = httpx.get(f"{url}/releases/3/units.parquet")
            seen.append({k: v for k, v in answer.headers.items() if k not in unlike})
    assert seen[0] == seen[1]


def test_latest_leads_to_a_number(client: httpx.Client) -> None:
    """It never is bytes, and it is asked for each time."""
    for path, target in (
        ("/releases/latest", "/releases/3/"),
        ("/releases/latest/", "/releases/3/"),
        ("/releases/latest/units.parquet", "/releases/3/units.parquet"),
        ("/releases/latest/batches/3/units.parquet", "/releases/3/batches/3/units.parquet"),
        ("/releases/latest/croissant.json", "/releases/3/croissant.json"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (307, b"")
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.next_request is not None
        assert answer.next_request.url.path == target
        assert client.get(path, follow_redirects=True).status_code == 200
    assert client.get("/releases/latest/nothing").status_code == 404
    for odd in ("%E4%B8%AD/", "%0dX/", "//h/"):
        answer = client.get(f"/releases/latest/{odd}")
        assert answer.status_code in (307, 404)
        assert answer.headers.get("location", "../").startswith("../")


def test_addresses_of_folders_end_with_a_slash(client: httpx.Client) -> None:
    """Whoever leaves it out is led there, since links are relative."""
    for path in ("/releases", "/releases/3", "/releases/3/batches", "/releases/3/batches/3"):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.next_request is not None
        assert answer.next_request.url.path == f"{path}/"
        assert client.get(path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "0/",
        "03/",
        "4/",
        "-1/",
        "3.0/",
        "9999999999/",
        "x/",
        "3/nothing",
        "3/units",
        "3/units.parquet/",
        "3/Units.parquet",
        "3/batches/4/",
        "3//units.parquet",
        "3/./units.parquet",
        "3/batches/../units.parquet",
        "3/../1/units.parquet",
        "3/..%2f1/units.parquet",
        "3/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "3/..%5c..%5cetc",
        "3/%00",
        "3/units.parquet%00",
        "3/%ff",
        "3/units.parquet%0a",
        "3/" + "a/" * 5_000,
    ],
)
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    """Whatever it is spelled like: nothing of it reaches the store."""
    host, port = client.base_url.host, client.base_url.port
    with closing(HTTPConnection(host, port)) as connection:  # it sends a path as it is
        connection.request("GET", f"/releases/{path}")
        answer = connection.getresponse()
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.read()) < 500


def test_other_methods_are_refused(client: httpx.Client) -> None:
    """Files are read."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "QUERY"):
        assert client.request(method, "/releases/3/units.parquet").status_code == 405


def test_folders_list_what_is_in_them(client: httpx.Client) -> None:
    """As links that are relative, plain and lead somewhere; as JSON where it is asked for."""
    page = client.get("/releases/3/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for name in ("units.parquet", "batches/", "croissant.json"):
        assert f'<a href="{name}">{name}</a>' in page.text
    assert '<a href="units.parquet">' in client.get("/releases/3/batches/3/").text
    listed = client.get("/releases/3/", headers={"accept": "application/json"}).json()
    assert listed["number"] == 3
    assert {file["path"]: file["sha256"] for file in listed["files"]} == {
        path: hashlib.sha256(content).hexdigest() for path, content in _FILES[3].items()
    }
    everything = client.get("/releases/", headers={"accept": "application/json"}).json()
    assert everything["latest"] == 3
    assert [each["number"] for each in everything["releases"]] == [1, 2, 3]
    assert '<a href="3/">3/</a>' in client.get("/releases/").text


def test_a_file_that_was_changed_is_not_sent(published: Access, store: Path) -> None:
    """Not with another size, nor with other bytes of the same size; put right, it is."""
    settings = Settings(anonymous_quota=0, files=str(store))
    place = store / "releases" / "3" / "units.csv.gz"
    right = place.read_bytes()
    with serving(published, settings) as url:
        path = f"{url}/releases/3/units.csv.gz"
        assert httpx.get(path).content == right
        tag = httpx.head(path).headers["etag"]
        for wrong in (right[:-1], right + b"x", bytes([right[0] ^ 1]) + right[1:]):
            place.write_bytes(wrong)
            for fields in ({}, {"range": "bytes=0-9"}):
                answer = httpx.get(path, headers=fields)
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
                assert "not the one that was published" in answer.json()["detail"]
                assert str(store) not in answer.text
        place.unlink()
        assert httpx.get(path).status_code == 503
        assert httpx.head(path).status_code == 503
        assert httpx.get(path, headers={"if-none-match": tag}).status_code == 304
        place.write_bytes(right)
        assert httpx.get(path).content == right


def test_the_key_is_where_mirrors_look_for_it(published: Access, tmp_path: Path) -> None:
    """At the root, as in the store; before anything is signed there is none."""
    settings = Settings(anonymous_quota=0, files=str(tmp_path))
    with serving(published, settings) as url:
        assert httpx.get(f"{url}/minisign.pub").status_code == 404
        (tmp_path / "minisign.pub").write_bytes(b"untrusted comment: x\nRWQ\n")
        assert httpx.get(f"{url}/minisign.pub").content == b"untrusted comment: x\nRWQ\n"
        (tmp_path / "minisign.pub").unlink()
        (tmp_path / "minisign.pub").mkdir()
        (tmp_path / "minisign.pub" / "x").write_bytes(b"")
        assert httpx.get(f"{url}/minisign.pub").status_code in (404, 503)


def test_the_command_serves_what_its_settings_name(published: Access, store: Path) -> None:
    """Files from the store, by each of its processes, under the public address."""
    with (
        running_process(
            published,
            "--workers",
            "2",
            CORDGRAPH_FILES=str(store),
            CORDGRAPH_PUBLIC_URL="https://data.example.org",
        ) as (_, url),
        httpx.Client(base_url=url, timeout=60) as client,  # a process may still be starting
    ):
        for _ in range(4):
            assert client.get("/releases/3/units.parquet").content == _LARGE
            assert "<https://data.example.org/catalog>" in client.get("/catalog.ttl").text


def test_a_service_without_files_says_so(published: Access) -> None:
    """It still knows which there are."""
    with serving(published) as url:
        assert httpx.get(f"{url}/releases/3/").status_code == 200
        answer = httpx.get(f"{url}/releases/3/units.parquet")
        assert answer.status_code == 503
        assert "has no files" in answer.json()["detail"]


def test_one_client_cannot_take_all_places(published: Access, store: Path) -> None:
    """A quarter of the places is its share, and they are free again when it leaves."""
    settings = Settings(anonymous_quota=0, files=str(store), max_downloads=8)
    with serving(published, settings) as url, httpx.Client() as client:
        request = client.build_request("GET", f"{url}/releases/3/units.parquet")
        held = [client.send(request, stream=True) for _ in range(2)]
        assert [answer.status_code for answer in held] == [200, 200]
        refused = client.get(f"{url}/releases/3/SHA256SUMS")
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        for answer in held:
            answer.close()
        wait_until(lambda: client.get(f"{url}/releases/3/SHA256SUMS").status_code == 200)


def test_a_withdrawn_release_is_gone(world: Access, tmp_path: Path) -> None:
    """With its reason, for folder, files and descriptions, whatever the client has of it."""
    asyncio.run(place_files(world, tmp_path / "store", _FILES))
    settings = Settings(anonymous_quota=0, files=str(tmp_path / "store"))
    reason = "One bank <b>counted</b> wrong."
    with serving(world, settings) as url:
        tag = httpx.head(f"{url}/releases/3/units.parquet").headers["etag"]
        asyncio.run(withdraw(world, 3, reason))
        wait_until(lambda: httpx.get(f"{url}/releases/3/").status_code == 410)
        for path in ("", "units.parquet", "croissant.json", "nothing"):
            answer = httpx.get(f"{url}/releases/3/{path}", headers={"if-none-match": tag})
            assert answer.status_code == 410
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["cache-control"] == "no-store"
            told = answer.json()
            assert told["code"] == "RELEASE_WITHDRAWN"
            assert (told["release"], told["reason"]) == (3, reason)
        assert httpx.get(f"{url}/releases/latest/").headers["location"] == "../2/"
        page = httpx.get(f"{url}/releases/").text
        assert "&lt;b&gt;counted" in page
        assert '<a href="3/">' not in page
