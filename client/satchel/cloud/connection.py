"""The cloud that this device is connected to, and its client.

`HOME/cloud.json` holds the cloud's address, this device's id and, if a provisioner made the cloud, the provisioner's
address (docs/spec/wire.md, section 9); the vault stores the token.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from satchel.cloud.client import CloudClient
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import IntegrityError, NotFoundError, RefusedError
from satchel.formats import read_format
from satchel.keys.vault import Vault
from satchel.local_files import read_private, remove_private, write_private
from satchel.outgoing.address import Origin
from satchel.outgoing.recording import Recorder
from satchel.outgoing.retrying import INTERACTIVE, RetryingTransport, RetryPolicy
from satchel.outgoing.tls import Trust
from satchel.outgoing.transport import HttpTransport, Proxies
from satchel.version import VERSION

FILE_NAME: Final = "cloud.json"
FORMAT: Final = "satchel-cloud/1"
WITH_PROVISIONER: Final = "satchel-cloud/2"
"""Written only where there is a provisioner, so that earlier versions read every other connection."""

Dial = Callable[[Origin, DeviceToken | None], CloudClient]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    url: str
    device_id: str
    allow_http: bool = False


class _ProvisionedDocument(_Document, frozen=True, kw_only=True, forbid_unknown_fields=True):
    provisioner: str


@dataclass(frozen=True, slots=True)
class Connection:
    """The cloud that this device is connected to, the device's id there, and the provisioner that made the cloud."""

    origin: Origin
    device_id: str
    allow_http: bool = False
    provisioner: Origin | None = None


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
    version = read_format(data)
    if version not in (None, FORMAT, WITH_PROVISIONER):
        raise _newer(home, version)
    kind = _ProvisionedDocument if version == WITH_PROVISIONER else _Document
    try:
        document = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _damaged(home) from exc
    return _connection(document)


def _connection(document: _Document) -> Connection:
    allow_http = document.allow_http
    provisioner = (
        Origin.parse(document.provisioner, allow_http=allow_http)
        if isinstance(document, _ProvisionedDocument)
        else None
    )
    origin = Origin.parse(document.url, allow_http=allow_http)
    return Connection(origin, document.device_id, allow_http, provisioner)


def save_connection(home: Path, vault: Vault, connection: Connection, token: DeviceToken) -> None:
    """Store a connection. The token is written first, so every readable connection has one."""
    document = _Document(
        format=FORMAT,
        url=str(connection.origin),
        device_id=connection.device_id,
        allow_http=connection.allow_http,
    )
    if connection.provisioner is not None:
        fields = msgspec.structs.asdict(document) | {"format": WITH_PROVISIONER}
        document = _ProvisionedDocument(**fields, provisioner=str(connection.provisioner))
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
    recorder: Recorder,
    trust: Trust | None = None,
    policy: RetryPolicy = INTERACTIVE,
    named_by: Origin | None = None,
) -> CloudClient:
    """Return a client of the cloud at `origin`, which `named_by` names if the owner does not. Nothing is sent yet."""
    transport = open_transport(proxies=proxies, recorder=recorder, trust=trust, policy=policy)
    return CloudClient(origin, transport, token=token, named_by=named_by)


def open_transport(
    *, proxies: Proxies, recorder: Recorder, trust: Trust | None = None, policy: RetryPolicy = INTERACTIVE
) -> RetryingTransport:
    """Return a transport that retries by a policy, and records every attempt. Nothing is sent yet."""
    network = HttpTransport(
        user_agent=f"satchel/{VERSION}",
        proxies=proxies,
        recorder=recorder,
        trust=trust,
        read_timeout_s=policy.response_timeout_s,
    )
    draw = secrets.SystemRandom().random
    return RetryingTransport(network, policy, wait=time.sleep, draw=draw, clock=time.monotonic)


def _newer(home: Path, found: str) -> IntegrityError:
    return IntegrityError(
        f"{str(home / FILE_NAME)!r} has the format {found[:40]!r}, which this version does not know",
        hint="update satchel, or forget the cloud on this device: satchel disconnect --forget",
    )


def _damaged(home: Path) -> IntegrityError:
    return IntegrityError(
        f"{str(home / FILE_NAME)!r} is damaged",
        hint="delete it with satchel disconnect --forget, then connect again: satchel connect URL",
    )
