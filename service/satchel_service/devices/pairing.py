"""Pairing: a device redeems a one-time code (see `codes`) for a token.

A used code stays in the database until it expires, so no code or grant is accepted twice.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

import apsw

from satchel_service.audit import OPERATOR, Event, by_device, record
from satchel_service.database import row, rows
from satchel_service.devices.codes import Grant, code_digest, grant_key, list_grants, read_grant
from satchel_service.devices.devices import NewDevice, delete_device, insert_device
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.storage import BlobKey, StorageError
from satchel_wire.problems import ProblemCode

T = TypeVar("T")

# A valid code is accepted despite rate limiting, so guessing cannot lock the owner out. The limit on wrong codes
# protects the storage, where a look-up can cost a request. The 60 bits of a code prevent guessing: a thousand guesses
# a second for a whole day find one of a hundred valid codes with a probability of 1 in 130 million.
WRONG_CODES: Final = Rate(burst=20, refill_ms=1000)
OPERATORS_CODE: Final = "use one of the operator: satchel-service pair"
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
        grant = await self._find_grant(code_sha256)
        device = NewDevice.make(self._env.entropy, label)

        def redeem_code(db: apsw.Connection) -> None:
            now = self._env.clock()
            is_operators = use_code(db, code_sha256, grant, now, purpose="pair")
            if grant is not None and grant.revokes_others:
                revoke_others(db, now)
            insert_device(db, device, now, None if is_operators else self._env.settings.devices)
            record(db, Event.DEVICE_PAIRED, by_device(device.id), now=now, target=device.id)

        async def exchange() -> None:
            # a wrong code of a stranger begins no transaction, which deferred writes would join
            await self._env.database.read(lambda db: find_code(db, code_sha256, grant, self._env.clock()))
            await self._env.database.write(redeem_code)

        await self._attempt(code_sha256, grant, exchange())
        return device

    async def use_operators_code(
        self, code: str, purpose: str, act: Callable[[Callable[[apsw.Connection], bool]], Awaitable[T]]
    ) -> T:
        """Do what takes a code of the operator. `act` calls its argument in its transaction, which uses up the code.

        The argument returns whether the code also revokes every other device. `purpose` is the id of the operation.
        Raise a `wrong-code` or `too-many` problem; a code that a device created is a wrong one.
        """
        code_sha256 = code_digest(code)
        grant = await self._find_grant(code_sha256)

        def use(db: apsw.Connection) -> bool:
            if not use_code(db, code_sha256, grant, self._env.clock(), purpose=purpose):
                raise ProblemError(ProblemCode.WRONG_CODE, f"a device created this code; {OPERATORS_CODE}")
            return grant is not None and grant.revokes_others

        return await self._attempt(code_sha256, grant, act(use))

    async def _attempt(self, code_sha256: bytes, grant: Grant | None, outcome: Awaitable[T]) -> T:
        """Wait for the outcome of an attempt: count a wrong code, and delete the grant of a used one."""
        try:
            result = await outcome
        except ProblemError as problem:
            if problem.code is ProblemCode.WRONG_CODE:
                self._limiter.check(SHARED_BUCKET)
                self._limiter.record_failure(SHARED_BUCKET)
            raise
        if grant is not None:
            with suppress(StorageError):  # the code is marked as used; the orphaned grant is swept later
                await in_thread(self._env.storage.delete, grant_key(code_sha256))
        return result

    async def _find_grant(self, code_sha256: bytes) -> Grant | None:
        """Return the grant of a code, or None if there is none.

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


def use_code(db: apsw.Connection, code_sha256: bytes, grant: Grant | None, now: int, *, purpose: str) -> bool:
    """Mark a code as used and return whether the operator made it. `purpose` is the id of the operation.

    Raise a `wrong-code` problem if it is unknown, used or expired.
    """
    expires, operator = find_code(db, code_sha256, grant, now)
    db.execute(
        "INSERT INTO pairing_codes(code_sha256, expires, used, operator) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET used = excluded.used",
        (code_sha256, expires, now, int(operator)),
    )
    if operator:
        record(db, Event.OPERATOR_CODE_USED, OPERATOR, now=now, target=purpose)
    return operator


def find_code(db: apsw.Connection, code_sha256: bytes, grant: Grant | None, now: int) -> tuple[int, bool]:
    """Return the expiry of a code and whether the operator made it.

    Raise a `wrong-code` problem if it is unknown, used or expired. The look-up is by hash, so its timing reveals nothing
    about a code.
    """
    found = row(db, "SELECT expires, used, operator FROM pairing_codes WHERE code_sha256 = ?", (code_sha256,))
    expires, used, operator = found or (grant.expires if grant else None, None, 1)
    if expires is None or used is not None or expires <= now:
        raise ProblemError(ProblemCode.WRONG_CODE, "get a new code: satchel-service pair")
    return int(expires), bool(operator)


def revoke_others(db: apsw.Connection, now: int, stays: str = "") -> None:
    """Revoke every device except one, if given, and the codes that devices created, for the operator."""
    for (device_id,) in rows(db, "SELECT id FROM devices WHERE id != ? ORDER BY created, id", (stays,)):
        delete_device(db, device_id, OPERATOR, now)
    db.execute("DELETE FROM pairing_codes WHERE used IS NULL AND operator = 0")
