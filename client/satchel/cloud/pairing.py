"""Opting in and out: pairing this device, naming devices, leaving a cloud."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.age import AgeError, seal, unseal
from satchel.cloud import connection as connections
from satchel.cloud.address import Origin
from satchel.cloud.client import DeviceToken
from satchel.cloud.connection import Connection, Dial
from satchel.errors import NotFoundError, RefusedError, UsageError
from satchel_wire.messages import PairRequest

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
    """A connected device with its opened label; "" where the label is not sealed to this owner."""

    id: str
    label: str
    created: "datetime"
    last_seen: "datetime"
    is_current: bool


def connect(
    home: Path,
    vault: "Vault",
    origin: Origin,
    code: str,
    label: str,
    *,
    owner: "X25519Recipient",
    dial: Dial,
    allow_http: bool = False,
) -> Connection:
    """Pair this device with a cloud and remember it. Connected already: UsageError. A wrong code: RefusedError."""
    if connections.is_connected(home):
        raise UsageError(
            "this device is connected to a cloud already", hint="leave it first: satchel disconnect"
        )
    sealed = seal(label[:MAX_LABEL_CHARS].encode(), [owner]) if label else b""
    paired = dial(origin, None).pair(PairRequest(code=code.strip(), label=sealed))
    made = Connection(origin, paired.device_id, allow_http)
    connections.remember(home, vault, made, DeviceToken(paired.token))
    return made


def disconnect(home: Path, vault: "Vault", client: "CloudClient", *, erase_cloud: bool) -> None:
    """End this device's access, or with `erase_cloud` delete all that the cloud holds; then forget the cloud.

    A cloud that does not know this device any more is left all the same. No answer: nothing is forgotten.
    """
    if erase_cloud:
        client.erase()
    else:
        with suppress(RefusedError, NotFoundError):
            client.revoke_device(connections.read_connection(home).device_id)
    connections.forget(home, vault)


def named_devices(client: "CloudClient", owner: "X25519Identity") -> list[NamedDevice]:
    """List the connected devices, with their labels opened."""
    return [
        NamedDevice(device.id, _label(device, owner), device.created, device.last_seen, device.current)
        for device in client.devices()
    ]


def find_device(devices: "Sequence[Device]", prefix: str) -> "Device":
    """The one device whose id begins so. Several: UsageError. None: NotFoundError."""
    found = [device for device in devices if prefix and device.id.startswith(prefix.lower())]
    if not found:
        raise NotFoundError(
            f"no device has an id that begins with {prefix!r}", hint="list them: satchel devices"
        )
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} devices have ids that begin with {prefix!r}",
            hint="give more of the id: satchel devices",
        )
    return found[0]


def _label(device: "Device", owner: "X25519Identity") -> str:
    try:
        return unseal(device.label, [owner]).decode(errors="replace") if device.label else ""
    except AgeError:
        return ""
