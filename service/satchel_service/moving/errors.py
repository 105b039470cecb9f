"""Errors of a move, one class for each reaction of the caller.

MoveError
├── MoveRefusedError     the two storages are not in a state that allows it: nothing was changed
├── TooLateError         the cloud is already open in the new storage: an undo is no longer possible
├── MismatchError        the copy differs from the original: nothing was opened
└── UnreachableError     a storage does not respond or has no room: run the same command again
"""


class MoveError(Exception):
    """Base class. `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class MoveRefusedError(MoveError):
    """The storages are not in a state that allows this step; nothing was changed."""


class TooLateError(MoveRefusedError):
    """The cloud is open in the new storage and may have acknowledged data there."""


class MismatchError(MoveError):
    """An object of the copy differs from the original, or the storage still changes."""


class UnreachableError(MoveError):
    """A storage does not respond, or is full. Running the command again continues where it stopped."""
