"""The server: checks requests, and answers them as its flavour does, or with the next fault."""

import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.language_models.faults import Fault
from tests.support.language_models.flavours import FLAVOURS, Flavour, RefusedRequest

MODEL: Final = "tiny"
MAX_BODY_BYTES: Final = 8 << 20


@dataclass(frozen=True)
class Asked:
    """A request that arrived. Header names are lowercase."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401  any JSON value
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class LanguageModels:
    """A server of one flavour. `parts` are the words of each answer; `faults` are used up one a request."""

    flavour_name: str = "openai"
    keys: frozenset[str] | set[str] = frozenset()
    models: Sequence[str] = (MODEL, "large")
    parts: Sequence[str] = ("Hello", ", ", "world")
    finish: str = "stop"
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Whole answers for the next requests, one by one, before `parts`."""
    page_size: int = 1_000

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"models": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.stopped = threading.Event()

    @property
    def flavour(self) -> Flavour:
        """What it pretends to be."""
        return FLAVOURS[self.flavour_name]

    @property
    def origin(self) -> str:
        """Its scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The base that a client is given."""
        query = f"?{self.flavour.query}" if self.flavour.query else ""
        return f"{self.origin}{self.flavour.path}{query}"

    @property
    def protocol(self) -> str:
        """How it is asked."""
        return "anthropic" if self.flavour_name == "anthropic" else "openai"

    @property
    def prompts(self) -> list[Asked]:
        """The requests for answers."""
        return [each for each in self.asked if each.method == "POST"]

    def say(self, *parts: str, finish: str = "stop") -> None:
        """Set the parts of every following answer."""
        self.parts, self.finish = parts, finish

    def fail(self, *faults: Fault) -> None:
        """Let the next requests go wrong, one by one."""
        self.faults += faults

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  its signature
        """Report nothing of a client that hangs up."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    models: ClassVar[LanguageModels]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a prompt."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        self._handle(body)

    def do_GET(self) -> None:
        """List the models."""
        self._handle(b"")

    def _handle(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.models.asked.append(Asked(self.command, self.path, headers, body))
        fault = self.models.faults.pop(0) if self.models.faults else None
        with suppress(BrokenPipeError, ConnectionResetError):
            try:
                if fault is not None and fault.before is not None:
                    fault.before(self, self.models.flavour)
                    return
                self._answer(headers, body, fault)
            except RefusedRequest as exc:
                self.send_document(exc.status, exc.document, exc.headers)

    def _answer(self, headers: Mapping[str, str], body: bytes, fault: Fault | None) -> None:
        flavour, models = self.models.flavour, self.models
        key = flavour.key_in(headers)
        if (models.keys and key not in models.keys) or (flavour.needs_key and not key):
            raise flavour.refusal("wrong-key", f"{key[:8]}{'*' * 8}{key[-4:]}")
        path = urlsplit(self.path).path
        if self.command == "GET":
            self._list(path, headers)
            return
        if path != f"{flavour.path}{flavour.operation}":
            raise flavour.refusal("no-address", path)
        if headers.get("content-type") != "application/json":
            raise flavour.refusal("bad-request", "the content type must be application/json")
        asked = flavour.check(self.path, headers, body, models.models)
        assert asked.get("stream") is True, "every answer is streamed"
        parts = [models.answers.pop(0)] if models.answers else models.parts
        events = flavour.events(asked["model"], parts, models.finish)
        self.stream(fault.within(self, events) if fault is not None and fault.within is not None else events)

    def _list(self, path: str, headers: Mapping[str, str]) -> None:
        flavour, models = self.models.flavour, self.models
        flavour.check_version(self.path, headers)
        expected = "/openai/models" if flavour.name == "azure" else f"{flavour.path}/models"
        if path != expected:
            raise flavour.refusal("no-address", path)
        names = list(models.models)
        if flavour.name != "anthropic":
            self.send_document(200, flavour.page(names))
            return
        query = parse_qs(urlsplit(self.path).query)
        after = query.get("after_id", [""])[0]
        begin = names.index(after) + 1 if after else 0
        size = min(int(query.get("limit", ["20"])[0]), models.page_size)
        page = flavour.page(names[begin : begin + size])
        self.send_document(200, {**page, "has_more": begin + size < len(names)})

    def send_document(self, status: int, document: object, headers: Mapping[str, str] | None = None) -> None:
        """Send a JSON document."""
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self, content_type: str = "text/event-stream; charset=utf-8") -> None:
        """Send the head of a stream."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_chunk(self, data: bytes) -> None:
        """Send a part of a stream at once."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def stream(self, events: Iterator[bytes]) -> None:
        """Send a stream to its end."""
        self.begin_stream()
        for event in events:
            self.send_chunk(event)
        self.wfile.write(b"0\r\n\r\n")

    def wait(self, seconds: float) -> bool:
        """Wait, unless the server is stopped meanwhile. Return whether it is."""
        return self.models.stopped.wait(seconds)

    def log_message(self, *_args: object) -> None:
        """Log nothing."""
