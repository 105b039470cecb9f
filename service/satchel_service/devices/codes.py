"""One-time pairing codes: what they look like, where they are kept, how long they last.

A code has 60 random bits in twelve letters and digits that cannot be mistaken for one another. Only its SHA-256 is
kept. Most codes are rows of the micro-database. `satchel-service pair` must not open that file while the service
has it, and the service may be asleep: it leaves a grant in the storage instead, an object named by the code's hash.
Whoever can write to the storage runs the cloud, so this gives nobody new power.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Final, NamedTuple

import apsw

from satchel_service.database import row
from satchel_service.environment import Environment
from satchel_service.storage import BlobKey, NotFoundError, Storage, blob_key

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
MISTYPED: Final = str.maketrans("ILO", "110", " -\t")
CODE_LETTERS: Final = 12
GRANT_PREFIX: Final = "pairings/"

DEVICE_CODE_TTL_MS: Final = 15 * 60 * 1000  # shown on one screen, typed on another
LIVE_CODES: Final = 20  # of more, those that end first give way
CONSOLE_CODE_TTL_MS: Final = 24 * 60 * 60 * 1000  # read from a log, perhaps the next morning


GIVE_WAY: Final = """
DELETE FROM pairing_codes WHERE used IS NULL AND code_sha256 NOT IN
    (SELECT code_sha256 FROM pairing_codes WHERE used IS NULL ORDER BY expires DESC LIMIT ?)
"""


class NewCode(NamedTuple):
    """A code as it is shown, and when it ends (milliseconds since 1970)."""

    text: str
    expires: int


async def create_code(
    environment: Environment,
    ttl_ms: int = DEVICE_CODE_TTL_MS,
    *,
    allowed: Callable[[apsw.Connection], None] = lambda _: None,
) -> NewCode:
    """Make a code that works once, until it expires. `allowed` refuses, in the transaction that keeps the code."""
    now = environment.clock()
    code = NewCode(new_code(environment.entropy(8)), now + ttl_ms)

    def insert(db: apsw.Connection) -> None:
        allowed(db)
        db.execute("DELETE FROM pairing_codes WHERE expires <= ?", (now,))
        db.execute(GIVE_WAY, (LIVE_CODES - 1,))
        db.execute(
            "INSERT INTO pairing_codes(code_sha256, expires) VALUES (?, ?)", (digest(code.text), code.expires)
        )

    await environment.database.write(insert)
    return code


async def first_code(environment: Environment) -> NewCode | None:
    """Make a code for the console while no device is connected; None when one is."""
    device = await environment.database.read(lambda db: row(db, "SELECT 1 FROM devices LIMIT 1"))
    return await create_code(environment, CONSOLE_CODE_TTL_MS) if device is None else None


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


def read_grant(storage: Storage, code_sha256: bytes) -> int | None:
    """Return when the grant of a code ends (milliseconds since 1970), if whoever runs the cloud left one."""
    try:
        return int(json.loads(storage.read(grant_key(code_sha256)))["expires"])
    except NotFoundError:
        return None


def list_grants(storage: Storage) -> frozenset[BlobKey]:
    """Return the grants that there are, ended ones among them, in one request."""
    return frozenset(info.key for info in storage.list(GRANT_PREFIX))


def grant_code(storage: Storage, entropy: bytes, now: int) -> NewCode:
    """Leave a grant for a fresh code in the storage and return the code; works whether the service runs or not."""
    code = NewCode(new_code(entropy), now + DEVICE_CODE_TTL_MS)
    storage.create(grant_key(digest(code.text)), json.dumps({"expires": code.expires}).encode())
    return code
