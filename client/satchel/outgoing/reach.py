"""How far an address reaches, so that a server cannot point this device at itself or at its own network.

    reach_of("169.254.169.254")    # Reach.SPECIAL
    reach_of("::ffff:10.0.0.7")    # Reach.PRIVATE: judged by the IPv4 address inside

A server may name addresses that reach no closer than its own: see `HttpTransport`.
"""

import enum
import ipaddress
from typing import Final

_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_6TO4: Final = ipaddress.IPv6Network("2002::/16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(enum.IntEnum):
    """Where packets to an address end, from farthest to closest."""

    PUBLIC = 0
    PRIVATE = 1
    """A network of its own: RFC 1918, unique local, shared address space."""
    LOOPBACK = 2
    SPECIAL = 3
    """Link-local (metadata services of clouds), unspecified, multicast, reserved."""

    @property
    def place(self) -> str:
        """What an error calls it."""
        return ("a public address", "a private network", "this computer", "a special address")[self]


def reach_of(text: str) -> Reach:
    """Return the reach of a numeric address as a resolver returns it. Raise ValueError if it is none."""
    return _reach(ipaddress.ip_address(text.partition("%")[0]))


def _reach(address: Address) -> Reach:
    inner = _embedded(address) if isinstance(address, ipaddress.IPv6Address) else None
    if inner is not None:
        return _reach(inner)
    if address.is_loopback:
        return Reach.LOOPBACK
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return Reach.SPECIAL
    if isinstance(address, ipaddress.IPv4Address) and (int(address) >> 24 == 0 or address.is_reserved):
        return Reach.SPECIAL
    return Reach.PUBLIC if address.is_global else Reach.PRIVATE


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that packets to an IPv6 address finally go to, if it contains one."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _6TO4:
        return address.sixtofour
    if address in _IPV4_COMPATIBLE and int(address) > 1:
        return ipaddress.IPv4Address(int(address))
    return None
