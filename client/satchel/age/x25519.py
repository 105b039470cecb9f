"""The X25519 recipient type (C2SP age, "The X25519 recipient type")."""

import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from satchel.age import bech32
from satchel.age.errors import HeaderError, KeyTextError
from satchel.age.format import Stanza, encode_base64
from satchel.age.keywrap import (
    WRAPPED_BYTES,
    Entropy,
    FileKey,
    check_body,
    decode_argument,
    derive_key,
    unwrap_with,
    wrap_with,
)

KEY_BYTES: Final = 32
_TYPE: Final = "X25519"
_INFO: Final = b"age-encryption.org/v1/X25519"
_RECIPIENT_HRP: Final = "age"
_IDENTITY_HRP: Final = "age-secret-key-"


class X25519Recipient:
    """A public key, `age1…`."""

    label: Final = ""

    def __init__(self, public: bytes) -> None:
        if len(public) != KEY_BYTES:
            raise KeyTextError("the recipient has the wrong length")
        self._public = public

    @classmethod
    def parse(cls, text: str) -> "X25519Recipient":
        """Parse `age1…`. Raise KeyTextError."""
        return cls(bech32.decode_as(_RECIPIENT_HRP, text))

    @property
    def stanza_bytes(self) -> int:
        """The length of this recipient's stanza in a header."""
        return len(_stanza(bytes(KEY_BYTES), bytes(WRAPPED_BYTES)).marshal())

    def wrap(self, file_key: FileKey, entropy: Entropy = os.urandom) -> Stanza:
        """Wrap a file key under an ephemeral secret. Raise KeyTextError if the recipient is a point of low order."""
        ephemeral = X25519PrivateKey.from_private_bytes(entropy(KEY_BYTES))
        share = ephemeral.public_key().public_bytes_raw()
        try:
            shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        except ValueError as exc:
            raise KeyTextError("the recipient is not a valid public key") from exc
        wrap_key = derive_key(shared, salt=share + self._public, info=_INFO)
        return _stanza(share, wrap_with(wrap_key, file_key))

    def __bytes__(self) -> bytes:
        return self._public

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_HRP, self._public)

    def __repr__(self) -> str:
        return f"<X25519Recipient {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519Recipient) and self._public == other._public

    def __hash__(self) -> int:
        return hash(self._public)


class X25519Identity:
    """A secret key. `str()` returns `AGE-SECRET-KEY-1…`; `repr()` shows only the recipient."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyTextError("the identity has the wrong length")
        self._secret = secret
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self.recipient: Final = X25519Recipient(self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> "X25519Identity":
        """Generate an identity."""
        return cls(entropy(KEY_BYTES))

    @classmethod
    def from_bytes(cls, secret: bytes) -> "X25519Identity":
        """Return the identity of 32 secret bytes, which X25519 clamps on use (RFC 7748)."""
        return cls(secret)

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        """Parse `AGE-SECRET-KEY-1…`. Raise KeyTextError."""
        return cls(bech32.decode_as(_IDENTITY_HRP, text))

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """Unwrap the file key, or return None if the stanza is for another identity. Raise HeaderError."""
        if stanza.type != _TYPE:
            return None
        if len(stanza.args) != 1:
            raise HeaderError("an X25519 stanza has the wrong number of arguments")
        share = decode_argument(stanza.args[0], KEY_BYTES)
        check_body(stanza)
        shared = exchange(self._key, share)
        wrap_key = derive_key(shared, salt=share + bytes(self.recipient), info=_INFO)
        return unwrap_with(wrap_key, stanza.body)

    def __bytes__(self) -> bytes:
        return self._secret

    def __str__(self) -> str:
        return bech32.encode(_IDENTITY_HRP, self._secret).upper()

    def __repr__(self) -> str:
        return f"<X25519Identity of {self.recipient}>"


def exchange(key: X25519PrivateKey, share: bytes) -> bytes:
    """Return the shared secret. Raise HeaderError for a share of low order, whose secret is all zeros."""
    try:
        return key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as exc:
        raise HeaderError("a stanza's share is a point of low order") from exc


def _stanza(share: bytes, body: bytes) -> Stanza:
    return Stanza(_TYPE, (encode_base64(share),), body)
