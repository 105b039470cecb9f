"""Connected devices: authentication, listing, revocation.

A token has 256 random bits and is shown only once; the cloud stores its SHA-256. Every request looks up its token, so a
revoked device is refused at once.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self

import apsw

from satchel_service.audit import Event, Who, by_device, record
from satchel_service.callers import as_device, require_device
from satchel_service.database import row
from satchel_service.environment import Entropy, Environment
from satchel_service.problems import ProblemError, UnknownTokenError, not_found, not_signed_in
from satchel_service.times import to_time
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

TOKEN_PREFIX: Final = "satchel_"  # noqa: S105  lets secret scanners recognise a token
TOKEN_BYTES: Final = 32
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)
REVOKED_TOKENS: Final = 1000  # the tokens of the latest revoked devices are recognized
LAST_SEEN_INTERVAL_MS: Final = 60 * 60 * 1000  # a coarse time reveals less and avoids a write per request


DELETE_OLDEST_TOKENS: Final = """
DELETE FROM revoked_tokens WHERE token_sha256 NOT IN (
    SELECT token_sha256 FROM revoked_tokens ORDER BY revoked DESC, token_sha256 LIMIT ?
)
"""


class NewDevice(NamedTuple):
    """A new device with the only copy of its token."""

    id: str
    token: str
    label: bytes

    @classmethod
    def make(cls, entropy: Entropy, label: bytes) -> Self:
        """Create a device with a random id and token."""
        token = base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()
        return cls(entropy(16).hex(), TOKEN_PREFIX + token, label)


class DeviceRow(NamedTuple):
    """The columns of `devices` that owners see."""

    id: str
    label: bytes
    created: int
    last_seen: int

    @classmethod
    def select_all(cls, db: apsw.Connection) -> list[Self]:
        """Return every device, oldest first."""
        return [
            cls(*row)
            for row in db.execute("SELECT id, label, created, last_seen FROM devices ORDER BY created, id")
        ]

    def to_message(self, current: str) -> messages.Device:
        """Return the device as a message. `current` is the id of the requesting device."""
        return messages.Device(
            id=self.id,
            label=self.label,
            created=to_time(self.created),
            last_seen=to_time(self.last_seen),
            current=self.id == current,
        )


class Devices:
    """Authenticates, lists and revokes devices."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def authenticate(self, authorizations: Sequence[str]) -> str:
        """Return the id of the device whose token is in the `Authorization` headers. Raise a `not-signed-in` problem."""
        token = bearer_token(authorizations)
        if token is None:
            raise not_signed_in()
        token_sha256 = token_digest(token)
        device_id, last_seen = await self._env.database.read(lambda db: find_device(db, token_sha256))
        now = self._env.clock()
        if now - last_seen > LAST_SEEN_INTERVAL_MS:
            await self._env.database.write(
                lambda db: db.execute("UPDATE devices SET last_seen = ? WHERE id = ?", (now, device_id))
            )
        return device_id

    async def require_connected(self, device_id: str) -> None:
        """Raise a `not-signed-in` problem if a device has been revoked since its request was authenticated.

        For effects outside the database; a write is checked in its own transaction.
        """
        await self._env.database.read(lambda db: require_device(db, device_id))

    async def list_all(self, current: str) -> messages.DeviceList:
        """List all devices, oldest first. `current` is the id of the requesting device."""
        rows = await self._env.database.read(DeviceRow.select_all)
        return messages.DeviceList(devices=tuple(row.to_message(current) for row in rows))

    async def revoke(
        self, device_id: str, by: str, check: Callable[[apsw.Connection], None] = lambda _: None
    ) -> None:
        """Delete a device and its token. `by` is the id of the requesting device. Raise a `not-found` problem.

        `check` runs in the same transaction if the device is another one, and can refuse by raising.

        Unused pairing codes that devices created are deleted too, so a stolen device cannot return with one. A device
        that disconnects itself deletes none, because the owner may be moving to another computer. If two devices
        revoke each other, the first wins: the caller must still be connected.
        """

        def delete(db: apsw.Connection) -> None:
            if device_id != by:
                check(db)
            if not delete_device(db, device_id, by_device(by), self._env.clock()):
                raise not_found("device")
            if device_id != by:
                db.execute("DELETE FROM pairing_codes WHERE used IS NULL AND operator = 0")

        await self._env.database.write(as_device(by, delete))


def find_device(db: apsw.Connection, token_sha256: bytes) -> tuple[str, int]:
    """Return the id of the device with a token, and when it was last seen. Raise UnknownTokenError."""
    found = row(db, "SELECT id, last_seen FROM devices WHERE token_sha256 = ?", (token_sha256,))
    if found is None:
        revoked = row(db, "SELECT device FROM revoked_tokens WHERE token_sha256 = ?", (token_sha256,))
        raise UnknownTokenError(*(revoked or ()))
    return found[0], found[1]


def delete_device(db: apsw.Connection, device_id: str, who: Who, now: int) -> bool:
    """Delete a device and record that; its token is still recognized. Return whether there was such a device."""
    found = row(db, "DELETE FROM devices WHERE id = ? RETURNING token_sha256", (device_id,))
    if found is None:
        return False
    db.execute("INSERT OR REPLACE INTO revoked_tokens VALUES (?, ?, ?)", (found[0], device_id, now))
    db.execute(DELETE_OLDEST_TOKENS, (REVOKED_TOKENS,))
    record(db, Event.DEVICE_REVOKED, who, now=now, target=device_id)
    return True


def insert_device(db: apsw.Connection, device: NewDevice, now: int, limit: int | None) -> None:
    """Insert a device; the caller records the event. Raise a `quota` problem if there are `limit` devices already."""
    if limit is not None and db.execute("SELECT count(*) FROM devices").get >= limit:
        raise ProblemError(ProblemCode.QUOTA, f"this cloud allows {limit} devices; revoke one first")
    db.execute(
        "INSERT INTO devices(id, token_sha256, label, created, last_seen) VALUES (?, ?, ?, ?, ?)",
        (device.id, token_digest(device.token), device.label, now, now),
    )


def bearer_token(authorizations: Sequence[str]) -> str | None:
    """Return the token of the only `Authorization` header (RFC 6750, section 2.1), or None."""
    match = _BEARER.fullmatch(authorizations[0]) if len(authorizations) == 1 else None
    return None if match is None else match[1]


def token_digest(token: str) -> bytes:
    """Return the SHA-256 of a token."""
    return hashlib.sha256(token.encode()).digest()
