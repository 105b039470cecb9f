"""What this device remembers of its cloud: where it is and as which device, in `HOME/cloud.json`; the token is the vault's.

How a client of a cloud is put together: network, patience, token.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from satchel.cloud.address import Origin
from satchel.cloud.client import CloudClient, DeviceToken
from satchel.cloud.proxies import Proxies
from satchel.cloud.retrying import BRIEF, Patience, Retrying
from satchel.cloud.transport import UrllibTransport
from satchel.errors import IntegrityError, NotFoundError, RefusedError
from satchel.keys.privatefile import read_private, remove_private, write_private
from satchel.keys.vault import Vault

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
    """The cloud that this device is connected to, and the id it has there."""

    origin: Origin
    device_id: str
    allow_http: bool = False


def is_connected(home: Path) -> bool:
    """Whether this home is connected to a cloud."""
    return (home / FILE_NAME).exists()


def read_connection(home: Path) -> Connection:
    """Read the connection. None: RefusedError. A damaged file: IntegrityError."""
    try:
        data = read_private(home / FILE_NAME).data
    except NotFoundError as exc:
        raise RefusedError(
            "this device is not connected to a cloud", hint="connect it: satchel connect URL --pair CODE"
        ) from exc
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise _damaged(home) from exc
    if document.format != FORMAT:
        raise _damaged(home)
    origin = Origin.parse(document.url, allow_http=document.allow_http)
    return Connection(origin, document.device_id, document.allow_http)


def remember(home: Path, vault: Vault, connection: Connection, token: DeviceToken) -> None:
    """Keep a connection: the token first, so that a connection that can be read can be used."""
    document = _Document(
        format=FORMAT,
        url=str(connection.origin),
        device_id=connection.device_id,
        allow_http=connection.allow_http,
    )
    vault.store_token(token.reveal())
    write_private(home / FILE_NAME, msgspec.json.format(msgspec.json.encode(document)) + b"\n")


def forget(home: Path, vault: Vault) -> None:
    """Forget the connection and the token. Not connected is fine."""
    remove_private(home / FILE_NAME)
    vault.delete_token()


def connected_client(home: Path, vault: Vault, dial: Dial) -> CloudClient:
    """Return a client of this device's cloud, signed in. Not connected, or no token: RefusedError."""
    connection = read_connection(home)
    return dial(connection.origin, DeviceToken(vault.load_token()))


def _damaged(home: Path) -> IntegrityError:
    return IntegrityError(
        f"{str(home / FILE_NAME)!r} cannot be read",
        hint="forget the cloud with satchel disconnect --forget, then connect again",
    )


def dial(
    origin: Origin, token: DeviceToken | None = None, *, proxies: Proxies, patience: Patience = BRIEF
) -> CloudClient:
    """Return a client; nothing is sent yet."""
    transport = UrllibTransport(
        user_agent=f"satchel/{version('satchel')}", proxies=proxies, read_timeout_s=patience.answer_s
    )
    draw = secrets.SystemRandom().random
    retrying = Retrying(transport, patience, wait=time.sleep, draw=draw, clock=time.monotonic)
    return CloudClient(origin, retrying, token=token)
