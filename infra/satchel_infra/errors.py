"""The errors of `satchel-infra`: one class per reaction.

InfraError
├── ConfigurationError    fix the configuration (exit code 2)
├── MissingExtraError     install an extra (1)
├── NoSuchCloudError      there is no such cloud (3)
├── DeniedError           the platform refuses the operator's credentials (4)
├── OwnerMismatchError    the name belongs to another account: never continue (5)
├── QuotaError            a limit of the platform is reached: raise it, or use another shard (6)
├── UnavailableError      the platform does not respond, or asks to try again: the same call may be repeated (6)
└── FailedError           the platform reports a failure that repeating does not fix (1)
"""

from typing import ClassVar, Final

MAX_LINE_CHARS: Final = 400


class InfraError(Exception):
    """An error with one line for the operator: what failed, with its value. `hint` says what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class ConfigurationError(InfraError):
    """The configuration or an argument is invalid."""

    exit_code = 2


class MissingExtraError(InfraError):
    """A library of a platform is not installed."""


class NoSuchCloudError(InfraError):
    """The platform has no cloud of this name."""

    exit_code = 3


class DeniedError(InfraError):
    """The platform refuses the credentials of the operator, or a policy forbids the call."""

    exit_code = 4


class OwnerMismatchError(InfraError):
    """A cloud of this name exists and belongs to another account."""

    exit_code = 5


class QuotaError(InfraError):
    """A limit of the platform is reached. The message names the limit."""

    exit_code = 6


class UnavailableError(InfraError):
    """The platform did not respond or asked to try again. Repeating the call is safe."""

    exit_code = 6


class FailedError(InfraError):
    """The platform reports a failure that repeating does not fix, such as a container that does not start."""


def one_line(text: str) -> str:
    """Return a platform's message as one line of bounded length, without control characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAX_LINE_CHARS else f"{line[:MAX_LINE_CHARS]}…"
