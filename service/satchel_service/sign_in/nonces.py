"""The nonces of ID tokens, made without a row.

    nonce = make_nonce(key, entropy(RANDOM_BYTES), now)
    expires = read_nonce(key, nonce.text, now)       # None unless the cloud made it and it is still valid

A nonce holds random bytes, its expiry and an HMAC under a key that only the cloud has, so strangers who request nonces
add nothing to the database. `used_nonces` remembers the used ones.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final, NamedTuple

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


def nonce_digest(text: str) -> bytes:
    """Return the digest of a nonce's bytes, so that no other spelling of them counts as another nonce."""
    return hashlib.sha256(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).digest()


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, CONTEXT + body, "sha256").digest()
