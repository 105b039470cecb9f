"""The computers an owner has connected: who a request comes from, listing, revoking.

A token is 256 random bits and shown once; only its SHA-256 is kept. Every request looks its token up, so a revoked
device is refused at once.
"""

import base64
import hashlib
from typing import Final, NamedTuple, Self

import apsw

from satchel_service.environment import Entropy, Environment
from satchel_service.problems import ProblemError, not_found
from satchel_service.times import to_time
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

TOKEN_PREFIX: Final = "satchel_"  # noqa: S105  lets secret scanners recognise a token
TOKEN_BYTES: Final = 32
SEEN_EVERY_MS: Final = 60 * 60 * 1000  # coarse: a write per request would tell more and cost more


class NewDevice(NamedTuple):
    """A device that has just been made, with the only copy of its token."""

    id: str
    token: str
    label: bytes

    @classmethod
    def make(cls, entropy: Entropy, label: bytes) -> Self:
        """Draw an id and a token."""
        token = base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()
        return cls(entropy(16).hex(), TOKEN_PREFIX + token, label)


class DeviceRow(NamedTuple):
    """What is shown of a row of `devices`."""

    id: str
    label: bytes
    created: int
    last_seen: int

    @classmethod
    def all(cls, db: apsw.Connection) -> list[Self]:
        """Return every device, oldest first."""
        return [
            cls(*row)
            for row in db.execute("SELECT id, label, created, last_seen FROM devices ORDER BY created, id")
        ]

    def message(self, current: str) -> messages.Device:
        """Return it as the wire has it; `current` is the id of the device that asks."""
        return messages.Device(
            id=self.id,
            label=self.label,
            created=to_time(self.created),
            last_seen=to_time(self.last_seen),
            current=self.id == current,
        )


class Devices:
    """Recognises, lists and revokes devices."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def recognise(self, authorization: str | None) -> str:
        """Return the id of the device that an `Authorization` header names; a problem when it names none."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ProblemError(ProblemCode.NOT_SIGNED_IN, headers=(("WWW-Authenticate", "Bearer"),))
        token_sha256 = token_digest(token.strip())
        found = await self._env.database.read(
            lambda db: db.execute(
                "SELECT id, last_seen FROM devices WHERE token_sha256 = ?", (token_sha256,)
            ).fetchone()
        )
        if found is None:
            raise ProblemError(ProblemCode.NOT_SIGNED_IN, headers=(("WWW-Authenticate", "Bearer"),))
        device_id, last_seen = found
        now = self._env.clock()
        if now - last_seen > SEEN_EVERY_MS:
            await self._env.database.write(
                lambda db: db.execute("UPDATE devices SET last_seen = ? WHERE id = ?", (now, device_id))
            )
        return str(device_id)

    async def show_all(self, current: str) -> messages.DeviceList:
        """List every device, oldest first; `current` is the one that asks."""
        rows = await self._env.database.read(DeviceRow.all)
        return messages.DeviceList(devices=tuple(row.message(current) for row in rows))

    async def revoke(self, device_id: str, by: str) -> None:
        """Forget a device; its token ends at once. `by` is the device that asks.

        Unused codes end with it, so that a stolen device cannot come back with one that it made before. A device
        that leaves by itself ends none: its owner may be moving to another computer.
        """

        def delete(db: apsw.Connection) -> None:
            db.execute("DELETE FROM devices WHERE id = ?", (device_id,))
            if db.changes() == 0:
                raise not_found("device")
            if device_id != by:
                db.execute("DELETE FROM pairing_codes WHERE used IS NULL")

        await self._env.database.write(delete)


def require_device(db: apsw.Connection, device_id: str) -> None:
    """Refuse what a device asked for just before it was revoked."""
    if db.execute("SELECT 1 FROM devices WHERE id = ?", (device_id,)).fetchone() is None:
        raise ProblemError(ProblemCode.NOT_SIGNED_IN)


def insert_device(db: apsw.Connection, device: NewDevice, now: int, most: int) -> None:
    """Add a device; a problem when there are `most` already."""
    if db.execute("SELECT count(*) FROM devices").get >= most:
        raise ProblemError(ProblemCode.QUOTA, f"this cloud takes {most} devices; revoke one first")
    db.execute(
        "INSERT INTO devices(id, token_sha256, label, created, last_seen) VALUES (?, ?, ?, ?, ?)",
        (device.id, token_digest(device.token), device.label, now, now),
    )


def token_digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
