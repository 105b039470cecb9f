"""Finding a cloud that has moved to another address, with the token that this device has.

    require_moved(dial(current.origin, None), new)          # asks the old address
    connection = find_at(current, new, token, dial=dial, allow_http=False)

The token is sent to the new address only after its owner has agreed to that address: a cloud's old host could name any.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from satchel.cloud.connection import Connection, Dial
from satchel.cloud.problems import MovedError, UnknownDeviceError
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import RefusedError, UsageError
from satchel.outgoing.address import Origin

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient


def require_moved(old: "CloudClient", new: Origin) -> None:
    """Ask the old address, without a token, whether the cloud has moved to the new one.

    Raise UsageError if it has not, or if it has moved elsewhere; UnreachableError if the old address does not respond.
    """
    try:
        old.capabilities()
    except MovedError as exc:
        if exc.address in ("", str(new)):
            return
        raise UsageError(
            f"the cloud has moved to {exc.address}, not to {new}",
            hint=f"follow it: satchel connect {exc.address}",
        ) from exc
    raise UsageError(
        f"this device is already connected to a cloud, {old.origin}, which has not moved",
        hint="disconnect it first: satchel disconnect",
    )


def find_at(
    current: Connection, new: Origin, token: DeviceToken, *, dial: Dial, allow_http: bool
) -> Connection:
    """Return this device's connection at the new address, which must know the device by its token. Change nothing.

    The connection forgets the provisioner if the cloud no longer has the name that the provisioner gave it. Raise
    RefusedError if the new address does not know this device.
    """
    unknown = RefusedError(
        f"the cloud at {new} does not know this device; nothing was changed",
        hint=f"run satchel disconnect --forget, then connect anew: satchel connect {new}",
    )
    try:
        known = [device.id for device in dial(new, token).devices() if device.current]
    except UnknownDeviceError as exc:  # any other refusal says itself what to do
        raise unknown from exc
    if known != [current.device_id]:
        raise unknown
    return replace(current, origin=new, allow_http=allow_http, provisioner=_provisioner_at(current, new))


def _provisioner_at(current: Connection, new: Origin) -> Origin | None:
    """Return the provisioner that takes the cloud down at its new address, or None if the cloud has left it.

    A provisioner moves a cloud under the same name. Asked about any other, it would take down the owner's old one.
    """
    return current.provisioner if _name(current.origin) == _name(new) else None


def _name(origin: Origin) -> str:
    return origin.host.partition(".")[0]
