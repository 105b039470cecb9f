"""Every way in which an age file, or a key written as text, can be refused.

IntegrityError
└── AgeError
    ├── KeyTextError    an identity or recipient is not written as one
    ├── ArmorError      the text armor around a file is not exactly what RFC 7468 asks for
    ├── HeaderError     the header (or a stanza that is ours) breaks the format
    ├── NoMatchError    no given identity unwraps the file key
    ├── HmacError       the header was changed after it was sealed
    └── PayloadError    a chunk does not authenticate, is missing, or follows the last one

All of them are IntegrityErrors: exit code 5, and nothing unauthenticated was released.
"""

from typing import ClassVar

from satchel.errors import IntegrityError


class AgeError(IntegrityError):
    """The root of what this package refuses."""

    default_hint: ClassVar[str] = "the file is damaged or was not made by age: fetch or make it again"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint or self.default_hint)


class KeyTextError(AgeError):
    """An identity or a recipient is cut off, mistyped, or of another kind."""

    default_hint = "check that the whole key was copied"


class ArmorError(AgeError):
    """The text armor around the file is not strict."""


class HeaderError(AgeError):
    """The header, or a stanza addressed to one of the given identities, breaks the format."""


class NoMatchError(AgeError):
    """No given identity opens this file."""

    default_hint = "it was sealed to another key or passphrase"


class HmacError(AgeError):
    """The header does not authenticate under the file key that it carries."""


class PayloadError(AgeError):
    """The payload is damaged, cut short, or longer than it was sealed."""
