"""Errors of the log, one class for each reaction of the caller.

LogError
├── UncertainError      the outcome of a request to the store is unknown: retry
│   └── FullStoreError  the store is full: report it at once; the next request retries
├── FencedError         another writer has taken over: send no more responses and exit
├── DamagedLogError     the log is damaged or incomplete: do not start
├── ClosedLogError      the cloud is not in this store: serve only where it is, or do not start
├── OutOfReachError     the log does not reach back to the requested time
├── UnsafeStoreError    the store ignores create-if-absent: do not start
└── UnloggableError     the schema uses a feature that changesets do not record: do not start
"""


class LogError(Exception):
    """Base class. `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UncertainError(LogError):
    """The store timed out or failed; the request may or may not have taken effect."""


class FullStoreError(UncertainError):
    """The store has no room. Nothing was stored, but an earlier request may still take effect."""


class FencedError(LogError):
    """Another writer has taken over the log; changes that are not in the log yet are void."""


class DamagedLogError(LogError):
    """An entry or a snapshot is missing, damaged, or belongs to another log."""


class ClosedLogError(LogError):
    """The cloud has moved from this store, or (`is_awaiting`) is being moved here.

    `url` is its address, empty if unknown; `head` is the sequence number of the entry that says so.
    """

    def __init__(self, message: str, *, hint: str = "", url: str, head: int, is_awaiting: bool) -> None:
        super().__init__(message, hint=hint)
        self.url = url
        self.head = head
        self.is_awaiting = is_awaiting


class OutOfReachError(LogError):
    """The log does not reach back to the requested state."""


class UnsafeStoreError(LogError):
    """The store does not refuse to create an object that exists, so it cannot hold a log."""


class UnloggableError(LogError):
    """The schema of the database uses a feature that changesets do not record."""
