"""The exception tree: one class for each different reaction of a caller.

    SatchelError                 1   the operation failed; nothing was lost
    ├── MissingExtraError        1   a package of an extra is not installed
    ├── UsageError               2   the request is wrong
    ├── NotFoundError            3   no such Piece, backup, share or store
    ├── RefusedError             4   not signed in, revoked, or against a rule
    ├── IntegrityError           5   data is damaged or does not authenticate
    └── UnreachableError         6   the cloud cannot be reached or is full

A message is one lowercase clause that quotes values, and never contains a secret or a Piece's text. The
hint says what to do next. The number is the exit code of the command line.
"""

from typing import ClassVar


class Note(str):
    """A note that satchel adds to an exception (`add_note`), and may print: it has no text of a Piece in it."""

    __slots__ = ()


class SatchelError(Exception):
    """The base class of every error that satchel raises deliberately."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class MissingExtraError(SatchelError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"the package {package!r} is not installed",
            hint=f"install it with its extra: pipx install --force 'satchel[{extra}]'",
        )
        self.extra = extra


class UsageError(SatchelError):
    """The request is wrong; repeating it unchanged cannot work."""

    exit_code = 2


class NotFoundError(SatchelError):
    """The named thing does not exist, or no longer exists."""

    exit_code = 3


class RefusedError(SatchelError):
    """Not signed in, revoked, or against a rule."""

    exit_code = 4


class IntegrityError(SatchelError):
    """Data is damaged or does not authenticate; none of it was used."""

    exit_code = 5


class UnreachableError(SatchelError):
    """The cloud cannot be reached, does not answer in time, or is full."""

    exit_code = 6
