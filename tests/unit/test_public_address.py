"""The root of the service's addresses, and who may say what it is."""

from typing import Any

import pytest

from api.public_address import PublicAddress, check_public_url
from api.settings import Settings
from domain.failures import Refused


def _scope(*hosts: str, server: tuple[str, int | None] | None = ("127.0.0.1", 8000)) -> Any:
    headers = [(b"host", host.encode("latin-1")) for host in hosts]
    return {"type": "http", "headers": headers, "server": server}


def test_the_setting_counts_above_all() -> None:
    """Whoever asks under whatever name reads the public address."""
    for given in ("https://data.example.org", "https://data.example.org/"):
        address = PublicAddress(given)
        assert address.is_set
        assert address.root(_scope("evil.example")) == "https://data.example.org/"
    assert PublicAddress("https://x.org/cord").root(_scope()) == "https://x.org/cord/"


@pytest.mark.parametrize(
    ("host", "root"),
    [
        ("localhost:8000", "http://localhost:8000/"),
        ("Data.Example.ORG", "http://data.example.org/"),
        ("127.0.0.1:65535", "http://127.0.0.1:65535/"),
        ("[::1]:8000", "http://[::1]:8000/"),
    ],
)
def test_without_it_the_client_reads_the_name_it_used(host: str, root: str) -> None:
    """Only what looks like a name is taken."""
    assert PublicAddress("").root(_scope(host)) == root


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "a/b",
        "user@host",
        'x"><script>',
        "x\r\ny: z",
        "host:port",
        "host:123456",
        "host#x",
        "host?x",
        "<x>",
        "höst",
        "a" * 300,
        "[::1",
        "-host",
    ],
)
def test_what_looks_like_no_name_is_not_taken(host: str) -> None:
    """The place that the server listens at is."""
    assert PublicAddress("").root(_scope(host)) == "http://127.0.0.1:8000/"


def test_two_names_or_none_are_not_taken() -> None:
    """Old clients send none, attackers two."""
    address = PublicAddress("")
    assert address.root(_scope("a.org", "b.org")) == "http://127.0.0.1:8000/"
    assert address.root(_scope()) == "http://127.0.0.1:8000/"
    assert address.root(_scope(server=("::1", 80))) == "http://[::1]:80/"
    assert address.root(_scope(server=("/run/socket", None))) == "http://localhost/"
    assert address.root(_scope(server=None)) == "http://localhost/"


@pytest.mark.parametrize(
    "text", ["https://x.org", "http://127.0.0.1:8000", "https://[::1]", "https://x.org/a/b-c/"]
)
def test_an_address_may_have_a_plain_path(text: str) -> None:
    """For a service behind a prefix of another one."""
    check_public_url(text)
    assert Settings.from_environment({"CORDGRAPH_PUBLIC_URL": text}).public_url == text


@pytest.mark.parametrize(
    "text",
    [
        "x.org",
        "//x.org",
        "ftp://x.org",
        "https://",
        "https://x.org?q",
        "https://x.org#f",
        "https://user@x.org",
        "https://x.org/a b",
        "https://x.org//a",
        "https://x.org/../a<b",
        "https://x.org:99999",
        "javascript:alert(1)",
    ],
)
def test_any_other_public_address_is_refused(text: str) -> None:
    """The message names the variable and what it should be."""
    with pytest.raises(Refused, match=r"CORDGRAPH_PUBLIC_URL=.* is not an address like https://"):
        Settings.from_environment({"CORDGRAPH_PUBLIC_URL": text})


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("mailto:data@example.org", True),
        ("https://example.org/contact?a=b", True),
        ("data@example.org", False),
        ("mailto:nobody", False),
        ("javascript:alert(1)", False),
        ("https://x.org/<b>", False),
    ],
)
def test_a_contact_is_an_address(text: str, *, fine: bool) -> None:
    """It stands in the catalogue as one."""
    if fine:
        assert Settings.from_environment({"CORDGRAPH_CONTACT": text}).contact == text
    else:
        with pytest.raises(Refused, match="CORDGRAPH_CONTACT"):
            Settings.from_environment({"CORDGRAPH_CONTACT": text})
