"""The passphrase recipient type (C2SP age, "The scrypt recipient type")."""

import os
import re
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from satchel.age.errors import HeaderError
from satchel.age.format import Stanza, encode_base64
from satchel.age.keywrap import (
    SCRYPT,
    WRAPPED_BYTES,
    Entropy,
    FileKey,
    check_body,
    decode_argument,
    unwrap_with,
    wrap_with,
)

DEFAULT_LOG_N: Final = 18  # the default of age: 256 MiB, about a second
MAX_LOG_N: Final = 20  # 1 GiB, the limit for hostile files
_SALT_BYTES: Final = 16
_SALT_LABEL: Final = b"age-encryption.org/v1/scrypt"
_DECIMAL: Final = re.compile(r"[1-9][0-9]{0,2}")


class ScryptRecipient:
    """A passphrase. It must be the only recipient of a file."""

    label: Final = SCRYPT

    def __init__(self, passphrase: str, log_n: int = DEFAULT_LOG_N) -> None:
        if not 1 <= log_n <= 62:
            raise ValueError("the scrypt work factor must be between 1 and 62")
        self._passphrase = passphrase.encode("utf-8")
        self._log_n = log_n

    @property
    def stanza_bytes(self) -> int:
        """The length of this recipient's stanza in a header."""
        return len(self._stanza(bytes(_SALT_BYTES), bytes(WRAPPED_BYTES)).marshal())

    def wrap(self, file_key: FileKey, entropy: Entropy = os.urandom) -> Stanza:
        """Wrap a file key with a fresh salt. Takes about a second."""
        salt = entropy(_SALT_BYTES)
        return self._stanza(salt, wrap_with(_stretch(self._passphrase, salt, self._log_n), file_key))

    def _stanza(self, salt: bytes, body: bytes) -> Stanza:
        return Stanza(SCRYPT, (encode_base64(salt), str(self._log_n)), body)

    def __repr__(self) -> str:
        return "<ScryptRecipient>"


class ScryptIdentity:
    """A passphrase that opens files with a work factor of at most 2**max_log_n."""

    def __init__(self, passphrase: str, max_log_n: int = MAX_LOG_N) -> None:
        self._passphrase = passphrase.encode("utf-8")
        self._max_log_n = max_log_n

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """Unwrap the file key, or return None for another stanza type or a wrong passphrase. Raise HeaderError."""
        if stanza.type != SCRYPT:
            return None
        if len(stanza.args) != 2:
            raise HeaderError("a scrypt stanza has the wrong number of arguments")
        salt = decode_argument(stanza.args[0], _SALT_BYTES)
        if not _DECIMAL.fullmatch(stanza.args[1]):
            raise HeaderError("the work factor of a scrypt stanza is malformed")
        log_n = int(stanza.args[1])
        if log_n > self._max_log_n:
            raise HeaderError(f"the work factor {log_n} of a scrypt stanza exceeds {self._max_log_n}")
        check_body(stanza)
        return unwrap_with(_stretch(self._passphrase, salt, log_n), stanza.body)

    def __repr__(self) -> str:
        return "<ScryptIdentity>"


def _stretch(passphrase: bytes, salt: bytes, log_n: int) -> bytes:
    kdf = Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << log_n, r=8, p=1)
    return kdf.derive(passphrase)
