"""One-time pairing codes: their form, storage and lifetime.

A code has 60 random bits, written as twelve unambiguous letters and digits. Only its SHA-256 is stored. Most codes are
rows of the micro-database. `satchel-service pair` cannot use that database, because the service may have it open or may
not be running, so it stores a grant instead: an object named by the hash of the code. Write access to the
storage already implies control of the cloud, so grants add no privilege.

Codes of the operator (grants, and the code that a new cloud prints) can do more than codes of devices: they pair a
device beyond the limit, and allow erasing at once. Devices cannot create them, and revoking a device does not end them.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Final, NamedTuple

import apsw

from satchel_service.audit import OPERATOR, Event, Who, record
from satchel_service.database import row
from satchel_service.environment import Environment
from satchel_service.storage import BlobKey, NotFoundError, Storage, blob_key

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LOOKALIKES: Final = str.maketrans("ILO", "110", " -\t")
CODE_LETTERS: Final = 12
GRANT_PREFIX: Final = "pairings/"

DEVICE_CODE_TTL_MS: Final = 15 * 60 * 1000  # shown on one screen, typed on another
MAX_LIVE_CODES: Final = 20  # beyond this, the codes that expire first are deleted
CONSOLE_CODE_TTL_MS: Final = 24 * 60 * 60 * 1000  # read from a log, perhaps the next morning

DELETE_OLDEST_CODES: Final = """
DELETE FROM pairing_codes WHERE used IS NULL AND operator = 0 AND code_sha256 NOT IN (
    SELECT code_sha256 FROM pairing_codes WHERE used IS NULL AND operator = 0 ORDER BY expires DESC LIMIT ?
)
"""


class NewCode(NamedTuple):
    """A new code as shown to the user, and its expiry in milliseconds since 1970."""

    text: str
    expires: int


class Grant(NamedTuple):
    """What the operator grants with a code. `revokes_others`: the paired device is the only one afterwards."""

    expires: int
    revokes_others: bool = False


async def create_code(
    environment: Environment,
    ttl_ms: int = DEVICE_CODE_TTL_MS,
    *,
    maker: Who,
    check: Callable[[apsw.Connection], None] = lambda _: None,
) -> NewCode:
    """Create a code that works once until it expires. `check` runs in the same transaction and can refuse by raising.

    `maker` is the device that creates it, or the operator.
    """
    now = environment.clock()
    code = NewCode(format_code(environment.entropy(8)), now + ttl_ms)

    def insert(db: apsw.Connection) -> None:
        check(db)
        db.execute("DELETE FROM pairing_codes WHERE expires <= ?", (now,))
        db.execute(DELETE_OLDEST_CODES, (MAX_LIVE_CODES - 1,))
        db.execute(
            "INSERT INTO pairing_codes(code_sha256, expires, operator) VALUES (?, ?, ?)",
            (code_digest(code.text), code.expires, int(maker == OPERATOR)),
        )
        record(db, Event.CODE_MADE, maker, now=now)

    await environment.database.write(insert)
    return code


async def create_first_code(environment: Environment) -> NewCode | None:
    """Create a code to print on the console, or return None if a device is already connected."""
    device = await environment.database.read(lambda db: row(db, "SELECT 1 FROM devices LIMIT 1"))
    if device is not None:
        return None
    return await create_code(environment, CONSOLE_CODE_TTL_MS, maker=OPERATOR)


def format_code(entropy: bytes) -> str:
    """Return a code of twelve letters and digits, in groups of four, from 8 random bytes."""
    number = int.from_bytes(entropy[:8], "big")
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def code_digest(code: str) -> bytes:
    """Return the SHA-256 of a code, ignoring case, separators and look-alike letters."""
    return hashlib.sha256(code.upper().translate(LOOKALIKES).encode()).digest()


def grant_key(code_sha256: bytes) -> BlobKey:
    """Return the key of the grant of a code."""
    return blob_key(GRANT_PREFIX + code_sha256.hex())


def read_grant(storage: Storage, code_sha256: bytes) -> Grant | None:
    """Return the grant of a code, or None if there is none. A damaged one grants nothing."""
    try:
        document = json.loads(storage.read(grant_key(code_sha256)))
        return Grant(int(document["expires"]), bool(document.get("revokes_others", False)))
    except (NotFoundError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def list_grants(storage: Storage) -> frozenset[BlobKey]:
    """Return the keys of all grants, including expired ones, with one request."""
    return frozenset(info.key for info in storage.list(GRANT_PREFIX))


def create_grant(storage: Storage, entropy: bytes, now: int, *, revokes_others: bool = False) -> NewCode:
    """Store a grant for a new code and return the code. Works whether or not the service runs. Raise StorageError."""
    code = NewCode(format_code(entropy), now + DEVICE_CODE_TTL_MS)
    document = Grant(code.expires, revokes_others)._asdict()
    storage.create(grant_key(code_digest(code.text)), json.dumps(document).encode())
    return code
