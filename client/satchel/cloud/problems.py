"""The cloud's refusals (RFC 9457 problem documents) as this side's errors, each with what to do next."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from satchel.errors import (
    IntegrityError,
    NotFoundError,
    RefusedError,
    SatchelError,
    UnreachableError,
    UsageError,
)
from satchel_wire.messages import Problem
from satchel_wire.problems import PREFIX, ProblemCode

if TYPE_CHECKING:
    from satchel.cloud.transport import Response


class ConflictError(SatchelError):
    """It exists with other content, or changed since it was read."""


class IncompleteError(SatchelError):
    """Parts of an upload are missing: send them and complete it again."""


class NeedsMissingError(SatchelError):
    """An archive that the backup borrows from is gone: make a full backup."""


class WrongProofError(RefusedError):
    """The key or the password does not fit the share; no view was used."""


class EndedError(NotFoundError):
    """The share has expired, was used up, revoked or blocked."""


@dataclass(frozen=True, slots=True)
class _Reaction:
    error: type[SatchelError]
    message: str
    hint: str


_AGAIN: Final = "try again in a moment"
_NEW_LINK: Final = "ask its owner for a new link"
_RECONNECT: Final = "connect this device again: satchel connect URL --pair CODE"
_UPDATE: Final = "satchel and its cloud may be of different versions: update the older one"

REACTIONS: Final[dict[ProblemCode, _Reaction]] = {
    ProblemCode.BAD_REQUEST: _Reaction(SatchelError, "the cloud does not understand the request", _UPDATE),
    ProblemCode.NOT_SIGNED_IN: _Reaction(
        RefusedError, "the cloud does not know this device (any more)", _RECONNECT
    ),
    ProblemCode.WRONG_CODE: _Reaction(
        RefusedError,
        "the pairing code is wrong, used or expired",
        "get a new one: satchel devices add on a connected device, or satchel-service pair on the cloud",
    ),
    ProblemCode.WRONG_PROOF: _Reaction(
        WrongProofError, "the key or the password does not fit this share", "check both; no view was used"
    ),
    ProblemCode.NOT_FOUND: _Reaction(
        NotFoundError, "the cloud has no such thing", "check the id or the link"
    ),
    ProblemCode.METHOD_NOT_ALLOWED: _Reaction(SatchelError, "the cloud does not offer this", _UPDATE),
    ProblemCode.TOO_SLOW: _Reaction(
        UnreachableError, "the network is too slow for the cloud to wait", _AGAIN
    ),
    ProblemCode.CONFLICT: _Reaction(
        ConflictError, "the cloud has it with other content, or it has just changed", _AGAIN
    ),
    ProblemCode.INCOMPLETE: _Reaction(
        IncompleteError, "parts of the upload are missing in the cloud", _AGAIN
    ),
    ProblemCode.NEEDS_MISSING: _Reaction(
        NeedsMissingError,
        "the cloud no longer keeps an archive that the backup borrows from",
        "satchel backup --full",
    ),
    ProblemCode.EXPIRED: _Reaction(EndedError, "the share has expired", _NEW_LINK),
    ProblemCode.USED_UP: _Reaction(
        EndedError,
        "the share has been opened as often as allowed",
        "ask its owner, who can allow more: satchel shares rearm",
    ),
    ProblemCode.REVOKED: _Reaction(EndedError, "the share was withdrawn by its owner", _NEW_LINK),
    ProblemCode.LENGTH_REQUIRED: _Reaction(
        SatchelError, "the cloud does not understand the request", _UPDATE
    ),
    ProblemCode.TOO_LARGE: _Reaction(
        RefusedError, "this is larger than the cloud accepts", "its limits are settings of the service"
    ),
    ProblemCode.WRONG_TYPE: _Reaction(SatchelError, "the cloud does not understand the request", _UPDATE),
    ProblemCode.RANGE: _Reaction(
        NotFoundError, "the cloud's copy ends before what was asked for", "satchel verify"
    ),
    ProblemCode.INVALID: _Reaction(UsageError, "the cloud does not accept the request", _UPDATE),
    ProblemCode.WRONG_DIGEST: _Reaction(
        IntegrityError, "a part of the upload was damaged on its way", _AGAIN
    ),
    ProblemCode.TOO_MANY: _Reaction(RefusedError, "too many attempts", "wait a minute and try again"),
    ProblemCode.BLOCKED: _Reaction(
        EndedError,
        "the share is blocked by who runs the cloud",
        "ask them: SATCHEL_BLOCKED_SHARES is the setting",
    ),
    ProblemCode.INTERNAL: _Reaction(UnreachableError, "the cloud failed to answer", _AGAIN),
    ProblemCode.UNAVAILABLE: _Reaction(UnreachableError, "the cloud cannot answer just now", _AGAIN),
    ProblemCode.QUOTA: _Reaction(
        UnreachableError,
        "the cloud is full",
        "delete what is no longer needed: satchel backups rm, satchel shares revoke",
    ),
}
# A link may lead to anybody's server: what it says becomes part of one line, not pages of somebody else's words.
MAX_DETAIL_CHARS: Final = 500
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODES: Final = {code.type: code for code in ProblemCode}


def refusal(response: "Response") -> SatchelError:
    """Return the error for an answer whose status is 400 or more."""
    try:
        problem = msgspec.json.decode(response.body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _unknown(response.status)
    if not problem.type.startswith(PREFIX):
        return _unknown(response.status)
    code = _CODES.get(problem.type)
    reaction = _newer(problem.status) if code is None else REACTIONS[code]
    told = "; ".join([problem.detail, *(f"{field.field}: {field.reason}" for field in problem.fields)])
    details = " ".join(told.split()).strip("; ")[:MAX_DETAIL_CHARS]
    request_id = problem.request_id if _REQUEST_ID.fullmatch(problem.request_id) else ""
    asked = f" (request {request_id})" if problem.status >= 500 and request_id else ""
    message = f"{reaction.message}: {details}" if details else reaction.message
    return reaction.error(message + asked, hint=reaction.hint)


def _newer(status: int) -> _Reaction:
    """Return the reaction to a problem that only a later cloud knows: what its status means."""
    kinds: dict[int, type[SatchelError]] = {401: RefusedError, 403: RefusedError, 404: NotFoundError}
    kinds |= {410: NotFoundError, 429: RefusedError, 451: NotFoundError}
    kind = kinds.get(status, UnreachableError if status >= 500 else SatchelError)
    return _Reaction(
        kind, f"the cloud refuses for a reason that this satchel does not know ({status})", _UPDATE
    )


def _unknown(status: int) -> SatchelError:
    """Return the error for an answer that is not the service's own: a proxy, a portal, another program."""
    if status >= 500:
        return UnreachableError(f"the cloud answers with status {status}", hint=_AGAIN)
    return UnreachableError(
        f"what answers there is not a satchel cloud (status {status})", hint="check the address"
    )
