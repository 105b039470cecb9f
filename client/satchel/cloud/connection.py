"""The cloud that this device is connected to, and its client.

`HOME/cloud.json` holds the cloud's address and this device's id; the vault stores the token.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from satchel.cloud.client import CloudClient, DeviceToken
from satchel.errors import IntegrityError, NotFoundError, RefusedError
from satchel.keys.vault import Vault
from satchel.local_files import read_private, remove_private, write_private
from satchel.outgoing.address import Origin
from satchel.outgoing.retrying import INTERACTIVE, RetryingTransport, RetryPolicy
from satchel.outgoing.tls import Trust
from satchel.outgoing.transport import HttpTransport, Proxies
from satchel.version import VERSION

FILE_NAME: Final = "cloud.json"
FORMAT: Final = "satchel-cloud/1"

Dial = Callable[[Origin, DeviceToken | None], CloudClient]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    url: str
    device_id: str
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """The cloud that this device is connected to, and the device's id there."""

    origin: Origin
    device_id: str
    allow_http: bool = False


def is_connected(home: Path) -> bool:
    """Return whether this home is connected to a cloud."""
    return (home / FILE_NAME).exists()


def read_connection(home: Path) -> Connection:
    """Read the connection. Raise RefusedError if there is none, IntegrityError if its file is damaged."""
    try:
        data = read_private(home / FILE_NAME).data
    except NotFoundError as exc:
        raise RefusedError(
            "this device is not connected to a cloud", hint="connect it: satchel connect URL"
        ) from exc
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise _damaged(home) from exc
    if document.format != FORMAT:
        raise _damaged(home)
    origin = Origin.parse(document.url, allow_http=document.allow_http)
    return Connection(origin, document.device_id, document.allow_http)


def save_connection(home: Path, vault: Vault, connection: Connection, token: DeviceToken) -> None:
    """Store a connection. The token is written first, so every readable connection has one."""
    document = _Document(
        format=FORMAT,
        url=str(connection.origin),
        device_id=connection.device_id,
        allow_http=connection.allow_http,
    )
    vault.store_token(token.reveal())
    write_private(home / FILE_NAME, msgspec.json.format(msgspec.json.encode(document)) + b"\n")


def delete_connection(home: Path, vault: Vault) -> None:
    """Delete the connection and the token, if there are any."""
    remove_private(home / FILE_NAME)
    vault.delete_token()


def connected_client(home: Path, vault: Vault, dial: Dial) -> CloudClient:
    """Return a client with this device's token. Raise RefusedError if the device has no connection or no token."""
    connection = read_connection(home)
    return dial(connection.origin, DeviceToken(vault.load_token()))


def dial(
    origin: Origin,
    token: DeviceToken | None = None,
    *,
    proxies: Proxies,
    trust: Trust | None = None,
    policy: RetryPolicy = INTERACTIVE,
) -> CloudClient:
    """Return a client of the cloud at `origin`. Nothing is sent yet."""
    return CloudClient(origin, open_transport(proxies=proxies, trust=trust, policy=policy), token=token)


def open_transport(
    *, proxies: Proxies, trust: Trust | None = None, policy: RetryPolicy = INTERACTIVE
) -> RetryingTransport:
    """Return a transport that retries by a policy. Nothing is sent yet."""
    network = HttpTransport(
        user_agent=f"satchel/{VERSION}",
        proxies=proxies,
        trust=trust,
        read_timeout_s=policy.response_timeout_s,
    )
    draw = secrets.SystemRandom().random
    return RetryingTransport(network, policy, wait=time.sleep, draw=draw, clock=time.monotonic)


def _damaged(home: Path) -> IntegrityError:
    return IntegrityError(
        f"{str(home / FILE_NAME)!r} is damaged",
        hint="delete it with satchel disconnect --forget, then connect again: satchel connect URL",
    )
