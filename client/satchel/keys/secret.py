"""Secret bytes, with one type per purpose.

They are bytes, so ciphers accept them. Their `repr`, `str` and formatting show only the name of the type, and
comparison takes constant time.
"""

import hmac
import os
from collections.abc import Callable
from typing import Final, Self

SECRET_BYTES: Final = 32

Entropy = Callable[[int], bytes]
"""Returns that many random bytes: `os.urandom`, except in tests that need fixed output."""


class SecretBytes(bytes):
    """32 secret bytes."""

    __slots__ = ()

    def __new__(cls, raw: bytes) -> Self:
        """Raise ValueError unless there are exactly 32 bytes."""
        if len(raw) != SECRET_BYTES:
            raise ValueError(f"a {cls.__name__} has {SECRET_BYTES} bytes, not {len(raw)}")
        return super().__new__(cls, raw)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and hmac.compare_digest(bytes(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()


class RootSecret(SecretBytes):
    """The secret from which all keys of an owner are derived (docs/spec/keys.md, section 1)."""

    __slots__ = ()

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> Self:
        """Generate the secret of a new owner."""
        return cls(entropy(SECRET_BYTES))


class ManifestKey(SecretBytes):
    """Authenticates the manifests of the owner's archives (HMAC-SHA-256)."""

    __slots__ = ()


class BlockKey(SecretBytes):
    """Keys the digests of blocks and frames (BLAKE3), so that only the owner can recognise equal blocks."""

    __slots__ = ()


class ShareSeed(SecretBytes):
    """Derives the secrets of the owner's shares."""

    __slots__ = ()


class RequestSeed(SecretBytes):
    """Derives the keys of the owner's requests."""

    __slots__ = ()
