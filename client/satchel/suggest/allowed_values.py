"""Values that the owner said are no secrets, recognized by their digests: HOME/allowed-secrets.json.

    allowed = AllowedValues.read(home)
    allowed = allowed.adding([finding.digest])
    allowed.write(home)

    {"format": "satchel-allowed-secrets/1", "salt": "…", "digests": ["…"]}

A digest is the HMAC-SHA256 of a finding's digest under a random salt of this home, so the file neither shows a value
nor can be compared with lists of digests. It stays on this device.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.formats import refuse_newer
from satchel.local_files import read_private, write_private
from satchel.suggest.share_checks import Finding

FILE_NAME: Final = "allowed-secrets.json"
_Format = Literal["satchel-allowed-secrets/1"]
FORMAT: Final[_Format] = "satchel-allowed-secrets/1"
SALT_BYTES: Final = 16
MAX_VALUES: Final = 800  # fits into a private file


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    format: _Format
    salt: str
    digests: list[str]


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """The allowed values of a home."""

    salt: bytes = field(default=b"", repr=False)
    digests: frozenset[str] = frozenset()

    @classmethod
    def read(cls, home: Path) -> Self:
        """Read the file of a home; empty if there is none. Raise IntegrityError if it is damaged.

        Raise SatchelError if its format is newer.
        """
        path = home / FILE_NAME
        try:
            data = read_private(path).data
        except NotFoundError:
            return cls()
        refuse_newer(path, data, known={FORMAT})
        try:
            document = msgspec.json.decode(data, type=_Document)
            return cls(bytes.fromhex(document.salt), frozenset(document.digests))
        except (msgspec.DecodeError, ValueError, RecursionError) as exc:
            raise IntegrityError(
                f"{str(path)!r} is damaged",
                hint="remove it, and allow the values again with satchel secrets --allow",
            ) from exc

    def write(self, home: Path) -> None:
        """Replace the file of a home."""
        document = _Document(FORMAT, self.salt.hex(), sorted(self.digests))
        write_private(home / FILE_NAME, msgspec.json.encode(document))

    def adding(self, digests: Iterable[bytes], entropy: Callable[[int], bytes]) -> Self:
        """Return the values with those of some findings. Raise SatchelError if there are too many."""
        salt = self.salt or entropy(SALT_BYTES)
        added = self.digests | {_salted(salt, digest) for digest in digests}
        if len(added) > MAX_VALUES:
            raise SatchelError(
                f"more than {MAX_VALUES} values would be allowed",
                hint="mark lines with the comment satchel:allow instead",
            )
        return type(self)(salt, added)

    def without(self, findings: Iterable[Finding]) -> Sequence[Finding]:
        """Return the findings whose values are not allowed."""
        return [
            one for one in findings if not self.digests or _salted(self.salt, one.digest) not in self.digests
        ]


def _salted(salt: bytes, digest: bytes) -> str:
    return hmac.new(salt, digest, hashlib.sha256).hexdigest()
