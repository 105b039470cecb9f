"""Why an endpoint did not answer: turns its status and error document into one of satchel's errors.

    status                                  error               exit code
    401                                     RefusedError        4   the key
    402, 403, no credit, withheld           RefusedError        4
    404                                     NotFoundError       3   the model, or the address
    413, a prompt that is too long          UsageError          2
    429                                     UnreachableError    6   with the time to wait, where it is told
    503, 529, other 5xx                     UnreachableError    6
    other                                   RefusedError        4

What the endpoint says may quote the prompt or the key. No message contains it; `said` returns it for a prompt that
quotes nothing. https://platform.claude.com/docs/en/api/errors, https://platform.openai.com/docs/guides/error-codes
"""

import email.utils
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from satchel.errors import NotFoundError, RefusedError, SatchelError, UnreachableError, UsageError

ERROR_BYTES: Final = 64 << 10
MAX_SAID_CHARS: Final = 200
LONGEST_WAIT_S: Final = 31 * 86_400
_KEY_CHARS: Final = 6  # so many characters of the key in a row are a part of it

_TOO_LONG: Final = re.compile(
    r"context.?(?:length|window|size)|prompt is too long|too many tokens|exceed_context_size_error",
    re.IGNORECASE,
)
_MODEL: Final = re.compile(r"\b(?:model|deployment)", re.IGNORECASE)
_LIMIT: Final = re.compile(r"(?:maximum context length is|>) ?(\d{1,9})\b")
_NO_CREDIT: Final = re.compile(
    r"insufficient_quota|billing_error|enforced_spend_limit_reached|credit balance|billing_hard_limit",
    re.IGNORECASE,
)
_OVERLOADED: Final = frozenset(
    {"overloaded_error", "unavailable_error", "server_overloaded", "timeout_error"}
)
_UNAUTHORIZED, _NO_PAYMENT, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _TOO_MANY, _FAILED = (
    401,
    402,
    403,
    404,
    413,
    429,
    500,
)
_WRONG_KEY: Final = frozenset({"authentication_error", "invalid_api_key"})


@dataclass(frozen=True, slots=True)
class Told:
    """What an error's document says: its codes, its text, and a limit of tokens; 0 without one."""

    codes: frozenset[str] = frozenset()
    message: str = ""
    limit: int = 0

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Whether a code or the text matches."""
        return any(pattern.search(text) for text in (*self.codes, self.message))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: for messages. `has_key` tells whether a key was sent."""

    origin: str
    model: str
    has_key: bool


def read_told(document: bytes | str) -> Told:
    """Return what an error's document says, in any of the forms that vendors and programs use."""
    try:
        found = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Told()
    outer = found if isinstance(found, dict) else {}
    inner = outer.get("error")
    parts = [inner if isinstance(inner, dict) else {}, outer]
    parts += [
        part[name] for part in parts for name in ("details", "innererror") if isinstance(part.get(name), dict)
    ]
    codes = frozenset(
        str(part[name])[:80]
        for part in parts
        for name in ("type", "code", "error_code")
        if isinstance(part.get(name), str | int)
    )
    message = inner if isinstance(inner, str) else _first_text(part.get("message") for part in parts)
    message = message[:2_000]
    return Told(codes, message, _limit(parts, message))


def _first_text(values: Iterable[Any]) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _limit(parts: list[dict[str, Any]], message: str) -> int:
    for part in parts:
        if isinstance(part.get("n_ctx"), int):
            return max(0, min(int(part["n_ctx"]), 10**9))
    found = _LIMIT.search(message)
    return int(found[1]) if found else 0


def explain(status: int, headers: Mapping[str, str], told: Told, asked: Asked, now: datetime) -> SatchelError:
    """Return the error for a status, or for an error inside a stream, whose status is 0."""
    case = _Case(status, headers, told, asked, now)
    causes = (_about_key, _about_account, _about_length, _about_names, _about_load)
    return next(filter(None, (cause(case) for cause in causes)), None) or _other(case)


@dataclass(frozen=True, slots=True)
class _Case:
    status: int
    headers: Mapping[str, str]
    told: Told
    asked: Asked
    now: datetime

    @property
    def where(self) -> str:
        return f"the endpoint {self.asked.origin!r}"


def _about_key(case: _Case) -> SatchelError | None:
    if case.status != _UNAUTHORIZED and not case.told.codes & _WRONG_KEY:
        return None
    if not case.asked.has_key:
        return RefusedError(
            f"{case.where} needs a key", hint="set it: satchel endpoint set URL --model NAME --key-from FILE"
        )
    return RefusedError(
        f"{case.where} does not accept the key",
        hint="enter it again: satchel endpoint set URL --model NAME --key-from FILE",
    )


def _about_account(case: _Case) -> SatchelError | None:
    if case.status == _NO_PAYMENT or case.told.matches(_NO_CREDIT):
        return RefusedError(
            f"{case.where} refuses: the account has no credit left", hint="see the account at its vendor"
        )
    if case.status == _FORBIDDEN:
        return RefusedError(
            f"{case.where} does not allow this",
            hint=f"the key may not use {case.asked.model!r}; see the account at its vendor",
        )
    if "content_filter" in case.told.codes:
        return RefusedError(
            f"{case.where} refuses the prompt: its filter withholds it", hint="nothing was answered"
        )
    return None


def _about_length(case: _Case) -> SatchelError | None:
    is_told = case.status in {400, 500, 0} and case.told.matches(_TOO_LONG)
    if not is_told and case.status != _TOO_LARGE:
        return None
    limit = f" ({case.told.limit:,} tokens at most)" if case.told.limit else ""
    return UsageError(
        f"the prompt is too long for the model {case.asked.model!r}{limit}",
        hint="send less, or choose a model with a larger context",
    )


def _about_names(case: _Case) -> SatchelError | None:
    if case.status != _NOT_FOUND:
        return None
    if case.told.matches(_MODEL):
        return NotFoundError(
            f"{case.where} has no model {case.asked.model!r}",
            hint="satchel endpoint models lists what it has",
        )
    return NotFoundError(
        f"{case.where} has no such address", hint="check the address and the protocol: satchel endpoint show"
    )


def _about_load(case: _Case) -> SatchelError | None:
    if case.status == _TOO_MANY or "rate_limit_error" in case.told.codes:
        return _wait(f"{case.where} limits how often it is asked", case)
    if case.status in {503, 529} or case.told.codes & _OVERLOADED:
        return _wait(f"{case.where} is overloaded, or is loading its model", case)
    return None


def _other(case: _Case) -> SatchelError:
    if case.status == 0 or case.status >= _FAILED:
        failed = f"HTTP {case.status}" if case.status else "an error inside the answer"
        return UnreachableError(f"{case.where} failed: {failed}", hint="try again, or see its own log")
    return RefusedError(
        f"{case.where} refuses the request: HTTP {case.status}",
        hint="satchel endpoint test shows what it says",
    )


def _wait(what: str, case: _Case) -> UnreachableError:
    wait_s = retry_after_s(case.headers, case.now)
    if wait_s is None:
        return UnreachableError(what, hint="try again later")
    return UnreachableError(f"{what}; it says to wait {wait_s} s", hint=f"try again in {wait_s} s")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """Return the seconds of Retry-After, which is a number or a date; None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(int(text), LONGEST_WAIT_S)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max(0, min(round((aware - now).total_seconds()), LONGEST_WAIT_S))


def said(told: Told, key: str) -> str:
    """Return what the endpoint says in one line; empty if it says nothing, or quotes the key."""
    line = " ".join(told.message.split())
    pieces = {key[at : at + _KEY_CHARS] for at in range(max(1, len(key) - _KEY_CHARS + 1))} if key else set()
    if any(piece in line for piece in pieces) or not line.isprintable():
        return ""
    return line if len(line) <= MAX_SAID_CHARS else f"{line[: MAX_SAID_CHARS - 1]}…"
