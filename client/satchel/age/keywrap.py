"""The file key, and what wraps it: the promises of a recipient and of an identity.

A file key is 16 random bytes, made for one file. Recipients wrap it into stanzas, identities
unwrap it again; the header's MAC proves that the stanzas are those that were written with it.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from satchel.age.errors import HeaderError, HmacError, NoMatchError
from satchel.age.format import MAC_LINE_BYTES, VERSION_LINE, Header, Stanza, decode_base64
from satchel.errors import UsageError

SCRYPT: Final = "scrypt"  # stands alone: as a stanza type and as a company

FILE_KEY_BYTES: Final = 16
WRAPPED_BYTES: Final = FILE_KEY_BYTES + 16
_ZERO_NONCE: Final = bytes(12)  # each wrap key is used once

Entropy = Callable[[int], bytes]
"""Gives that many unpredictable bytes: `os.urandom` everywhere but in tests that need fixed output."""


class FileKey:
    """The 16-byte key of one file. `bytes(key)` reveals it; nothing else does."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != FILE_KEY_BYTES:
            raise HeaderError("a file key has a wrong length")
        self._raw = raw

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> Self:
        """Make the key of a new file."""
        return cls(entropy(FILE_KEY_BYTES))

    def __bytes__(self) -> bytes:
        return self._raw

    def __repr__(self) -> str:
        return "<FileKey>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileKey) and hmac.compare_digest(self._raw, other._raw)

    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key


class Recipient(Protocol):
    """Somebody a file can be sealed to."""

    @property
    def company(self) -> str:
        """Recipients of one file must all name the same company.

        So a post-quantum file has no classical door, and a passphrase stands alone.
        """
        ...

    @property
    def stanza_bytes(self) -> int:
        """How long the stanza from `wrap` is in the header; the same for every file."""
        ...

    def wrap(self, file_key: FileKey, entropy: Entropy = os.urandom) -> Stanza:
        """Wrap the key of a file for this recipient, with fresh randomness each time."""
        ...


class Identity(Protocol):
    """Somebody who can open files that were sealed to the matching recipient."""

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """Unwrap the file key; None: the stanza is of another kind or for somebody else.

        A stanza of our kind that breaks the format is a HeaderError.
        """
        ...


def derive_key(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 to 32 bytes, the only key derivation of the format."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def wrap_with(wrap_key: bytes, file_key: FileKey) -> bytes:
    """Encrypt a file key under a key that is used for nothing else."""
    return ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, bytes(file_key), None)


def unwrap_with(wrap_key: bytes, body: bytes) -> FileKey | None:
    """Decrypt a wrapped file key; None: it does not authenticate under this key."""
    try:
        return FileKey(ChaCha20Poly1305(wrap_key).decrypt(_ZERO_NONCE, body, None))
    except InvalidTag:
        return None


def check_body(stanza: Stanza) -> None:
    """Refuse a body of another length before any decryption (partitioning oracles; C2SP age)."""
    if len(stanza.body) != WRAPPED_BYTES:
        raise HeaderError(f"the body of an {stanza.type} stanza has a wrong length")


def decode_argument(text: str, length: int) -> bytes:
    """Read a stanza's base64 argument that must hold exactly so many bytes. Raises HeaderError."""
    data = decode_base64(text)
    if len(data) != length:
        raise HeaderError("an argument of a stanza has a wrong length")
    return data


def make_header(file_key: FileKey, recipients: Sequence[Recipient], entropy: Entropy = os.urandom) -> Header:
    """Wrap the file key for every recipient and authenticate the stanzas.

    No recipient, or recipients that may not share a file: UsageError.
    """
    _check_company(recipients)
    unsigned = Header(tuple(recipient.wrap(file_key, entropy) for recipient in recipients), b"")
    return Header(unsigned.stanzas, _mac(file_key, unsigned))


def header_bytes(recipients: Sequence[Recipient]) -> int:
    """How long the header for these recipients will be."""
    return len(VERSION_LINE) + sum(each.stanza_bytes for each in recipients) + MAC_LINE_BYTES


def open_header(header: Header, identities: Iterable[Identity]) -> FileKey:
    """Find the file key with the first identity that has it, and authenticate the header with it.

    Raises HeaderError, NoMatchError or HmacError.
    """
    if len(header.stanzas) > 1 and any(stanza.type == SCRYPT for stanza in header.stanzas):
        raise HeaderError("a passphrase stanza is not alone in the header")
    file_key = _unwrap_any(header, identities)
    if file_key is None:
        raise NoMatchError("none of the given keys opens this file")
    if not hmac.compare_digest(_mac(file_key, header), header.mac):
        raise HmacError("the header does not authenticate")
    return file_key


def _unwrap_any(header: Header, identities: Iterable[Identity]) -> FileKey | None:
    for identity in identities:
        for stanza in header.stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    return None


def _check_company(recipients: Sequence[Recipient]) -> None:
    companies = {recipient.company for recipient in recipients}
    if not companies:
        raise UsageError("there is nobody to seal to", hint="name at least one recipient")
    if len(companies) > 1 or (SCRYPT in companies and len(recipients) > 1):
        raise UsageError(
            "these recipients cannot share a file",
            hint="a passphrase stands alone, and post-quantum keys do not mix with others",
        )


def _mac(file_key: FileKey, header: Header) -> bytes:
    key = derive_key(bytes(file_key), salt=b"", info=b"header")
    return hmac.digest(key, header.authenticated_bytes, "sha256")
