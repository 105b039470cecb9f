"""Access to an agent's HTTP server: only programs on this computer that have the token, and no web pages.

    guarded = Guard(app, token, port)       # an ASGI application

A web page that resolves its own name to 127.0.0.1 (DNS rebinding) sends its name as `Host`, and any page sends its
`Origin`. Both are refused before the token is looked at.
"""

import hmac
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from satchel.errors import IntegrityError, NotFoundError
from satchel.local_files import read_private, write_private
from satchel.loopback import HOST

FILE_NAME: Final = "mcp-token"
_TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(rb"[A-Za-z0-9_-]{43}\n?")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def token_of(home: Path) -> tuple[str, bool]:
    """Return the token of a home, and whether it is new. It stays until the owner removes its file.

    Raise IntegrityError if the file is damaged.
    """
    path = home / FILE_NAME
    try:
        data = read_private(path).data
    except NotFoundError:
        token = urlsafe_b64encode(os.urandom(_TOKEN_BYTES)).rstrip(b"=").decode()
        write_private(path, f"{token}\n".encode())
        return token, True
    if not _TOKEN.fullmatch(data):
        raise IntegrityError(
            f"{str(path)!r} is damaged", hint="remove it; satchel mcp --http makes a new token"
        )
    return data.decode().strip(), False


def hosts_of(port: int) -> list[str]:
    """Return the names of the server in `Host`."""
    return [f"{name}:{port}" for name in (HOST, "localhost")]


def refusal(headers: list[tuple[bytes, bytes]], token: str, port: int) -> int:
    """Return the status with which a request is refused; 0 if it is not."""
    hosts, origins, credentials = (
        [value for name, value in headers if name.lower() == wanted]
        for wanted in (b"host", b"origin", b"authorization")
    )
    own = {host.encode() for host in hosts_of(port)}
    if len(hosts) != 1 or hosts[0].lower() not in own:
        return 421
    if any(origin.lower() not in {b"http://" + host for host in own} for origin in origins):
        return 403
    expected = f"Bearer {token}".encode()
    if len(credentials) != 1 or not hmac.compare_digest(credentials[0], expected):
        return 401
    return 0


@dataclass(frozen=True, slots=True)
class Guard:
    """An application that lets only requests with the token, and for this server, through to another."""

    app: App
    token: str = field(repr=False)
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        status = refusal(scope["headers"], self.token, self.port) if scope["type"] == "http" else 0
        if not status:
            await self.app(scope, receive, send)
            return
        challenge = [(b"www-authenticate", b"Bearer")] if status == 401 else []
        # The connection stays open: closing it while the body arrives would reset it before the answer is read.
        headers = [(b"content-length", b"0"), *challenge]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
