"""Every error a caller may meet, one class for each different reaction.

    SatchelError                 1   something failed; nothing was lost
    ├── UsageError               2   the request itself is wrong
    ├── NotFoundError            3   no such Piece, backup, share or store
    ├── RefusedError             4   not signed in, revoked, or a rule says no
    ├── IntegrityError           5   something does not authenticate or is damaged
    └── UnreachableError         6   the cloud cannot be reached or is full

A message is one lowercase clause that quotes values and never holds a secret or a Piece's text;
the hint says what to do next. The number is the exit code of the command line.
"""

from typing import ClassVar


class SatchelError(Exception):
    """The root of every error that satchel raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SatchelError):
    """The request is wrong in itself; asking again unchanged cannot work."""

    exit_code = 2


class NotFoundError(SatchelError):
    """What was named does not exist (or no longer does)."""

    exit_code = 3


class RefusedError(SatchelError):
    """Not signed in, revoked, or refused by a rule."""

    exit_code = 4


class IntegrityError(SatchelError):
    """Something does not authenticate, or is damaged; nothing of it was used."""

    exit_code = 5


class UnreachableError(SatchelError):
    """The cloud cannot be reached, does not answer in time, or is full."""

    exit_code = 6
