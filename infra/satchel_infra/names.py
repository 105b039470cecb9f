"""Names of clouds: a keyed hash of the owner's account.

    owner = identify(key, issuer="https://issuer.example.org/", subject="auth0|5f7c")
    owner.name     # "c" and 25 characters: the label of the host name, and the name of everything that the cloud has
    owner.tag      # 52 characters: the whole hash, kept as a label beside the name

Nobody without the key can tell whose cloud a name is, or find the cloud of an account. The same account always gets
the same name, so no database maps one to the other.
"""

import base64
import hashlib
import hmac
import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple, NewType

from satchel_infra.errors import ConfigurationError

NameKey = NewType("NameKey", bytes)
"""The provisioner's key for names: 32 random bytes. With another key, every owner gets a new, empty cloud."""

KEY_BYTES: Final = 32
KEY_HINT: Final = "make one and keep a copy in a safe place: (umask 077; head -c 32 /dev/urandom > FILE)"
USABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IRWXO
CONTEXT: Final = b"satchel cloud name v1\0"
LENGTH_BYTES: Final = 4
NAME_CHARS: Final = 26  # Google's service accounts have at most 30, Cloud Run's services 49, a DNS label 63
TAG_CHARS: Final = 52  # 256 bits in base32
NAME_PATTERN: Final = re.compile(r"c[a-z2-7]{25}")
TAG_PATTERN: Final = re.compile(r"[a-z2-7]{52}")


class Owner(NamedTuple):
    """The owner of a cloud as an opaque tag: 256 bits in lowercase base32."""

    tag: str

    @property
    def name(self) -> str:
        """The name of the owner's cloud: a letter and 125 bits, a valid DNS label."""
        return f"c{self.tag[: NAME_CHARS - 1]}"


def load_key(file: Path) -> NameKey:
    """Read the key for names. Raise ConfigurationError if it is not 32 bytes that are kept from other users."""
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(KEY_BYTES + 1)
    except OSError as exc:
        raise ConfigurationError(
            f"{file}: the key for names cannot be read: {exc.strerror}", hint=KEY_HINT
        ) from exc
    if mode & USABLE_BY_OTHERS:
        raise ConfigurationError(f"{file}: others may use the key for names", hint=f"run: chmod 600 {file}")
    if len(data) != KEY_BYTES:
        raise ConfigurationError(f"{file}: the key for names does not have {KEY_BYTES} bytes", hint=KEY_HINT)
    return NameKey(data)


def identify(key: NameKey, *, issuer: str, subject: str) -> Owner:
    """Return the owner of an account. Raise ValueError if the key has the wrong length."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key for names has {len(key)} bytes instead of {KEY_BYTES}")
    fields = (issuer.encode(), subject.encode())
    text = b"".join(len(field).to_bytes(LENGTH_BYTES, "big") + field for field in fields)
    digest = hmac.new(key, CONTEXT + text, hashlib.sha256).digest()
    return Owner(base64.b32encode(digest).decode().rstrip("=").lower())
