"""The address of the client that sent a request, for the audit log of operators who want it there.

It is the address of the connection. Behind a proxy, it is the last address in `X-Forwarded-For` that a trusted proxy
reports and that is not a trusted proxy itself; clients can write anything before it.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from satchel_service.settings import UNIX_SOCKET, Network

MAX_HOPS = 20


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network | str]) -> str:
    """Return the client's address. `peer` is the address of the connection, None for a unix socket.

    `forwarded` holds the values of the `X-Forwarded-For` headers, `trusted` the networks of trusted proxies.
    """
    found = UNIX_SOCKET if peer is None else peer
    for hop in reversed(",".join(forwarded).split(",")[-MAX_HOPS:]):
        address = _normalize(hop.strip())
        if address is None or not _is_trusted(found, trusted):
            break
        found = address
    return found


def _normalize(text: str) -> str | None:
    """Return an address in its usual form, or None if the text is not one."""
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        return None


def _is_trusted(address: str, trusted: Sequence[Network | str]) -> bool:
    if address == UNIX_SOCKET:
        return UNIX_SOCKET in trusted
    ip = ip_address(address.partition("%")[0])
    return any(not isinstance(network, str) and ip in network for network in trusted)
