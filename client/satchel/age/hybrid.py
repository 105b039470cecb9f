"""The hybrid post-quantum recipient type: X25519 with ML-KEM-768 (C2SP age, MLKEM768-X25519).

HPKE base mode (RFC 9180) with the MLKEM768-X25519 ("X-Wing") KEM of draft-ietf-hpke-pq, HKDF-SHA256 and
ChaCha20-Poly1305, all from `cryptography`.
"""

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from satchel.age import bech32
from satchel.age.errors import HeaderError, KeyTextError
from satchel.age.format import Stanza, encode_base64
from satchel.age.keywrap import WRAPPED_BYTES, Entropy, FileKey, check_body, decode_argument
from satchel.age.x25519 import exchange

SEED_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_MLKEM_CIPHERTEXT_BYTES: Final = 1088
_X25519_BYTES: Final = 32
PUBLIC_BYTES: Final = _MLKEM_PUBLIC_BYTES + _X25519_BYTES
ENC_BYTES: Final = _MLKEM_CIPHERTEXT_BYTES + _X25519_BYTES
_TYPE: Final = "mlkem768x25519"
_INFO: Final = b"age-encryption.org/mlkem768x25519"
_RECIPIENT_HRP: Final = "age1pq"
_IDENTITY_HRP: Final = "age-secret-key-pq-"


class HybridRecipient:
    """A public key, `age1pq1…`: the ML-KEM-768 encapsulation key, then the X25519 public key."""

    label: Final = "postquantum"

    def __init__(self, public: bytes) -> None:
        if len(public) != PUBLIC_BYTES:
            raise KeyTextError("the post-quantum recipient has the wrong length")
        self._public = public
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES])
        except ValueError as exc:
            raise KeyTextError("the post-quantum recipient is not a valid public key") from exc
        self._key = MLKEM768X25519PublicKey(
            mlkem, X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:])
        )

    @classmethod
    def parse(cls, text: str) -> "HybridRecipient":
        """Parse `age1pq1…`. Raise KeyTextError."""
        return cls(bech32.decode_as(_RECIPIENT_HRP, text))

    @property
    def stanza_bytes(self) -> int:
        """The length of this recipient's stanza in a header."""
        return len(_stanza(bytes(ENC_BYTES + WRAPPED_BYTES)).marshal())

    def wrap(self, file_key: FileKey, entropy: Entropy = os.urandom) -> Stanza:  # noqa: ARG002
        """Wrap a file key. `entropy` is unused: HPKE takes randomness from the operating system.

        Raise KeyTextError if the X25519 key is a point of low order.
        """
        try:
            return _stanza(_suite().encrypt(bytes(file_key), self._key, _INFO))
        except ValueError as exc:
            raise KeyTextError("the post-quantum recipient is not a valid public key") from exc

    def __bytes__(self) -> bytes:
        return self._public

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_HRP, self._public)

    def __repr__(self) -> str:
        return f"<HybridRecipient {str(self)[:16]}…>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash(self._public)


class HybridIdentity:
    """A secret key, a 32-byte seed. `str()` returns `AGE-SECRET-KEY-PQ-1…`; `repr()` hides it."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise KeyTextError("the post-quantum identity has the wrong length")
        self._seed = seed
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + _X25519_BYTES)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self._key = MLKEM768X25519PrivateKey(mlkem, self._x25519)
        public = mlkem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()
        self.recipient: Final = HybridRecipient(public)

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> "HybridIdentity":
        """Generate an identity."""
        return cls(entropy(SEED_BYTES))

    @classmethod
    def from_bytes(cls, seed: bytes) -> "HybridIdentity":
        """Return the identity of a 32-byte seed."""
        return cls(seed)

    @classmethod
    def parse(cls, text: str) -> "HybridIdentity":
        """Parse `AGE-SECRET-KEY-PQ-1…`. Raise KeyTextError."""
        return cls(bech32.decode_as(_IDENTITY_HRP, text))

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """Unwrap the file key, or return None if the stanza is for another identity. Raise HeaderError."""
        if stanza.type != _TYPE:
            return None
        if len(stanza.args) != 1:
            raise HeaderError("an mlkem768x25519 stanza has the wrong number of arguments")
        enc = decode_argument(stanza.args[0], ENC_BYTES)
        check_body(stanza)
        exchange(self._x25519, enc[_MLKEM_CIPHERTEXT_BYTES:])  # refuses a share of low order
        try:
            return FileKey(_suite().decrypt(enc + stanza.body, self._key, _INFO))
        except InvalidTag:
            return None

    def __bytes__(self) -> bytes:
        return self._seed

    def __str__(self) -> str:
        return bech32.encode(_IDENTITY_HRP, self._seed).upper()

    def __repr__(self) -> str:
        return f"<HybridIdentity of {str(self.recipient)[:16]}…>"


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _stanza(sealed: bytes) -> Stanza:
    return Stanza(_TYPE, (encode_base64(sealed[:ENC_BYTES]),), sealed[ENC_BYTES:])
