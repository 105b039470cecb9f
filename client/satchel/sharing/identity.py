"""From a link's secret, and a password if there is one, to the share's key and its proof (docs/spec/share.md, 3).

Nothing here reaches the server but the proof, and of that it keeps only the SHA-256.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from satchel.age import X25519Identity, X25519Recipient
from satchel.age.keywrap import derive_key
from satchel.errors import RefusedError, UsageError
from satchel.keys.secret import SECRET_BYTES, SecretBytes, ShareSeed

SALT_BYTES: Final = 16
# scrypt's work factor: design.md section 5. What is shipped is also the least that is opened; the most keeps a
# hostile server from taking more than 256 MiB of memory (128 * r * 2**log_n bytes).
LOG_N: Final = 16
MAX_LOG_N: Final = 18
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
MAX_PASSWORD_BYTES: Final = 1024

LINK_LABEL: Final = b"satchel/v1/share-link"
PASSWORD_LABEL: Final = b"satchel/v1/share-password"
OPEN_LABEL: Final = b"satchel/v1/share-open"


class LinkSecret(SecretBytes):
    """The 32 secret bytes that a link carries behind `#`."""

    __slots__ = ()


@dataclass(frozen=True)
class PasswordProfile:
    """How a password is stretched: scrypt with this salt and work factor."""

    salt: bytes
    log_n: int = LOG_N

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(self.salt)}")

    def stretch(self, password: str) -> bytes:
        """32 bytes from the password; about 0.2 s and 64 MiB at the shipped work factor.

        A work factor outside what this satchel takes: RefusedError. An empty or oversized password: UsageError.
        """
        if not LOG_N <= self.log_n <= MAX_LOG_N:
            raise RefusedError(
                f"the share's password takes a work factor of {self.log_n}, not {LOG_N} to {MAX_LOG_N}",
                hint="ask for a new link",
            )
        material = unicodedata.normalize("NFC", password).encode()
        if not 0 < len(material) <= MAX_PASSWORD_BYTES:
            raise UsageError(f"a password has 1 to {MAX_PASSWORD_BYTES} bytes")
        return Scrypt(salt=self.salt, length=SECRET_BYTES, n=2**self.log_n, r=SCRYPT_R, p=SCRYPT_P).derive(
            material
        )


@dataclass(frozen=True)
class ShareKey:
    """What opens one share: the age identity, and the proof that its holder has it."""

    identity: X25519Identity

    @property
    def recipient(self) -> X25519Recipient:
        """Whom the body is sealed to. Kept from the server too, so that it cannot seal another body."""
        return self.identity.recipient

    @property
    def proof(self) -> bytes:
        """32 bytes that the server compares by hash before it counts a view."""
        return _derive(bytes(self.identity), OPEN_LABEL)

    @property
    def proof_sha256(self) -> bytes:
        """What the server keeps of the proof."""
        return hashlib.sha256(self.proof).digest()

    def __repr__(self) -> str:
        return "ShareKey(hidden)"


def owner_secret(share_seed: ShareSeed, share_id: str) -> LinkSecret:
    """The secret of the owner's own share: derived, so that each of the owner's devices can print the link again."""
    return LinkSecret(_derive(bytes(share_seed), LINK_LABEL + b"/" + share_id.encode("ascii")))


def share_key(
    secret: LinkSecret, *, password: str | None = None, profile: PasswordProfile | None = None
) -> ShareKey:
    """The key of a share; its password and the profile of that password come together or not at all."""
    if password is None or profile is None:
        if password is not None or profile is not None:
            raise ValueError("a password and its profile come together")
        return ShareKey(X25519Identity.from_bytes(bytes(secret)))
    mixed = _derive(bytes(secret) + profile.stretch(password), PASSWORD_LABEL)
    return ShareKey(X25519Identity.from_bytes(mixed))


def _derive(material: bytes, label: bytes) -> bytes:
    return derive_key(material, salt=b"", info=label)
