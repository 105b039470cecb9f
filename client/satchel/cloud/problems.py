"""Turns the cloud's problem documents (RFC 9457) into exceptions with hints."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from satchel.cloud.foreign_answers import foreign_answer
from satchel.errors import (
    IntegrityError,
    NotFoundError,
    RefusedError,
    SatchelError,
    UnreachableError,
    UsageError,
)
from satchel.outgoing.address import Origin
from satchel_wire.messages import Problem
from satchel_wire.problems import PREFIX, ProblemCode

if TYPE_CHECKING:
    from satchel.outgoing.transport import Response


class ConflictError(SatchelError):
    """The object exists with different content, or has changed since it was read."""


class IncompleteError(SatchelError):
    """Parts of an upload are missing. Send them, then complete it again."""


class NeedsMissingError(SatchelError):
    """An archive that the backup borrows from is gone. Make a full backup."""


class UnknownDeviceError(RefusedError):
    """The cloud does not accept the device's token: the device was revoked, or belongs to another cloud."""


class WrongCodeError(RefusedError):
    """The pairing code is wrong, used or expired, or not one of the operator where that is needed."""


class WrongSignInError(RefusedError):
    """The cloud does not accept the ID token: sign in again."""


class FreshSignInError(RefusedError):
    """The cloud wants the owner to have signed in just now. Sign in and repeat the request."""


class WrongProofError(RefusedError):
    """The key or password is wrong; no view was used."""


class MovedError(RefusedError):
    """The cloud has moved. `address` is its new origin, empty if unknown; nothing is ever sent there unasked."""

    address = ""


class EndedError(NotFoundError):
    """The share or the request is expired, used up, answered, revoked or blocked."""


@dataclass(frozen=True, slots=True)
class _Reaction:
    error: type[SatchelError]
    message: str
    hint: str


ORIGIN: Final = "{origin}"  # stands in a hint for the address that the request went to
_TRY_AGAIN: Final = "try again in a moment"
_NEW_LINK: Final = "ask its owner for a new link"
_RECONNECT: Final = "run satchel disconnect, then connect again: satchel connect URL"
_UPDATE: Final = "satchel and the cloud may have different versions: update the older one"

REACTIONS: Final[dict[ProblemCode, _Reaction]] = {
    ProblemCode.BAD_REQUEST: _Reaction(SatchelError, "the cloud does not understand the request", _UPDATE),
    ProblemCode.NOT_SIGNED_IN: _Reaction(
        UnknownDeviceError, "the cloud does not know this device", _RECONNECT
    ),
    ProblemCode.WRONG_CODE: _Reaction(
        WrongCodeError,
        "the pairing code is wrong, used or expired",
        "get a new one: satchel devices add on a connected device, or satchel-service pair on the cloud",
    ),
    ProblemCode.WRONG_PROOF: _Reaction(
        WrongProofError, "the key or the password of this link is wrong", "check both; nothing was used up"
    ),
    ProblemCode.WRONG_SIGN_IN: _Reaction(
        WrongSignInError,
        "the cloud does not accept the sign-in",
        "sign in again; if this persists, the cloud's operator must check the SATCHEL_OIDC settings, and that "
        "SATCHEL_PUBLIC_URL is {origin}",
    ),
    ProblemCode.NOT_OWNER: _Reaction(
        RefusedError,
        "this account does not own the cloud",
        "sign out at the issuer in your browser, then sign in with the owner's account; the operator can make another "
        "account the owner: satchel-service pair",
    ),
    ProblemCode.SECOND_FACTOR: _Reaction(
        RefusedError,
        "the cloud requires a second factor, and the issuer does not confirm one",
        "set up a second factor in your account at the issuer, then sign in with it",
    ),
    ProblemCode.FRESH_SIGN_IN: _Reaction(
        FreshSignInError,
        "this needs a recent sign-in",
        "sign in on a terminal: satchel login; or use a code from satchel-service pair",
    ),
    ProblemCode.NOT_FOUND: _Reaction(
        NotFoundError, "the cloud has nothing under this id", "check the id or the link"
    ),
    ProblemCode.METHOD_NOT_ALLOWED: _Reaction(
        SatchelError, "the cloud does not support this operation", _UPDATE
    ),
    ProblemCode.TOO_SLOW: _Reaction(UnreachableError, "the request took too long to arrive", _TRY_AGAIN),
    ProblemCode.CONFLICT: _Reaction(
        ConflictError,
        "the object exists in the cloud with different content, or has just changed",
        _TRY_AGAIN,
    ),
    ProblemCode.INCOMPLETE: _Reaction(IncompleteError, "parts of the upload are missing", _TRY_AGAIN),
    ProblemCode.NEEDS_MISSING: _Reaction(
        NeedsMissingError,
        "the cloud no longer has an archive that this backup borrows from",
        "make a full backup: satchel backup --full",
    ),
    ProblemCode.EXPIRED: _Reaction(EndedError, "the link has expired", _NEW_LINK),
    ProblemCode.USED_UP: _Reaction(
        EndedError,
        "the share has reached its view limit",
        "ask its owner to allow more views: satchel shares rearm ID",
    ),
    ProblemCode.ANSWERED: _Reaction(
        EndedError, "the request has all the answers that its owner asked for", _NEW_LINK
    ),
    ProblemCode.REVOKED: _Reaction(EndedError, "the owner has revoked the link", _NEW_LINK),
    ProblemCode.MOVED: _Reaction(
        MovedError, "the cloud has moved to another address", "ask its operator for the new address"
    ),
    ProblemCode.LENGTH_REQUIRED: _Reaction(
        SatchelError, "the cloud does not understand the request", _UPDATE
    ),
    ProblemCode.TOO_LARGE: _Reaction(
        RefusedError,
        "this is larger than the cloud accepts",
        "the operator can raise the limit in the service's settings",
    ),
    ProblemCode.WRONG_TYPE: _Reaction(SatchelError, "the cloud does not understand the request", _UPDATE),
    ProblemCode.RANGE: _Reaction(
        NotFoundError, "the cloud's copy is shorter than expected", "check it: satchel verify"
    ),
    ProblemCode.INVALID: _Reaction(UsageError, "the cloud does not accept the request", _UPDATE),
    ProblemCode.WRONG_DIGEST: _Reaction(
        IntegrityError, "a part of the upload was damaged in transit", _TRY_AGAIN
    ),
    ProblemCode.TOO_MANY: _Reaction(RefusedError, "too many attempts", "wait a minute and try again"),
    ProblemCode.BLOCKED: _Reaction(
        EndedError,
        "the operator of the cloud has blocked this share",
        "ask the operator; the setting is SATCHEL_BLOCKED_SHARES",
    ),
    ProblemCode.INTERNAL: _Reaction(UnreachableError, "the cloud failed to process the request", _TRY_AGAIN),
    ProblemCode.UNAVAILABLE: _Reaction(UnreachableError, "the cloud is unavailable right now", _TRY_AGAIN),
    ProblemCode.QUOTA: _Reaction(
        UnreachableError,
        "the cloud is full",
        "make room at once: satchel backups delete ID --now, satchel shares revoke ID; a deleted backup counts until "
        "it cannot be brought back any more",
    ),
}
# What some problems mean where a provisioner reports them.
PROVISIONER_REACTIONS: Final[dict[ProblemCode, _Reaction]] = REACTIONS | {
    ProblemCode.NOT_SIGNED_IN: _Reaction(
        RefusedError, "the provisioner no longer accepts this sign-in", "run the command again: it continues"
    ),
    ProblemCode.WRONG_SIGN_IN: _Reaction(
        WrongSignInError,
        "the provisioner does not accept the sign-in",
        "sign in again; if this persists, the provisioner's operator must check the SATCHEL_OIDC settings, and that "
        "SATCHEL_PUBLIC_URL is {origin}",
    ),
    ProblemCode.NOT_OWNER: _Reaction(
        RefusedError,
        "the provisioner makes no cloud for this account",
        "sign out at the issuer in your browser, then sign in with another account; or ask the provisioner's operator",
    ),
    ProblemCode.SECOND_FACTOR: _Reaction(
        RefusedError,
        "the provisioner requires a second factor, and the issuer does not confirm one",
        "set up a second factor in your account at the issuer, then sign in with it",
    ),
    ProblemCode.FRESH_SIGN_IN: _Reaction(
        FreshSignInError,
        "the provisioner requires a recent sign-in",
        "sign out at the issuer in your browser, then run the command again",
    ),
    ProblemCode.NOT_FOUND: _Reaction(
        NotFoundError, "the provisioner has no cloud for this account", "check the account you signed in with"
    ),
    ProblemCode.INTERNAL: _Reaction(
        UnreachableError,
        "the provisioner failed to process the request",
        "run the command again: it continues",
    ),
    ProblemCode.UNAVAILABLE: _Reaction(
        UnreachableError, "the provisioner is unavailable right now", "run the command again: it continues"
    ),
    ProblemCode.QUOTA: _Reaction(
        UnreachableError,
        "the provisioner has no room for another cloud",
        "try again later, or ask the provisioner's operator",
    ),
}
# A link may lead to any server, so limit how much of its text an error quotes.
MAX_DETAIL_CHARS: Final = 500
MAX_ADDRESS_CHARS: Final = 300  # a host has 253 at most
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODES: Final = {code.type: code for code in ProblemCode}


def refusal(
    response: "Response",
    *,
    origin: str = "",
    sent_bytes: int = 0,
    reactions: Mapping[ProblemCode, _Reaction] = REACTIONS,
) -> SatchelError:
    """Return the error for a response with a status of 400 or more to a request of `sent_bytes` to `origin`."""
    try:
        problem = msgspec.json.decode(response.body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return foreign_answer(response, origin=origin, sent_bytes=sent_bytes)
    if not problem.type.startswith(PREFIX):
        return foreign_answer(response, origin=origin, sent_bytes=sent_bytes)
    code = _CODES.get(problem.type)
    if code is ProblemCode.MOVED:
        return _moved(response, origin)
    reaction = _newer(problem.status) if code is None else reactions[code]
    joined = "; ".join([problem.detail, *(f"{field.field}: {field.reason}" for field in problem.fields)])
    details = " ".join(joined.split()).strip("; ")[:MAX_DETAIL_CHARS]
    request_id = problem.request_id if _REQUEST_ID.fullmatch(problem.request_id) else ""
    suffix = f" (request {request_id})" if problem.status >= 500 and request_id else ""
    message = f"{reaction.message}: {details}" if details else reaction.message
    hint = reaction.hint.replace(ORIGIN, repr(origin) if origin else "its address")
    return reaction.error(message + suffix, hint=hint)


def _moved(response: "Response", origin: str) -> MovedError:
    """Name the new address, if it is one that this device may use: never plain HTTP over a network."""
    address = _address(response.headers.get("location", ""))
    if address in ("", origin):
        reaction = REACTIONS[ProblemCode.MOVED]
        return MovedError(reaction.message, hint=reaction.hint)
    error = MovedError(
        f"the cloud at {origin} has moved to {address}",
        hint=f"if it is yours: satchel connect {address}; a link works with the new address in place of the old one",
    )
    error.address = address
    return error


def _address(text: str) -> str:
    """Return the origin that a cloud names as its new one, or "" if this device must not use it."""
    try:
        return str(Origin.parse(text)) if len(text) <= MAX_ADDRESS_CHARS else ""
    except UsageError:
        return ""


def _newer(status: int) -> _Reaction:
    """Return the reaction to a problem code that this version does not know, chosen by its status."""
    kinds: dict[int, type[SatchelError]] = {401: RefusedError, 403: RefusedError, 404: NotFoundError}
    kinds |= {410: NotFoundError, 429: RefusedError, 451: NotFoundError}
    kind = kinds.get(status, UnreachableError if status >= 500 else SatchelError)
    return _Reaction(
        kind, f"the cloud refused the request for a reason unknown to this version (status {status})", _UPDATE
    )
