"""A project of Google Cloud on loopback: Cloud Run and Cloud Storage over HTTP, IAM over gRPC."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from tests.support.google.iam_api import serve
from tests.support.google.run_api import RunApi
from tests.support.google.storage_api import StorageApi
from tests.support.google.world import RefusedError, World

BATCH: Final = "/batch/storage/v1"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815  the base class calls them so

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Print nothing."""

    def answer(self) -> None:
        """Route a request to an API by its path."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            with self.server.world.lock:
                if parts.path == BATCH:
                    self.reply(200, *self.server.storage.batch(self.headers["Content-Type"], body))
                    return
                api = self.server.run if parts.path.startswith("/v2/") else self.server.storage
                document = api.answer(self.command, parts.path, query, body)
        except RefusedError as refused:
            self.reply(refused.code, "application/json", json.dumps(self.refusal(refused)).encode())
            return
        self.reply(200 if document else 204, "application/json", json.dumps(document).encode())

    def refusal(self, refused: RefusedError) -> dict[str, Any]:
        """Return an error document in the form of both APIs."""
        error: dict[str, Any] = {"code": refused.code, "message": refused.message, "status": refused.status}
        if refused.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": refused.reason, "domain": "googleapis.com"}]
        else:
            error["errors"] = [{"message": refused.message, "reason": refused.status}]
        return {"error": error}

    def reply(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Listens on a free port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.world, self.run, self.storage = world, RunApi(world), StorageApi(world)

    def handle_error(self, request: object, client_address: object) -> None:
        """Report errors except clients that hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # it only prints them


class GoogleFake:
    """Runs the fakes during the block."""

    def __init__(self) -> None:
        self.world = World()
        self._server = Server(self.world)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._iam: Any = None
        self._iam_port = 0

    @property
    def apis(self) -> dict[str, str]:
        """The option `apis` of the platform Cloud Run."""
        http = f"127.0.0.1:{self._server.server_address[1]}"
        return {"run": http, "storage": http, "iam": f"127.0.0.1:{self._iam_port}"}

    def __enter__(self) -> Self:
        self._thread.start()
        self._iam, self._iam_port = serve(self.world)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._iam.stop(None).wait()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
