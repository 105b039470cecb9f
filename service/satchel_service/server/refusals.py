"""What the HTTP server itself answers, before the application sees a request: requests that are not valid HTTP.

gunicorn would answer in plain text without our headers, quote the request, and open WebSockets past the application's
checks and log. Here it answers with a problem document that is the same for everyone, and ignores an upgrade.
"""

from functools import cache
from http import HTTPStatus
from typing import Any, Final

import msgspec
from gunicorn.asgi.protocol import ASGIProtocol  # type: ignore[import-untyped]

from satchel_service.security_headers import EVERYWHERE, Headers
from satchel_wire.problems import MEDIA_TYPE, ProblemCode

DETAILS: Final = {
    HTTPStatus.BAD_REQUEST: "the request is not valid HTTP",
    HTTPStatus.REQUEST_URI_TOO_LONG: "the first line of the request is too long",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "the request has too many headers, or one that is too long",
    HTTPStatus.NOT_IMPLEMENTED: "the request has a transfer coding that is not supported",
}


class RefusingProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn is not typed
    """Refuses with problem documents, and serves a WebSocket handshake as the plain request that it also is."""

    headers = EVERYWHERE

    def _send_error_response(self, status: int, message: str, extra_headers: object = ()) -> None:  # noqa: ARG002
        """Send a problem document instead of `message`, which can quote the request."""
        self._safe_write(refusal(status, self.headers))

    def _is_websocket_upgrade(self, request: Any) -> bool:  # noqa: ANN401, ARG002  gunicorn is not typed
        return False


@cache
def refusal(status: int, added: Headers) -> bytes:
    """Return a complete response. Its problem is `bad-request`, or `internal` if the service failed."""
    has_failed = status == HTTPStatus.INTERNAL_SERVER_ERROR
    code = ProblemCode.INTERNAL if has_failed else ProblemCode.BAD_REQUEST
    document = {"type": code.type, "title": code.title, "status": status}
    body = msgspec.json.encode({**document, "detail": DETAILS.get(HTTPStatus(status), "")})
    headers = (
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *added,
        (b"connection", b"close"),
    )
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return first + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body
