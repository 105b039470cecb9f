"""What can go wrong with the log, one class for each different reaction.

LogError
├── UncertainError      the store did not say what it did: ask again
├── FencedError         another writer has taken over: stop answering, leave
├── DamagedLogError     the log is not what was written: do not start
├── NewerLogError       a newer satchel-service wrote it: do not start
├── OutOfReachError     the log does not reach back to the time that was asked for
└── UnsafeStoreError    the store ignores create-if-absent: do not start
"""


class LogError(Exception):
    """The root; the hint says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UncertainError(LogError):
    """The store timed out or failed; whether the request took effect is unknown."""


class FencedError(LogError):
    """Another writer has the log; what this one has not yet put there is void."""


class DamagedLogError(LogError):
    """An entry or a snapshot is missing, damaged, or belongs to another log."""


class OutOfReachError(LogError):
    """The state that was asked for is older than everything the log still holds."""


class UnsafeStoreError(LogError):
    """The store let a second create replace the first; no log can be kept there."""
