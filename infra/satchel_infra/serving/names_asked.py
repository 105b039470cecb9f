"""`GET /ask?domain=NAME`: whether a proxy on this machine may get a certificate for a name.

Caddy asks it before it requests a certificate (`on_demand_tls`). The answer is 200 if the name is the provisioner's or
an existing cloud's, and 404 otherwise. Only the machine itself may ask: a proxied request is refused.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from satchel_infra.configuration import Configuration
from satchel_infra.errors import ConfigurationError
from satchel_infra.names import NAME_PATTERN
from satchel_infra.platform import State
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.shards import Shard

ASK: Final = "/ask"
OWN_MACHINE: Final = frozenset({"127.0.0.1", "::1"})
ADDED_BY_PROXIES: Final = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)


def comes_from_this_machine(request: Request) -> bool:
    """Return whether a program on this machine sent a request itself, rather than a proxy for somebody else."""
    peer = request.scope.get("client")
    is_local = peer is None or peer[0] in OWN_MACHINE
    return is_local and not any(name in request.headers for name in ADDED_BY_PROXIES)


def parse_host(host: str, configuration: Configuration) -> tuple[str, Shard] | None:
    """Return the name and the shard of a cloud's host name; None if no cloud can have it."""
    name, _, rest = host.lower().removesuffix(".").partition(".")
    shard_id, _, domain = rest.partition(".")
    if domain != configuration.domain or NAME_PATTERN.fullmatch(name) is None:
        return None
    try:
        return name, configuration.shards.named(shard_id)
    except ConfigurationError:
        return None


def exists(host: str, provisioner: Provisioner, public_url: str) -> bool:
    """Return whether a host name is the provisioner's or that of a cloud that can be reached. Blocks."""
    if public_url and host == urlsplit(public_url).hostname:
        return True
    place = parse_host(host, provisioner.configuration)
    if place is None:
        return False
    name, shard = place
    cloud = provisioner.open_shard(shard).find(name)
    return cloud is not None and cloud.state is not State.REMOVING
