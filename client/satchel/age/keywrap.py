"""The file key, and the protocols of recipients and identities, which wrap and unwrap it.

A file key is 16 random bytes for one file. Recipients wrap it into stanzas and identities unwrap it. The header's
MAC, under the file key, authenticates the stanzas.
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

SCRYPT: Final = "scrypt"  # both a stanza type and a label

FILE_KEY_BYTES: Final = 16
WRAPPED_BYTES: Final = FILE_KEY_BYTES + 16
_ZERO_NONCE: Final = bytes(12)  # each wrap key is used once

Entropy = Callable[[int], bytes]
"""Returns that many random bytes: `os.urandom`, except in tests that need fixed output."""


class FileKey:
    """The 16-byte key of one file. Only `bytes(key)` reveals it."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != FILE_KEY_BYTES:
            raise HeaderError("the file key has the wrong length")
        self._raw = raw

    @classmethod
    def generate(cls, entropy: Entropy = os.urandom) -> Self:
        """Generate the key of a new file."""
        return cls(entropy(FILE_KEY_BYTES))

    def __bytes__(self) -> bytes:
        return self._raw

    def __repr__(self) -> str:
        return "<FileKey>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileKey) and hmac.compare_digest(self._raw, other._raw)

    __hash__ = None  # type: ignore[assignment]  # secrets are not dictionary keys


class Recipient(Protocol):
    """A key or passphrase that a file can be sealed to."""

    @property
    def label(self) -> str:
        """All recipients of a file must have the same label.

        Post-quantum recipients therefore do not mix with classical ones, and a passphrase is the only recipient.
        """
        ...

    @property
    def stanza_bytes(self) -> int:
        """The length of the stanza from `wrap`, the same for every file."""
        ...

    def wrap(self, file_key: FileKey, entropy: Entropy = os.urandom) -> Stanza:
        """Wrap a file key for this recipient, with fresh randomness each time."""
        ...


class Identity(Protocol):
    """A key or passphrase that opens files sealed to the matching recipient."""

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """Unwrap the file key, or return None if the stanza is of another type or for another identity.

        Raise HeaderError if a stanza of this type is malformed.
        """
        ...


def derive_key(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA-256, the only key derivation in the format."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def wrap_with(wrap_key: bytes, file_key: FileKey) -> bytes:
    """Encrypt a file key under a key that is used once."""
    return ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, bytes(file_key), None)


def unwrap_with(wrap_key: bytes, body: bytes) -> FileKey | None:
    """Decrypt a wrapped file key, or return None if it does not authenticate."""
    try:
        return FileKey(ChaCha20Poly1305(wrap_key).decrypt(_ZERO_NONCE, body, None))
    except InvalidTag:
        return None


def check_body(stanza: Stanza) -> None:
    """Check the length of the body before decryption, against partitioning oracles (C2SP age)."""
    if len(stanza.body) != WRAPPED_BYTES:
        raise HeaderError(f"the body of an {stanza.type} stanza has the wrong length")


def decode_argument(text: str, length: int) -> bytes:
    """Decode an argument of exactly `length` bytes. Raise HeaderError."""
    data = decode_base64(text)
    if len(data) != length:
        raise HeaderError("an argument of a stanza has the wrong length")
    return data


def make_header(file_key: FileKey, recipients: Sequence[Recipient], entropy: Entropy = os.urandom) -> Header:
    """Wrap the file key for every recipient and authenticate the stanzas.

    Raise UsageError if there are no recipients or their labels differ.
    """
    _check_labels(recipients)
    unsigned = Header(tuple(recipient.wrap(file_key, entropy) for recipient in recipients), b"")
    return Header(unsigned.stanzas, _mac(file_key, unsigned))


def header_bytes(recipients: Sequence[Recipient]) -> int:
    """Return the length of the header for these recipients."""
    return len(VERSION_LINE) + sum(each.stanza_bytes for each in recipients) + MAC_LINE_BYTES


def open_header(header: Header, identities: Iterable[Identity]) -> FileKey:
    """Unwrap the file key with the first matching identity and authenticate the header.

    Raise HeaderError, NoMatchError or HmacError.
    """
    if len(header.stanzas) > 1 and any(stanza.type == SCRYPT for stanza in header.stanzas):
        raise HeaderError("a passphrase stanza must be the only one in the header")
    file_key = _unwrap_any(header, identities)
    if file_key is None:
        raise NoMatchError("none of the keys opens this file")
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


def _check_labels(recipients: Sequence[Recipient]) -> None:
    labels = {recipient.label for recipient in recipients}
    if not labels:
        raise UsageError("no recipient is given", hint="name at least one recipient")
    if len(labels) > 1 or (SCRYPT in labels and len(recipients) > 1):
        raise UsageError(
            "these recipients cannot share a file",
            hint="a passphrase must be the only recipient, and post-quantum keys do not mix with others",
        )


def _mac(file_key: FileKey, header: Header) -> bytes:
    key = derive_key(bytes(file_key), salt=b"", info=b"header")
    return hmac.digest(key, header.authenticated_bytes, "sha256")
