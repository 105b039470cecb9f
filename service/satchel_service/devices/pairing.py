"""How a device joins: it trades a one-time code (see `codes`) for a token.

A used code stays as a row until it would have expired, so that none is ever taken twice, wherever it came from.
"""

from contextlib import suppress
from typing import Final

import apsw

from satchel_service.database import row
from satchel_service.devices.codes import digest, grant_key, list_grants, read_grant
from satchel_service.devices.devices import NewDevice, insert_device
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.storage import BlobKey, StorageError
from satchel_wire.problems import ProblemCode

# A right code always passes, so no stranger can keep the owner out; how often wrong ones are looked up is limited,
# because a look-up may cost a request to the storage. Guessing is kept out by the code itself, of 60 bits: a thousand
# guesses a second, a whole day long, find one of a hundred live codes with a chance of 1 in 130 million.
GUESSES: Final = Rate(burst=20, refill_ms=1000)
ANYONE: Final = "pair"  # one bucket for all: addresses behind proxies tell nothing reliable
GRANTS_EVERY_MS: Final = 2000  # a person takes longer to carry a code over from where it was printed


class Pairing:
    """Trades codes for device tokens."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(GUESSES, environment.clock)
        self._grants: frozenset[BlobKey] = frozenset()
        self._listed = -GRANTS_EVERY_MS

    async def redeem(self, code: str, label: bytes) -> NewDevice:
        """Trade a code for a new device and its token. The code is used up only if the device was made."""
        code_sha256 = digest(code)
        granted = await self._granted(code_sha256)
        device = NewDevice.make(self._env.entropy, label)

        def trade(db: apsw.Connection) -> None:
            now = self._env.clock()
            take_code(db, code_sha256, granted, now)
            insert_device(db, device, now, self._env.settings.devices)

        try:
            await self._env.database.write(trade)
        except ProblemError as problem:
            if problem.code is ProblemCode.WRONG_CODE:
                self._limiter.admit(ANYONE)
                self._limiter.failed(ANYONE)
            raise
        if granted is not None:
            with suppress(
                StorageError
            ):  # the device has its place and the code its mark: the grant is swept later
                await in_thread(self._env.storage.delete, grant_key(code_sha256))
        return device

    async def _granted(self, code_sha256: bytes) -> int | None:
        """Return when the grant of a code ends, if there is one.

        Beyond the limit the storage is not asked about each code: only about those that a listing has shown.
        """
        if self._limiter.over_ms(ANYONE) > 0 and grant_key(code_sha256) not in await self._listed_grants():
            return None
        return await in_thread(read_grant, self._env.storage, code_sha256)

    async def _listed_grants(self) -> frozenset[BlobKey]:
        now = self._env.clock()
        if not 0 <= now - self._listed < GRANTS_EVERY_MS:
            self._listed = now
            self._grants = await in_thread(list_grants, self._env.storage)
        return self._grants


def take_code(db: apsw.Connection, code_sha256: bytes, granted: int | None, now: int) -> None:
    """Mark a code as used; a problem when it is unknown, used or expired. `granted`: when a grant of it ends.

    The lookup is by hash: its timing tells nothing about a code.
    """
    found = row(db, "SELECT expires, used FROM pairing_codes WHERE code_sha256 = ?", (code_sha256,))
    expires, used = found or (granted, None)
    if expires is None or used is not None or expires <= now:
        raise ProblemError(ProblemCode.WRONG_CODE, "ask for a fresh code: satchel-service pair")
    db.execute(
        "INSERT INTO pairing_codes(code_sha256, expires, used) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET used = excluded.used",
        (code_sha256, expires, now),
    )
