"""The device that sends a request: it must still be connected when its write takes effect."""

from collections.abc import Callable
from typing import TypeVar

import apsw

from satchel_service.problems import not_signed_in

T = TypeVar("T")


def require_device(db: apsw.Connection, device_id: str) -> None:
    """Raise a `not-signed-in` problem if the device has been revoked since its request was authenticated."""
    if db.execute("SELECT 1 FROM devices WHERE id = ?", (device_id,)).fetchone() is None:
        raise not_signed_in()


def as_device(device_id: str, work: Callable[[apsw.Connection], T]) -> Callable[[apsw.Connection], T]:
    """Return a write that first requires the requesting device to be connected still.

    Every write of a device passes through this function, so a device that is revoked during its request changes nothing.
    """

    def checked(db: apsw.Connection) -> T:
        require_device(db, device_id)
        return work(db)

    return checked
