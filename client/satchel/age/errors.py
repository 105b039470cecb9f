"""Errors of age files and of the text encoding of keys.

IntegrityError
└── AgeError
    ├── KeyTextError    the text of an identity or recipient is malformed
    ├── ArmorError      the armor is not strict RFC 7468
    ├── HeaderError     the header, or a stanza for one of the identities, is malformed
    ├── NoMatchError    no identity unwraps the file key
    ├── HmacError       the header does not authenticate
    └── PayloadError    a chunk does not authenticate, is missing, or follows the last one

All of them have exit code 5. Unauthenticated bytes are never released.
"""

from typing import ClassVar

from satchel.errors import IntegrityError


class AgeError(IntegrityError):
    """The base of this package's errors."""

    default_hint: ClassVar[str] = "the file is damaged or is not an age file: get another copy"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint or self.default_hint)


class KeyTextError(AgeError):
    """The text of an identity or recipient is truncated, mistyped or of another kind."""

    default_hint = "check that you copied the whole key"


class ArmorError(AgeError):
    """The armor is not strict RFC 7468."""


class HeaderError(AgeError):
    """The header, or a stanza for one of the identities, is malformed."""


class NoMatchError(AgeError):
    """No identity unwraps the file key."""

    default_hint = "use the key or passphrase that the file is sealed to"


class HmacError(AgeError):
    """The header does not authenticate."""


class PayloadError(AgeError):
    """The payload is damaged, truncated or extended."""
