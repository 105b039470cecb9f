"""What several messages share: base classes, limits, and the message of a failure."""

from typing import Annotated, Final, Literal

import msgspec

MAX_TEXT_CHARS: Final = 64 * 2**20
MAX_LIMIT: Final = 500

PieceId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]
UploadId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
JobId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
ObjectPrefix = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{4,32}$")]
"""The start of the id of a share, a backup or a device."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)]
Line = Annotated[str, msgspec.Meta(max_length=4_000)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)]
Lines = Annotated[tuple[Line, ...], msgspec.Meta(max_length=1_000)]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base class of requests: an unknown field is an error."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base class of answers."""


class Nothing(Request, frozen=True, kw_only=True):
    """A request without fields."""


class Done(Answer, frozen=True, kw_only=True):
    """An answer without fields."""


ProblemCode = Literal[
    "failed",
    "usage",
    "not_found",
    "refused",
    "integrity",
    "unreachable",
    "conflict",
    "locked",
    "secrets",
    "session",
    "too_large",
]
"""Why an operation failed. `locked`: the keys need the passphrase first, by `unlock`. `secrets`: ask the owner, then
repeat with `allow_secrets`. `session`: the window was closed or opened again elsewhere."""


class Problem(Answer, frozen=True, kw_only=True):
    """A failure: one lowercase clause, what to do next, and the exit code of the same command."""

    code: ProblemCode
    message: str
    hint: str = ""
    exit_code: int = 1
