"""Failures as answers: the status of a response, and the message that the page shows."""

from typing import Final, NamedTuple

import msgspec

from satchel.errors import (
    IntegrityError,
    NotFoundError,
    RefusedError,
    SatchelError,
    UnreachableError,
    UsageError,
)
from satchel.window.core import LockedError, SecretsFoundError
from satchel.window.messages.base import Problem, ProblemCode
from satchel.window.messages.pieces import Conflict


class Refusal(NamedTuple):
    """Why a request is refused: the status, and what a person should know."""

    status: int
    message: str
    hint: str = ""


# The first class of which an error is one decides.
_CODES: Final[tuple[tuple[type[SatchelError], ProblemCode, int], ...]] = (
    (LockedError, "locked", 423),
    (SecretsFoundError, "secrets", 403),
    (UsageError, "usage", 400),
    (NotFoundError, "not_found", 404),
    (RefusedError, "refused", 403),
    (IntegrityError, "integrity", 422),
    (UnreachableError, "unreachable", 503),
    (SatchelError, "failed", 500),
)
_REFUSALS: Final[dict[int, ProblemCode]] = {401: "session", 413: "too_large"}


class ConflictingEditError(SatchelError):
    """The Piece has changed since the page read it. Nothing was saved."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__("the Piece has changed since you began to edit it")
        self.conflict = conflict


def problem_of(error: Exception) -> Problem:
    """Return an error as the page shows it. Of an unexpected one only the type: its message may quote a Piece."""
    if not isinstance(error, SatchelError):
        return Problem(code="failed", message=f"unexpected {type(error).__name__}", hint="run satchel doctor")
    code = next(code for kind, code, _ in _CODES if isinstance(error, kind))
    return Problem(code=code, message=error.message, hint=error.hint, exit_code=error.exit_code)


def status_of(error: Exception) -> int:
    """Return the status of the response to a failed request."""
    return next((status for kind, _, status in _CODES if isinstance(error, kind)), 500)


def refused(found: Refusal) -> bytes:
    """Return the body of a response to a request that does not reach the window."""
    code = _REFUSALS.get(found.status, "refused")
    return msgspec.json.encode(Problem(code=code, message=found.message, hint=found.hint, exit_code=4))
