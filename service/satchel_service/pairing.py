"""How a device joins: it trades a one-time code (see `codes`) for a token.

A used code stays as a row until it would have expired, so that none is ever taken twice, wherever it came from.
"""

from typing import Final

import apsw

from satchel_service.codes import digest, grant_key, read_grant
from satchel_service.database import row
from satchel_service.devices import NewDevice, insert_device
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.threads import in_thread
from satchel_wire.problems import ProblemCode

# of 60 bits: 86,400 guesses a day find one of a hundred live codes with a chance of 2^-36
GUESSES: Final = Rate(burst=20, refill_ms=1000)
ANYONE: Final = "pair"  # one bucket for all: addresses behind proxies tell nothing reliable


class Pairing:
    """Trades codes for device tokens."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(GUESSES, environment.clock)

    async def redeem(self, code: str, label: bytes) -> NewDevice:
        """Trade a code for a new device and its token. The code is used up only if the device was made."""
        self._limiter.admit(ANYONE)
        code_sha256 = digest(code)
        granted = await in_thread(read_grant, self._env.storage, code_sha256)
        device = NewDevice.make(self._env.entropy, label)

        def trade(db: apsw.Connection) -> None:
            now = self._env.clock()
            take_code(db, code_sha256, granted, now)
            insert_device(db, device, now, self._env.settings.devices)

        try:
            await self._env.database.write(trade)
        except ProblemError as problem:
            if problem.code is ProblemCode.WRONG_CODE:
                self._limiter.failed(ANYONE)
            raise
        if granted is not None:
            await in_thread(self._env.storage.delete, grant_key(code_sha256))
        return device


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
