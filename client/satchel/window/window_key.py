"""The key by which the browser extension recognises the windows of a home: HOME/window-key.json.

    key = WindowKey.of(home)                        # made when it is first asked for
    key.public, key.sign(origin, challenge)

    {"format": "satchel-window-key/1", "seed": "…"}

Any program on this computer can serve a page on loopback that looks like the window. The extension keeps the public key of
each home that the owner has paired, and hands a selection only to a page whose server signs a new challenge for the
address of that page. The key opens nothing: it seals no archive and reaches no cloud.
"""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from satchel.errors import IntegrityError, NotFoundError
from satchel.formats import refuse_newer
from satchel.local_files import read_private, write_private

FILE_NAME: Final = "window-key.json"
_Format = Literal["satchel-window-key/1"]
FORMAT: Final[_Format] = "satchel-window-key/1"
SEED_BYTES: Final = 32
CONTEXT: Final = b"satchel window proof v1\0"
"""Begins everything that is signed, so that a signature means nothing elsewhere."""

_MAKING = threading.Lock()


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    format: _Format
    seed: str


@dataclass(frozen=True, slots=True)
class WindowKey:
    """The key of a home. It stays on the device, and in a copy of the home."""

    _seed: bytes = field(repr=False)

    @classmethod
    def of(cls, home: Path) -> Self:
        """Return the key of a home, made if there is none. IntegrityError if its file is damaged."""
        path = home / FILE_NAME
        with _MAKING:
            try:
                return cls._read(path)
            except NotFoundError:
                document = _Document(FORMAT, os.urandom(SEED_BYTES).hex())
                write_private(path, msgspec.json.encode(document))
        return cls._read(path)  # another window may have made one at the same time

    @classmethod
    def _read(cls, path: Path) -> Self:
        data = read_private(path).data
        refuse_newer(path, data, known={FORMAT})
        try:
            seed = bytes.fromhex(msgspec.json.decode(data, type=_Document).seed)
        except (msgspec.DecodeError, ValueError, RecursionError) as exc:
            raise _damaged(path) from exc
        if len(seed) != SEED_BYTES:
            raise _damaged(path)
        return cls(seed)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, origin: str, challenge: bytes) -> bytes:
        """Return the Ed25519 signature by which the page of an origin answers a challenge."""
        return self._private.sign(CONTEXT + origin.encode("ascii") + b"\0" + challenge)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._seed)


def _damaged(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{str(path)!r} is damaged", hint="remove it, and pair the browser extension with the window again"
    )
