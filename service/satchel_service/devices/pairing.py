"""Pairing: a device redeems a one-time code (see `codes`) for a token.

A used code stays in the database until it expires, so no code or grant is accepted twice.
"""

from contextlib import suppress
from typing import Final

import apsw

from satchel_service.database import row
from satchel_service.devices.codes import code_digest, grant_key, list_grants, read_grant
from satchel_service.devices.devices import NewDevice, insert_device
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.storage import BlobKey, StorageError
from satchel_wire.problems import ProblemCode

# A valid code is accepted despite rate limiting, so guessing cannot lock the owner out. The limit on wrong codes
# protects the storage, where a look-up can cost a request. The 60 bits of a code prevent guessing: a thousand guesses
# a second for a whole day find one of a hundred valid codes with a probability of 1 in 130 million.
WRONG_CODES: Final = Rate(burst=20, refill_ms=1000)
SHARED_BUCKET: Final = "pair"  # one bucket for all clients, because addresses behind proxies are unreliable
GRANTS_CACHE_MS: Final = 2000  # copying a printed code by hand takes longer


class Pairing:
    """Redeems pairing codes for device tokens."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(WRONG_CODES, environment.clock)
        self._grants: frozenset[BlobKey] = frozenset()
        self._listed = -GRANTS_CACHE_MS

    async def redeem(self, code: str, label: bytes) -> NewDevice:
        """Return a new device for a code, which is used up only if the device was created.

        Raise a `wrong-code`, `too-many` or `quota` problem.
        """
        code_sha256 = code_digest(code)
        granted = await self._find_grant(code_sha256)
        device = NewDevice.make(self._env.entropy, label)

        def redeem_code(db: apsw.Connection) -> None:
            now = self._env.clock()
            use_code(db, code_sha256, granted, now)
            insert_device(db, device, now, self._env.settings.devices)

        try:
            await self._env.database.write(redeem_code)
        except ProblemError as problem:
            if problem.code is ProblemCode.WRONG_CODE:
                self._limiter.check(SHARED_BUCKET)
                self._limiter.record_failure(SHARED_BUCKET)
            raise
        if granted is not None:
            with suppress(StorageError):  # the code is marked as used; the orphaned grant is swept later
                await in_thread(self._env.storage.delete, grant_key(code_sha256))
        return device

    async def _find_grant(self, code_sha256: bytes) -> int | None:
        """Return the expiry of the grant of a code in milliseconds since 1970, or None if there is no grant.

        While the rate limit is exceeded, read only grants that appear in a cached listing.
        """
        if (
            self._limiter.wait_ms(SHARED_BUCKET) > 0
            and grant_key(code_sha256) not in await self._listed_grants()
        ):
            return None
        return await in_thread(read_grant, self._env.storage, code_sha256)

    async def _listed_grants(self) -> frozenset[BlobKey]:
        now = self._env.clock()
        if not 0 <= now - self._listed < GRANTS_CACHE_MS:
            self._listed = now
            self._grants = await in_thread(list_grants, self._env.storage)
        return self._grants


def use_code(db: apsw.Connection, code_sha256: bytes, granted: int | None, now: int) -> None:
    """Mark a code as used. Raise a `wrong-code` problem if it is unknown, used or expired.

    `granted` is the expiry of its grant, if any. The look-up is by hash, so its timing reveals nothing about a code.
    """
    found = row(db, "SELECT expires, used FROM pairing_codes WHERE code_sha256 = ?", (code_sha256,))
    expires, used = found or (granted, None)
    if expires is None or used is not None or expires <= now:
        raise ProblemError(ProblemCode.WRONG_CODE, "get a new code: satchel-service pair")
    db.execute(
        "INSERT INTO pairing_codes(code_sha256, expires, used) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET used = excluded.used",
        (code_sha256, expires, now),
    )
