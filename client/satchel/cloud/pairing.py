"""Connecting this device to a cloud, listing devices, disconnecting."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.age import AgeError, seal, unseal
from satchel.cloud.connection import (
    Connection,
    delete_connection,
    is_connected,
    read_connection,
    save_connection,
)
from satchel.cloud.problems import MovedError, UnknownDeviceError
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.ids import by_prefix
from satchel.outgoing.address import Origin
from satchel_wire.messages import PairRequest, SignInRequest, SignInResponse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from satchel.age import X25519Identity, X25519Recipient
    from satchel.cloud.client import CloudClient
    from satchel.keys.vault import Vault
    from satchel_wire.messages import Device

MAX_LABEL_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class NamedDevice:
    """A connected device. The label is "" if it is not sealed to this owner."""

    id: str
    label: str
    created: "datetime"
    last_seen: "datetime"
    is_current: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A sign-in at the issuer: an ID token, and the cloud's nonce that it is for."""

    id_token: str = field(repr=False)
    nonce: str = field(repr=False)


def require_unconnected(home: Path) -> None:
    """Raise UsageError if this device is connected to a cloud."""
    if is_connected(home):
        raise UsageError(
            "this device is already connected to a cloud", hint="disconnect it first: satchel disconnect"
        )


def connect(
    home: Path,
    vault: "Vault",
    client: "CloudClient",
    code: str,
    label: str,
    *,
    owner: "X25519Recipient",
    allow_http: bool = False,
) -> Connection:
    """Pair this device with a cloud and store the connection.

    Raise UsageError if this device is connected, RefusedError if the code is wrong.
    """
    require_unconnected(home)
    request = PairRequest(code=code.strip(), label=_sealed(label, owner))
    paired = client.pair(request)
    connection = Connection(client.origin, paired.device_id, allow_http)
    save_connection(home, vault, connection, DeviceToken(paired.token))
    return connection


def connect_signed_in(
    home: Path,
    vault: "Vault",
    client: "CloudClient",
    proof: Proof,
    label: str,
    *,
    owner: "X25519Recipient",
    code: str = "",
    allow_http: bool = False,
    provisioner: Origin | None = None,
) -> tuple[Connection, SignInResponse]:
    """Connect this device to a cloud with a sign-in, and store the connection.

    `code` is a pairing code of the operator: with it, the account becomes the owner. `provisioner` made the cloud.
    Raise UsageError if this device is connected; RefusedError if the cloud refuses the token, the account or the code.
    """
    require_unconnected(home)
    request = SignInRequest(
        id_token=proof.id_token, nonce=proof.nonce, label=_sealed(label, owner), code=code.strip()
    )
    made = client.sign_in(request)
    connection = Connection(client.origin, made.device_id, allow_http, provisioner)
    save_connection(home, vault, connection, DeviceToken(made.token))
    return connection, made


def disconnect(home: Path, vault: "Vault", client: "CloudClient") -> None:
    """Revoke this device, then delete the connection.

    Succeeds if the device is already revoked. If the cloud does not respond, has moved or refuses the request, deletes
    nothing on this device.
    """
    with suppress(UnknownDeviceError, NotFoundError):
        try:
            client.revoke_device(read_connection(home).device_id)
        except MovedError as exc:  # the device is not revoked where the cloud is now
            raise SatchelError(
                exc.message,
                hint=f"{exc.hint}; to forget the cloud without revoking: satchel disconnect --forget",
            ) from exc
    delete_connection(home, vault)


def _sealed(label: str, owner: "X25519Recipient") -> bytes:
    return seal(label[:MAX_LABEL_CHARS].encode(), [owner]) if label else b""


def named_devices(client: "CloudClient", owner: "X25519Identity") -> list[NamedDevice]:
    """List the connected devices with their labels decrypted."""
    return [
        NamedDevice(
            device.id, open_label(device.label, owner), device.created, device.last_seen, device.current
        )
        for device in client.devices()
    ]


def find_device(devices: "Sequence[Device]", prefix: str) -> "Device":
    """Return the device whose id begins with `prefix`. Raise UsageError if several do, NotFoundError if none does."""
    return by_prefix(
        devices, prefix, id_of=lambda device: device.id, what="device", command="satchel devices"
    )


def open_label(sealed: bytes, owner: "X25519Identity") -> str:
    """Return the name of a device, or "" if it has none or is not sealed to this owner."""
    try:
        return unseal(sealed, [owner]).decode(errors="replace") if sealed else ""
    except AgeError:
        return ""
