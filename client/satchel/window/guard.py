"""Which requests reach the window: those of its own page, with its session.

    app = Guard(app, session)     # an ASGI application

A page of the web that resolves its name to 127.0.0.1 (DNS rebinding) sends that name as `Host`; any other page sends its
`Origin` and `Sec-Fetch-Site`. Both are refused before anything else is looked at. docs/reference/window-security.md
lists every check.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

from satchel.loopback import HOST
from satchel.window.problems import Refusal, refused
from satchel.window.session import KEY_HEADER, Session

API: Final = "/api/"
SESSION: Final = "/session"
UPLOAD: Final = "/api/upload"
JSON: Final = b"application/json"
BYTES: Final = b"application/octet-stream"
MAX_PATH_BYTES: Final = 2_048

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

FEATURES: Final = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
DIRECTIVES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "satchel-worker satchel-installed",
}
POLICY: Final = "; ".join(f"{name} {value}" for name, value in DIRECTIVES.items())
"""The Content-Security-Policy of the page: only its own files, no string ever becomes markup or script."""
EVERYWHERE: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in FEATURES).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


WRONG_HOST: Final = Refusal(421, "the request names another host")
FOREIGN: Final = Refusal(403, "the request comes from another page")
WRONG_METHOD: Final = Refusal(405, "the request has the wrong method")
WRONG_TYPE: Final = Refusal(415, "the request has the wrong content type")
NO_SESSION: Final = Refusal(
    401, "this window is closed, or was opened in another browser", "open it again: satchel open"
)
TOO_LONG: Final = Refusal(414, "the address is too long")


def hosts_of(port: int) -> tuple[bytes, ...]:
    """Return the names of the server in `Host`."""
    return tuple(f"{name}:{port}".encode() for name in (HOST, "localhost"))


def refusal(scope: Scope, session: Session) -> Refusal | None:
    """Return why a request is refused; None if it is not."""
    headers = scope["headers"]
    hosts = _all(headers, b"host")
    if len(hosts) != 1 or hosts[0].lower() not in hosts_of(session.port):
        return WRONG_HOST
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MAX_PATH_BYTES:
        return TOO_LONG
    if scope["path"].startswith(API) or scope["path"] == SESSION:
        return _refusal_of_request(scope, hosts[0].lower(), session)
    return None if scope["method"] in {"GET", "HEAD"} else WRONG_METHOD


def _refusal_of_request(scope: Scope, host: bytes, session: Session) -> Refusal | None:
    """Return why a request is refused that is not for a file of the page."""
    headers, path = scope["headers"], scope["path"]
    if scope["method"] != "POST":
        return WRONG_METHOD
    if not _is_of_own_page(headers, host):
        return FOREIGN
    if _all(headers, b"content-type") != [BYTES if path == UPLOAD else JSON]:
        return WRONG_TYPE
    if path != SESSION and not session.accepts(_all(headers, b"cookie"), _all(headers, KEY_HEADER)):
        return NO_SESSION
    return None


def _is_of_own_page(headers: Headers, host: bytes) -> bool:
    """Return whether `Origin` is the page's, and `Sec-Fetch-Site`, which older browsers lack, says the same."""
    sites = _all(headers, b"sec-fetch-site")
    return _all(headers, b"origin") == [b"http://" + host] and sites in ([], [b"same-origin"])


def _all(headers: Headers, wanted: bytes) -> list[bytes]:
    return [value for name, value in headers if name.lower() == wanted]


class Guard:
    """An application that lets only the page's requests through to another, and protects every response."""

    def __init__(self, app: App, session: Session) -> None:
        self._app = app
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = list(_complete(message.get("headers", ())))
            await send(message)

        found = refusal(scope, self._session)
        if found is None:
            await self._app(scope, receive, send_protected)
        else:
            await _refuse(found, send_protected)


async def _refuse(found: Refusal, send: Send) -> None:
    """Answer with the refusal, as a problem of the API.

    The connection stays open: closing it while the request's body arrives would reset it before the answer is read.
    """
    body = refused(found)
    headers = [(b"content-type", JSON), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _complete(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """Return the headers of a response with those of `EVERYWHERE` that it does not set itself."""
    own = list(headers)
    present = {name.lower() for name, _ in own}
    return (*own, *(header for header in EVERYWHERE if header[0] not in present))
