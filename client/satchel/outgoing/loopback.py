"""A listener on loopback that waits for one redirect of the owner's browser (RFC 8252, section 7.3).

    with LoopbackListener(ports=(), path="/callback", is_expected=has_our_state) as listener:
        open_browser(listener.url)
        parameters = listener.wait(timeout_s=600)     # None if nothing came

Other programs and web pages can send requests here too. Every request gets 404, changing nothing, until one has the
right path, host and parameters.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from satchel.errors import SatchelError

HOST: Final = "127.0.0.1"
MAX_CONNECTIONS: Final = 16
MAX_QUERY_CHARS: Final = 16_384
MAX_PARAMETERS: Final = 20
REQUEST_TIMEOUT_S: Final = 10.0
SLICE_S: Final = 0.5
"""The longest single wait."""

HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Connection": "close",
}
DONE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>satchel</title>'
    "<h1>You can close this window</h1><p>The rest happens in your terminal.</p></html>"
)
NOTHING: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>satchel</title>'
    "<h1>Not found</h1><p>No sign-in waits for this page.</p></html>"
)

Parameters = Mapping[str, str]


class LoopbackListener:
    """Listens on 127.0.0.1: on the first free one of `ports`, or on any port if there are none."""

    def __init__(self, *, ports: Sequence[int], path: str, is_expected: Callable[[Parameters], bool]) -> None:
        """Begin to listen. Raise SatchelError if none of the ports is free."""
        self._path = path
        self._is_expected = is_expected
        self._received: Parameters | None = None
        self._arrived = threading.Event()
        self._lock = threading.Lock()
        self._server = _listen(ports, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address that it listens on."""
        return f"http://{self.host}{self._path}"

    @property
    def host(self) -> str:
        """The `Host` of a valid request."""
        return f"{HOST}:{self._server.server_port}"

    def wait(self, timeout_s: float) -> Parameters | None:
        """Return the parameters of the expected request, or None if it did not come in time.

        A signal that arrives just before a wait begins is handled only after it, so Ctrl-C would seem to do nothing.
        """
        end_s = time.monotonic() + timeout_s
        while (left_s := end_s - time.monotonic()) > 0 and not self._arrived.wait(min(left_s, SLICE_S)):
            pass
        with self._lock:
            return self._received

    def accept(self, path: str, query: str, host: str) -> bool:
        """Return whether this is the expected request. The first one ends the wait."""
        if path != self._path or host != self.host or len(query) > MAX_QUERY_CHARS:
            return False
        try:
            pairs = parse_qsl(
                query, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_PARAMETERS
            )
        except ValueError:
            return False
        parameters = dict(pairs)
        if len(parameters) != len(pairs) or not self._is_expected(parameters):
            return False
        with self._lock:
            if self._received is not None:
                return False
            self._received = parameters
        return True

    def notify(self) -> None:
        """End the wait, once the expected request has its page."""
        if self._received is not None:
            self._arrived.set()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    """Serves a bounded number of connections at once. Browsers open some in advance and send nothing."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def __init__(self, address: tuple[str, int], listener: LoopbackListener) -> None:
        self.listener = listener
        self._free = threading.Semaphore(MAX_CONNECTIONS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without looking up this computer's name."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  the library's types
        """Serve a connection in a thread, or close it if there are too many."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Ignore clients that disconnect."""


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        """Send the final page to the expected request, and 404 to any other."""
        listener = self.server.listener
        path, _, query = self.path.partition("?")
        is_expected = listener.accept(path, query, self.headers.get("Host", ""))
        try:
            self._answer(200 if is_expected else 404, DONE if is_expected else NOTHING)
        finally:
            if is_expected:
                listener.notify()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer other methods and malformed requests in the same way, quoting nothing."""
        del message, explain
        self._answer(code, NOTHING)

    def version_string(self) -> str:
        """Return the `Server` header without versions."""
        return "satchel"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing: the address contains the authorization code."""

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.close_connection = True
        with suppress(OSError):
            self.send_response(status)
            for name, value in {**HEADERS, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)


def _listen(ports: Sequence[int], listener: LoopbackListener) -> _Server:
    for port in ports or (0,):
        try:
            return _Server((HOST, port), listener)
        except OSError:
            continue
    names = ", ".join(map(str, ports))
    what = f"none of the ports {names} is free" if ports else "no port is free"
    raise SatchelError(
        f"cannot listen for the answer of the issuer on {HOST}: {what}",
        hint="end the program that uses the port, or sign in with --device-flow",
    )
