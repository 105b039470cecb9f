"""Derives the key of a share, and its proof, from the link and the password (docs/spec/share.md, section 3).

Only the proof reaches the server, which stores its SHA-256.
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
# The work factor of scrypt. The default is also the minimum; the maximum limits a hostile server to 256 MiB of
# memory (128 * r * 2**log_n bytes).
LOG_N: Final = 16
MAX_LOG_N: Final = 18
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
MAX_PASSWORD_BYTES: Final = 1024

LINK_LABEL: Final = b"satchel/v1/share-link"
PASSWORD_LABEL: Final = b"satchel/v1/share-password"
OPEN_LABEL: Final = b"satchel/v1/share-open"


class LinkSecret(SecretBytes):
    """The 32 secret bytes in the fragment of a link."""

    __slots__ = ()


@dataclass(frozen=True)
class PasswordProfile:
    """The salt and the work factor of scrypt."""

    salt: bytes
    log_n: int = LOG_N

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt must have {SALT_BYTES} bytes, not {len(self.salt)}")

    def stretch(self, password: str) -> bytes:
        """Return 32 bytes derived from the password. Takes about 0.2 s and 64 MiB by default.

        Raise RefusedError if the work factor is outside the limits, UsageError if the password is empty or too long.
        """
        if not LOG_N <= self.log_n <= MAX_LOG_N:
            raise RefusedError(
                f"the work factor of the share's password is {self.log_n}, outside {LOG_N} to {MAX_LOG_N}",
                hint="ask for a new link",
            )
        material = unicodedata.normalize("NFC", password).encode()
        if not 0 < len(material) <= MAX_PASSWORD_BYTES:
            raise UsageError(f"a password must have 1 to {MAX_PASSWORD_BYTES} bytes")
        return Scrypt(salt=self.salt, length=SECRET_BYTES, n=2**self.log_n, r=SCRYPT_R, p=SCRYPT_P).derive(
            material
        )


@dataclass(frozen=True)
class ShareKey:
    """The key of one share: an age identity, and the proof that is sent to the cloud to open the share."""

    identity: X25519Identity

    @property
    def recipient(self) -> X25519Recipient:
        """The recipient of the body. The server must not learn it, or it could seal a different body to it."""
        return self.identity.recipient

    @property
    def proof(self) -> bytes:
        """32 bytes whose hash the server compares before it counts a view."""
        return _derive(bytes(self.identity), OPEN_LABEL)

    @property
    def proof_sha256(self) -> bytes:
        """The hash of the proof, which the server stores."""
        return hashlib.sha256(self.proof).digest()

    def __repr__(self) -> str:
        return "ShareKey(hidden)"


def owner_secret(share_seed: ShareSeed, share_id: str) -> LinkSecret:
    """Derive the secret of an owner's share, so that each of the owner's devices can print the link again."""
    return LinkSecret(_derive(bytes(share_seed), LINK_LABEL + b"/" + share_id.encode("ascii")))


def share_key(
    secret: LinkSecret, *, password: str | None = None, profile: PasswordProfile | None = None
) -> ShareKey:
    """Return the key of a share. Raise ValueError if only one of password and profile is given."""
    if password is None or profile is None:
        if password is not None or profile is not None:
            raise ValueError("a password and a profile must be given together")
        return ShareKey(X25519Identity.from_bytes(bytes(secret)))
    mixed = _derive(bytes(secret) + profile.stretch(password), PASSWORD_LABEL)
    return ShareKey(X25519Identity.from_bytes(mixed))


def _derive(material: bytes, label: bytes) -> bytes:
    return derive_key(material, salt=b"", info=label)
