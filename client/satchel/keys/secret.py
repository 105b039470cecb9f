"""Secret bytes with a type for each purpose, which never show themselves.

They are bytes, so every cipher takes them as they are; but `repr`, `str` and formatting give the
type's name only, and they compare in constant time.
"""

import hmac
import os
from collections.abc import Callable
from typing import Final, Self

SECRET_BYTES: Final = 32

Entropy = Callable[[int], bytes]
"""Gives that many unpredictable bytes: `os.urandom` everywhere but in tests that need fixed output."""


class SecretBytes(bytes):
    """32 bytes that must not be seen."""

    __slots__ = ()

    def __new__(cls, raw: bytes) -> Self:
        """Take exactly 32 bytes; else ValueError."""
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
    """The one secret of an owner; everything else is derived from it (docs/spec/keys.md, section 1)."""

    __slots__ = ()

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> Self:
        """Make the secret of a new owner."""
        return cls(entropy(SECRET_BYTES))


class ManifestKey(SecretBytes):
    """Authenticates the manifests of the owner's archives (HMAC-SHA-256)."""

    __slots__ = ()


class BlockKey(SecretBytes):
    """Names blocks and frames (keyed BLAKE3), so that equal contents show to nobody else."""

    __slots__ = ()


class ShareSeed(SecretBytes):
    """What the secrets of the owner's shares are derived from."""

    __slots__ = ()
