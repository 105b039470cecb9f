"""An in-memory cloud for uploads behind the transport, with network faults."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from satchel.cloud.client import CloudClient
from satchel.cloud.signed_client import DeviceToken
from satchel.outgoing.address import Origin
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import Request, Response
from satchel_wire.messages import Problem, UploadRequest
from satchel_wire.problems import ProblemCode

ORIGIN = Origin.parse("http://127.0.0.1:9")
TOKEN = "a-token-that-must-not-show"


def problem(code: ProblemCode, *, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    document = Problem(type=code.type, title=code.title, status=code.status, detail=detail, request_id="r1")
    return Response(code.status, headers or {}, msgspec.json.encode(document))


def answer(value: object, status: int = 200) -> Response:
    return Response(status, {}, msgspec.json.encode(value))


@dataclass
class UploadsInMemory:
    """Accepts uploads as in docs/spec/wire.md. `lose(request)`: drop the response after its effect."""

    part_bytes: int = 10
    kept: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    lose: Callable[[Request], bool] = lambda _request: False
    forget_part: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Request) -> Response:
        with self.lock:
            self.requests.append(request)
            response = self._handle(request)
        if self.lose(request):
            raise NoResponseError("lost", hint="", was_sent=True)
        return response

    def puts(self) -> list[Request]:
        return [request for request in self.requests if "/parts/" in request.url]

    def _handle(self, request: Request) -> Response:
        _, _, path = request.url.partition("/v1/uploads/")
        upload_id, _, rest = path.partition("/")
        if not rest:
            return self._announce(upload_id, request)
        if rest == "complete":
            return self._complete(upload_id)
        assert request.body is not None
        self.parts[upload_id][int(rest.removeprefix("parts/"))] = request.body
        return Response(204, {}, b"")

    def _announce(self, upload_id: str, request: Request) -> Response:
        asked = msgspec.json.decode(request.body or b"", type=UploadRequest)
        if self.sizes.setdefault(upload_id, asked.size_bytes) != asked.size_bytes:
            return problem(ProblemCode.CONFLICT)
        self.parts.setdefault(upload_id, {})
        return answer(self._state(upload_id))

    def _complete(self, upload_id: str) -> Response:
        if self.forget_part is not None:
            self.parts[upload_id].pop(self.forget_part, None)
            self.forget_part = None
        if set(self.parts[upload_id]) != set(range(1, self._count(upload_id) + 1)):
            return problem(ProblemCode.INCOMPLETE)
        if upload_id not in self.kept:
            arrived = self.parts[upload_id]
            self.kept[upload_id] = b"".join(arrived[number] for number in sorted(arrived))
        return answer(self._state(upload_id))

    def _count(self, upload_id: str) -> int:
        return -(-self.sizes[upload_id] // self.part_bytes)

    def _state(self, upload_id: str) -> dict[str, object]:
        size, complete = self.sizes[upload_id], upload_id in self.kept
        parts = [
            {
                "number": number,
                "offset": offset,
                "size_bytes": min(self.part_bytes, size - offset),
                "url": f"/v1/uploads/{upload_id}/parts/{number}",
                "received": number in self.parts[upload_id],
            }
            for number, offset in enumerate(range(0, size, self.part_bytes), start=1)
        ]
        return {
            "id": upload_id,
            "kind": "archive",
            "size_bytes": size,
            "parts": [] if complete else parts,
            "expires": "2027-01-01T00:00:00Z",
            "complete": complete,
        }


@pytest.fixture
def cloud() -> UploadsInMemory:
    return UploadsInMemory()


@pytest.fixture
def client(cloud: UploadsInMemory) -> CloudClient:
    return CloudClient(ORIGIN, cloud, token=DeviceToken(TOKEN))


@dataclass
class Seen:
    """A request as received by the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect or reject the certificate; some tests do so on purpose."""


class LittleServer:
    """A real HTTP server on loopback; `script` returns the response to each request."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.script: Callable[[Seen], tuple[int, dict[str, str], bytes] | None] = lambda _seen: (
            200,
            {},
            b"{}",
        )
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                outer.seen.append(seen)
                said = outer.script(seen)
                if said is None:
                    self.close_connection = True
                    return
                status, headers, data = said
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def speak_tls(self, certificate: Path) -> None:
        """Speak TLS from now on, with this certificate and the key in the same file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # Each connection does its own handshake, so a failed one does not stop the others.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[LittleServer]:
    made = LittleServer()
    try:
        yield made
    finally:
        made.close()


def as_json(response: Response) -> object:
    return json.loads(response.body)
