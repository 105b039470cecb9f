"""Answers that do not come from a satchel cloud: from a proxy, a captive portal, object storage, another program.

Errors name the program that answered, its status, and the likely cause.
"""

import re
from typing import TYPE_CHECKING, Final

from satchel.errors import UnreachableError

if TYPE_CHECKING:
    from satchel.outgoing.transport import Response

MAX_QUOTED_CHARS: Final = 80
_SEARCHED_BYTES: Final = 4096
_HEADING: Final = re.compile(rb"<(title|h1)[^>]{0,200}>([^<]{1,400})</", re.IGNORECASE)
_STORAGE_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9.]{1,80})</Code>")
_TRY_AGAIN: Final = "try again in a moment"
_CHECK_ADDRESS: Final = "check the cloud's address, and any proxy in between"
_SIGN_IN: Final = "open a web page in a browser and sign in to the network, then try again"

# Status: what it means here, and a hint.
_STATUSES: Final[dict[int, tuple[str, str]]] = {
    401: (
        "asks for a user name and password of its own",
        "ask the cloud's operator: satchel cannot answer it",
    ),
    403: ("refuses the request", "a firewall, filter or proxy in between must allow this address"),
    404: ("has nothing at this address", "check the cloud's address; it has no path after the host"),
    405: ("does not take this kind of request", _CHECK_ADDRESS),
    407: (
        "is a proxy that asks for a name and password",
        "give them: HTTP_PROXY=http://NAME:PASSWORD@HOST:PORT, or HTTPS_PROXY for an https:// cloud",
    ),
    408: ("waited too long for the request", _TRY_AGAIN),
    411: ("does not take a request without a length", _CHECK_ADDRESS),
    421: ("is not responsible for this host name", _CHECK_ADDRESS),
    429: ("limits the number of requests", "wait a few minutes, then try again"),
    500: ("failed", _TRY_AGAIN),
    502: (
        "gets no answer from the cloud behind it",
        "the cloud may be starting or stopped: try again in a moment",
    ),
    503: ("says that the cloud behind it is unavailable", _TRY_AGAIN),
    504: ("waits too long for the cloud behind it", _TRY_AGAIN),
    511: ("asks you to sign in to the network", _SIGN_IN),
}
_STORAGE_CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestExpired", "AccessDenied", "ExpiredToken"})


def foreign_answer(response: "Response", *, origin: str, sent_bytes: int = 0) -> UnreachableError:
    """Return the error for an answer that is no satchel cloud's."""
    who, status = _who(response, origin), response.status
    code = _STORAGE_CODE.search(response.body[:_SEARCHED_BYTES])
    if code is not None:
        return _storage_error(code[1].decode(), origin, status)
    if b"HTTPS" in response.body[:_SEARCHED_BYTES].upper() and status == 400 and origin.startswith("http:"):
        return UnreachableError(f"{who} expects TLS (status 400)", hint="use https:// instead of http://")
    if status == 413:
        return UnreachableError(
            f"{who} refuses a request of {sent_bytes:,} bytes as too large (status 413); it is not the cloud itself",
            hint="raise the limit of the proxy in front of the cloud (nginx: client_max_body_size) to 32 MiB or more",
        )
    if status < 400:
        return _page(response, who)
    what, hint = _STATUSES.get(
        status, ("failed", _TRY_AGAIN) if status >= 500 else ("refuses the request", _CHECK_ADDRESS)
    )
    return UnreachableError(f"{who} {what} (status {status}); it is not a satchel cloud", hint=hint)


def _page(response: "Response", who: str) -> UnreachableError:
    """Return the error for a success that is no answer of the API: a sign-in page of a network, another website."""
    if _is_html(response):
        return UnreachableError(
            f"{who} sent a web page (status {response.status}); it is not a satchel cloud",
            hint=f"check the address; in a hotel, café or train, {_SIGN_IN}",
        )
    return UnreachableError(
        f"{who} sent a response that this version does not understand (status {response.status})",
        hint="check the address, and update satchel and the cloud",
    )


def _storage_error(code: str, origin: str, status: int) -> UnreachableError:
    hint = "try again; if it fails again, ask the cloud's operator to check its storage"
    if code in _STORAGE_CLOCK:
        hint = "try again; check the clock of this device, because upload addresses expire"
    return UnreachableError(f"the storage at {origin!r} refused a part: {code} (status {status})", hint=hint)


def _who(response: "Response", origin: str) -> str:
    """Return what answered, as it calls itself: the program, or the heading of its page."""
    heading = _HEADING.search(response.body[:_SEARCHED_BYTES]) if _is_html(response) else None
    server = response.headers.get("server", "")
    said = heading[2].decode("utf-8", "replace") if heading else ""
    names = [repr(each) for text in (server, said) if (each := " ".join(text.split())[:MAX_QUOTED_CHARS])]
    return f"the server at {origin!r} ({', '.join(names)})" if names else f"the server at {origin!r}"


def _is_html(response: "Response") -> bool:
    start = response.body[:_SEARCHED_BYTES].lstrip()[:15].lower()
    return "text/html" in response.headers.get("content-type", "") or start.startswith(
        (b"<!doctype html", b"<html")
    )
