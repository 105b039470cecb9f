"""How a device joins: a one-time code, told by the owner's other device, by the console or by who runs the cloud.

A code has 60 random bits in twelve letters and digits that cannot be mistaken for one another. Only its SHA-256 is
kept. Most codes are rows of the micro-database. `satchel-service pair` must not open that file while the service
has it, and the service may be asleep: it leaves a grant in the storage instead, an object named by the code's hash.
Whoever can write to the storage runs the cloud, so this gives nobody new power. A used code stays as a row until it
would have expired, so that neither kind is ever taken twice.
"""

import hashlib
from typing import Final, NamedTuple

import apsw
import msgspec

from satchel_service.devices import NewDevice, insert_device
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.storage import BlobKey, NotFoundError, Storage, blob_key
from satchel_service.threads import in_thread
from satchel_wire.problems import ProblemCode

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
MISTYPED: Final = str.maketrans("ILO", "110", " -\t")
CODE_LETTERS: Final = 12
GRANT_PREFIX: Final = "pairings/"

DEVICE_CODE_TTL_MS: Final = 15 * 60 * 1000  # shown on one screen, typed on another
CONSOLE_CODE_TTL_MS: Final = 24 * 60 * 60 * 1000  # read from a log, perhaps the next morning

# 60 bits, of which 3600 guesses an hour reach 2^-43 in a day even if every code of that day counts
GUESSES: Final = Rate(burst=20, refill_ms=1000)


class NewCode(NamedTuple):
    """A code as it is shown, and when it ends (milliseconds since 1970)."""

    text: str
    expires: int


class Grant(msgspec.Struct, frozen=True):
    """What `satchel-service pair` leaves in the storage."""

    expires: int


class Pairing:
    """Makes codes and trades them for device tokens."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(GUESSES, environment.clock)

    async def create(self, ttl_ms: int = DEVICE_CODE_TTL_MS) -> NewCode:
        """Make a code that works once, until it expires."""
        code = NewCode(new_code(self._env.entropy(8)), self._env.clock() + ttl_ms)

        def insert(db: apsw.Connection) -> None:
            db.execute("DELETE FROM pairing_codes WHERE expires <= ?", (self._env.clock(),))
            db.execute(
                "INSERT INTO pairing_codes(code_sha256, expires) VALUES (?, ?)",
                (digest(code.text), code.expires),
            )

        await self._env.database.write(insert)
        return code

    async def first_code(self) -> NewCode | None:
        """Make a code for the console while no device is connected; None when one is."""
        connected = await self._env.database.read(
            lambda db: db.execute("SELECT EXISTS(SELECT 1 FROM devices)").get
        )
        return None if connected else await self.create(CONSOLE_CODE_TTL_MS)

    async def redeem(self, code: str, label: bytes) -> NewDevice:
        """Trade a code for a new device and its token. The code is used up only if the device was made."""
        self._limiter.admit("pair")
        code_sha256 = digest(code)
        grant = await in_thread(read_grant, self._env.storage, code_sha256)
        device = NewDevice.make(self._env.entropy, label)

        def trade(db: apsw.Connection) -> None:
            now = self._env.clock()
            take_code(db, code_sha256, grant, now)
            insert_device(db, device, now, self._env.settings.devices)

        try:
            await self._env.database.write(trade)
        except ProblemError as problem:
            if problem.code is ProblemCode.WRONG_CODE:
                self._limiter.failed("pair")
            raise
        if grant is not None:
            await in_thread(self._env.storage.delete, grant_key(code_sha256))
        return device


def take_code(db: apsw.Connection, code_sha256: bytes, grant: Grant | None, now: int) -> None:
    """Mark a code as used; a problem when it is unknown, used or expired.

    The lookup is by hash: its timing tells nothing about a code.
    """
    row = db.execute(
        "SELECT expires, used FROM pairing_codes WHERE code_sha256 = ?", (code_sha256,)
    ).fetchone()
    if row is None and grant is not None:
        row = (grant.expires, None)
    if row is None or row[1] is not None or row[0] <= now:
        raise ProblemError(ProblemCode.WRONG_CODE, "ask for a fresh code: satchel-service pair")
    db.execute(
        "INSERT INTO pairing_codes(code_sha256, expires, used) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET used = excluded.used",
        (code_sha256, row[0], now),
    )


def new_code(entropy: bytes) -> str:
    """Return twelve letters and digits from 8 random bytes, in groups of four."""
    number = int.from_bytes(entropy[:8], "big")
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def digest(code: str) -> bytes:
    """Return the SHA-256 of a code, however it was typed."""
    return hashlib.sha256(code.upper().translate(MISTYPED).encode()).digest()


def grant_key(code_sha256: bytes) -> BlobKey:
    """Return the object that grants a code."""
    return blob_key(GRANT_PREFIX + code_sha256.hex())


def read_grant(storage: Storage, code_sha256: bytes) -> Grant | None:
    """Return the grant of a code, if whoever runs the cloud left one."""
    try:
        return msgspec.json.decode(storage.read(grant_key(code_sha256)), type=Grant)
    except NotFoundError:
        return None


def grant_code(storage: Storage, entropy: bytes, now: int) -> NewCode:
    """Leave a grant for a fresh code in the storage and return the code; works whether the service runs or not."""
    code = NewCode(new_code(entropy), now + DEVICE_CODE_TTL_MS)
    storage.create(grant_key(digest(code.text)), msgspec.json.encode(Grant(expires=code.expires)))
    return code
