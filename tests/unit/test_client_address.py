"""Which address a request is charged to."""

import ipaddress

import pytest

from api.quota.address import client_address, client_network, parse_networks

_PROXIES = parse_networks("10.0.0.0/8, 2001:db8:ffff::/48")


def _client(peer: str | None, *lines: str, header: str = "x-forwarded-for") -> str:
    scope = {
        "type": "http",
        "client": (peer, 40_000) if peer else None,
        "headers": [(header.encode(), line.encode()) for line in lines],
    }
    return client_network(client_address(scope, _PROXIES, header))


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_ipv4_address_or_a_64_of_ipv6(peer: str | None, client: str) -> None:
    """Whoever has a /64 has all its addresses; IPv4 in the clothes of IPv6 is IPv4."""
    assert _client(peer) == client


def test_a_stranger_says_in_vain_whom_it_speaks_for() -> None:
    """The header counts only if the socket's other end is one of our proxies."""
    assert _client("192.0.2.7", "198.51.100.1") == "192.0.2.7"


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9", "198.51.100.1, 10.2.3.4"], "198.51.100.1"),
        (["198.51.100.1:5000"], "198.51.100.1"),
        (["[2001:db8:1:2::9]:5000"], "2001:db8:1:2::/64"),
        (["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["203.0.113.9, nonsense"], "10.0.0.1"),
        (["203.0.113.9, nonsense, 10.9.9.9"], "10.9.9.9"),
        (["203.0.113.9,"], "10.0.0.1"),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        (["203.0.113.9, " + "10.0.0.2, " * 30 + "10.0.0.3"], "10.0.0.2"),
        ([], "10.0.0.1"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_is_the_client(lines: list[str], client: str) -> None:
    """The list is read from its end, as far as those who wrote it are trusted."""
    assert _client("10.0.0.1", *lines) == client


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["for=198.51.100.1;proto=https;by=10.0.0.1"], "198.51.100.1"),
        (["for=203.0.113.9, FOR=198.51.100.1"], "198.51.100.1"),
        (['proto=https;For="[2001:db8:1:2::9]:4711"'], "2001:db8:1:2::/64"),
        (["for=203.0.113.9, for=unknown"], "10.0.0.1"),
        (["for=203.0.113.9, for=_hidden"], "10.0.0.1"),
        (["for=203.0.113.9, proto=https"], "10.0.0.1"),
    ],
)
def test_the_header_of_rfc_7239_is_read_too(lines: list[str], client: str) -> None:
    """Quotes, brackets and other parameters are understood; the unknown ends the search."""
    assert _client("10.0.0.1", *lines, header="forwarded") == client


def test_networks_are_read_from_a_list() -> None:
    """Commas separate them, and a single address is a network too."""
    assert parse_networks(" 10.0.0.0/8 ,, 2001:db8::1 ") == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("2001:db8::1/128"),
    )
    with pytest.raises(ValueError, match="10"):
        parse_networks("10.0.0.1/8")
