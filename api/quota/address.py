"""The address that a request comes from, and the part of the network that counts as one client."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Scope

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED = "forwarded"
"""The header of RFC 7239; any other that is named lists addresses only."""
_IPV6_CLIENT_BITS = 64
_MOST_HOPS = 20
_LONGEST = 100
"""Characters of an address with brackets, zone and port."""
_PORT = re.compile(r":[0-9]{1,5}$", re.ASCII)
_FOR = re.compile(r"""(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]*))""", re.ASCII | re.IGNORECASE)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read networks like ``10.0.0.0/8, 2001:db8::/32, 192.0.2.7``, separated by commas.

    Raises:
        ValueError: One of them is no network.
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_address(scope: Scope, trusted: Sequence[Network], header: str) -> Address | None:
    """Return the address of the client: the nearest one that is no trusted proxy.

    Each proxy appends whom it speaks for, so the header is read from its end, and only as far as
    those who wrote it are trusted. What a client writes there itself is never reached.

    Args:
        scope: The request.
        trusted: Networks of our own proxies.
        header: Name of the header that they append to, in lower case.

    Returns:
        The address; ``None`` if the socket has none.
    """
    peer = scope.get("client")
    address = address_of(peer[0]) if peer else None
    if address is None or not _is_in(address, trusted):
        return address
    for hop in islice(_hops(Headers(scope=scope), header), _MOST_HOPS):
        named = address_of(hop)
        if named is None:
            break
        address = named
        if not _is_in(named, trusted):
            break
    return address


def client_network(address: Address | None) -> str:
    """Return the name of what counts as one client: an IPv4 address, or the /64 of an IPv6 one."""
    if address is None:
        return "unknown"
    if address.version == 4:  # noqa: PLR2004
        return str(address)
    return str(ipaddress.ip_network((int(address), _IPV6_CLIENT_BITS), strict=False))


def address_of(text: str) -> Address | None:
    """Read an address with or without port and brackets; IPv4 inside IPv6 becomes IPv4."""
    return _parsed(text.strip()) if len(text) <= _LONGEST else None


def _parsed(text: str) -> Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = _PORT.sub("", text)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _hops(headers: Headers, header: str) -> Iterator[str]:
    """Yield whom the proxies spoke for, the nearest first."""
    for line in reversed(headers.getlist(header)):
        for element in reversed(line.split(",")):
            if header == FORWARDED:
                found = _FOR.search(element)
                yield (found[1] or found[2] or "") if found else ""
            else:
                yield element
