"""Encrypts a secret under a passphrase: Argon2id, then an AEAD bound to the secret's purpose and owner.

The parameters are stored with the secret, so later versions can raise them. The defaults are also the minimum, and
a maximum keeps a hostile file from exhausting memory (docs/spec/keys.md, section 5).
"""

import os
import unicodedata
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from satchel.errors import SatchelError, UsageError
from satchel.keys.secret import Entropy

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAX_PASSPHRASE_BYTES: Final = 1024
SALT_BYTES: Final = 16  # RFC 9106, section 3.1
_ZERO_NONCE: Final = bytes(12)  # a fresh salt makes each key single-use

# Defaults and minimum: the second choice of RFC 9106 (64 MiB, t=3, p=4) with four times its memory; 0.5 to 0.7 s
# on two cores.
MEMORY_KIB: Final = 256 * 1024
PASSES: Final = 3
LANES: Final = 4
# Maximum that a file may request.
MAX_MEMORY_KIB: Final = 1024 * 1024
MAX_PASSES: Final = 10
MAX_LANES: Final = 16


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of Argon2id. Decoding refuses values outside the limits."""

    salt: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    memory_kib: Annotated[int, msgspec.Meta(ge=MEMORY_KIB, le=MAX_MEMORY_KIB)] = MEMORY_KIB
    passes: Annotated[int, msgspec.Meta(ge=PASSES, le=MAX_PASSES)] = PASSES
    lanes: Annotated[int, msgspec.Meta(ge=LANES, le=MAX_LANES)] = LANES

    @classmethod
    def fresh(cls, entropy: Entropy = os.urandom) -> "Profile":
        """Return the default parameters with a new salt."""
        return cls(salt=entropy(SALT_BYTES).hex())


def wrap(secret: bytes, passphrase: str, profile: Profile, *, purpose: str, owner: str) -> bytes:
    """Encrypt a secret under a passphrase. Takes about half a second and 256 MiB.

    Raise UsageError if the passphrase is empty or too long.
    """
    if not 0 < len(_material(passphrase)) <= MAX_PASSPHRASE_BYTES:
        raise UsageError(f"a passphrase must have 1 to {MAX_PASSPHRASE_BYTES} bytes")
    binding = _binding(profile, purpose, owner)
    return _cipher(passphrase, profile).encrypt(_ZERO_NONCE, secret, binding)


def unwrap(wrapped: bytes, passphrase: str, profile: Profile, *, purpose: str, owner: str) -> bytes | None:
    """Decrypt the result of `wrap`, or return None if it does not authenticate.

    The cause is a wrong passphrase, a different purpose, owner or profile, or damage.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as below

    binding = _binding(profile, purpose, owner)
    try:
        return _cipher(passphrase, profile).decrypt(_ZERO_NONCE, wrapped, binding)
    except InvalidTag:
        return None


def _cipher(passphrase: str, profile: Profile) -> "ChaCha20Poly1305":
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415  costs 20 ms
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    kdf = Argon2id(
        salt=bytes.fromhex(profile.salt),
        length=32,
        iterations=profile.passes,
        lanes=profile.lanes,
        memory_cost=profile.memory_kib,
    )
    try:
        return ChaCha20Poly1305(kdf.derive(_material(passphrase)))
    except MemoryError as exc:
        raise SatchelError(
            f"a passphrase needs {profile.memory_kib // 1024} MiB of memory, more than is available",
            hint="close other programs and try again",
        ) from exc


def _material(passphrase: str) -> bytes:
    """Normalise to NFC: keyboards compose accented letters in different ways."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")


def _binding(profile: Profile, purpose: str, owner: str) -> bytes:
    stretched = f"argon2id {profile.memory_kib} {profile.passes} {profile.lanes} {profile.salt}"
    return f"{purpose}\n{owner}\n{stretched}\n".encode("ascii")
