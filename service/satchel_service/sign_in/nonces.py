"""The nonces of ID tokens: made without a row, used at most once.

    nonce = make_nonce(key, entropy(RANDOM_BYTES), now)
    expires = read_nonce(key, nonce.text, now)       # None unless the cloud made it and it is still valid
    use_nonce(db, nonce.text, expires)               # in the transaction of the sign-in

A nonce holds random bytes, its expiry and an HMAC under a key that only the cloud has, so strangers who request nonces
add nothing to the database. A used one is stored as a digest until it expires.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final, NamedTuple

import apsw

from satchel_service.database import row
from satchel_service.database.schema import NONCE_KEY
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode

RANDOM_BYTES: Final = 16
EXPIRY_BYTES: Final = 8
KEY_BYTES: Final = 32
TTL_MS: Final = 30 * 60 * 1000  # from opening the browser to the end of a slow sign-in
CONTEXT: Final = b"satchel sign-in nonce v1\0"
NONCE_BYTES: Final = RANDOM_BYTES + EXPIRY_BYTES + hashlib.sha256().digest_size
NONCE_CHARS: Final = -(-NONCE_BYTES * 8 // 6)


class Nonce(NamedTuple):
    """A nonce and its expiry in milliseconds since 1970."""

    text: str
    expires: int


def make_nonce(key: bytes, random: bytes, now: int) -> Nonce:
    """Return a new nonce."""
    expires = now + TTL_MS
    body = random + expires.to_bytes(EXPIRY_BYTES, "big")
    return Nonce(base64.urlsafe_b64encode(body + _mac(key, body)).rstrip(b"=").decode(), expires)


def read_nonce(key: bytes, text: str, now: int) -> int | None:
    """Return the expiry of a nonce; None if this cloud did not make it or it has expired."""
    if len(text) != NONCE_CHARS or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    body, mac = raw[: RANDOM_BYTES + EXPIRY_BYTES], raw[RANDOM_BYTES + EXPIRY_BYTES :]
    if not hmac.compare_digest(mac, _mac(key, body)):
        return None
    expires = int.from_bytes(body[RANDOM_BYTES:], "big")
    return expires if now < expires <= now + TTL_MS else None


def use_nonce(db: apsw.Connection, text: str, expires: int, now: int) -> None:
    """Mark a nonce as used. Raise a `wrong-sign-in` problem if it has been used."""
    db.execute("DELETE FROM nonces WHERE expires <= ?", (now,))
    db.execute(
        "INSERT OR IGNORE INTO nonces(nonce_sha256, expires) VALUES (?, ?)", (nonce_digest(text), expires)
    )
    if db.changes() == 0:
        raise ProblemError(ProblemCode.WRONG_SIGN_IN, "the nonce has been used: sign in again")


def nonce_digest(text: str) -> bytes:
    """Return the digest of a nonce's bytes, so that no other spelling of them counts as another nonce."""
    return hashlib.sha256(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).digest()


async def nonce_key(environment: Environment) -> bytes:
    """Return the key of this cloud's nonces, creating it once."""
    found = await environment.database.read(stored_key)
    if found is not None:
        return found
    new = environment.entropy(KEY_BYTES)

    def create(db: apsw.Connection) -> bytes:
        db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES (?, ?)", (NONCE_KEY, new))
        return stored_key(db) or new

    return await environment.database.write(create)


def stored_key(db: apsw.Connection) -> bytes | None:
    """Return the key of this cloud's nonces, if there is one."""
    found = row(db, "SELECT value FROM meta WHERE key = ?", (NONCE_KEY,))
    return None if found is None else bytes(found[0])


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, CONTEXT + body, "sha256").digest()
