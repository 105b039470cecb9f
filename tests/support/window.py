"""The window: `satchel open` as a process, or its server in this process, and a page that asks it."""

import http.client
import io
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from tests.support.device import PROGRAM, Device
from tests.support.service import free_port
from tests.support.waiting import wait_until

from satchel.cli.app import App
from satchel.cli.environment import Globals, Streams, read_environment
from satchel.cli.window_core import cores_of
from satchel.window.calls import Window
from satchel.window.core import Passphrase
from satchel.window.server import Listener
from satchel.window.session import Session
from satchel.window.uploads import Uploads

HOST: Final = "127.0.0.1"


class WindowProcess:
    """`satchel open --no-browser` of a device. `start` after `stop` serves the same port with a new token.

    No other window of the test run gets its port. With 0 the program chooses one, which may be taken before the next
    `start`. `prefix` is a program that runs it, such as `strace`, with its options; `options` are further ones of the
    command.
    """

    def __init__(
        self,
        device: Device,
        port: int | None = None,
        prefix: Sequence[str | Path] = (),
        options: Sequence[str] = (),
    ) -> None:
        self._device = device
        self._prefix = prefix
        self._options = options
        self.port = free_port() if port is None else port
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start the process, and read the address that it prints."""
        self.process = subprocess.Popen(
            [*self._prefix, PROGRAM, "open", "--no-browser", "--port", str(self.port), *self._options],
            env=self._device.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().decode().strip()
        self.port = urlsplit(self.url).port or 0

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(2)
        self.process.communicate(timeout=30)
        return self.process.returncode

    def page(self) -> "Page":
        """Return a page that has used the address."""
        return Page.opened(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Page:
    """What the page of a window does, without a browser: it has a cookie and a key, and asks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.headers: dict[str, str] = {
            "host": f"{HOST}:{port}",
            "origin": f"http://{HOST}:{port}",
            "sec-fetch-site": "same-origin",
            "content-type": "application/json",
        }

    @classmethod
    def opened(cls, url: str) -> "Page":
        """Return a page that has exchanged the token of an address."""
        parts = urlsplit(url)
        page = cls(parts.port or 0)
        assert page.begin(parts.fragment) == 200
        return page

    def begin(self, token: str) -> int:
        """Exchange a token; return the status."""
        status, headers, body = self.send("/session", json.dumps({"token": token}).encode())
        if status == 200:
            self.headers["cookie"] = headers["set-cookie"].partition(";")[0]
            self.headers["x-satchel-window"] = json.loads(body)["key"]
        return status

    def send(
        self, path: str, body: bytes = b"", *, method: str = "POST", headers: Mapping[str, str | None] = {}
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request, with other headers if given (None leaves one out); return status, headers and body."""
        wanted = {name: value for name, value in {**self.headers, **headers}.items() if value is not None}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**wanted, "content-length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read()
        finally:
            connection.close()

    def ask(self, operation: str, status: int = 200, **request: Any) -> Any:  # noqa: ANN401  any JSON value
        """Ask an operation, check the status, and return the answer."""
        found, _, body = self.send(f"/api/{operation}", json.dumps(request).encode())
        assert found == status, f"{operation}: {found} {body[:500]!r}"
        return json.loads(body)

    def upload(self, data: bytes) -> str:
        """Send a file, and return its name for requests."""
        status, _, body = self.send("/api/upload", data, headers={"content-type": "application/octet-stream"})
        assert status == 200, body
        return str(json.loads(body)["upload"])

    def finished(self, job: Mapping[str, Any]) -> Any:  # noqa: ANN401  any JSON value
        """Wait until a job has ended, and return it."""
        wait_until(lambda: self.ask("job", id=job["id"])["state"] != "running", timeout_s=120)
        return self.ask("job", id=job["id"])

    @contextmanager
    def events(self) -> Iterator["Events"]:
        """Follow the stream of events."""
        events = Events(self)
        try:
            yield events
        finally:
            events.close()


class Events:
    """The stream of events of a page."""

    def __init__(self, page: Page) -> None:
        self._socket = socket.create_connection((HOST, page.port), timeout=60)
        headers = "".join(f"{name}: {value}\r\n" for name, value in page.headers.items())
        self._socket.sendall(f"POST /api/events HTTP/1.1\r\n{headers}content-length: 2\r\n\r\n{{}}".encode())
        self.received: list[dict[str, Any]] = []
        self.has_ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, kind: str, **fields: object) -> dict[str, Any]:
        """Wait for an event of a kind with these fields, and return it."""

        def found() -> list[dict[str, Any]]:
            return [
                each
                for each in tuple(self.received)
                if each["kind"] == kind and all(each[name] == value for name, value in fields.items())
            ]

        wait_until(lambda: bool(found()))
        return found()[0]

    def close(self) -> None:
        """Leave, as a page that is closed does."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _read(self) -> None:
        try:
            for line in self._socket.makefile("rb"):
                if line.startswith(b"{"):
                    self.received.append(json.loads(line))
        except (OSError, ValueError):
            pass
        self.has_ended = True


def window_of(home: Path, session: Session, variables: Mapping[str, str] | None = None) -> Window:
    """Return the window of a home, which is not served."""
    own = {"SATCHEL_KEYRING": "off", "PATH": os.environ["PATH"], "HOME": str(home.parent)}
    environment = read_environment({**own, **(variables or {})})
    app = App(Globals(environment, _no_streams(), home=home), "satchel open")
    passphrase = Passphrase()
    return Window(home, cores_of(app, passphrase), session, passphrase, Uploads(home))


@contextmanager
def served(home: Path, variables: Mapping[str, str] | None = None) -> Iterator[Page]:
    """Serve the window of a home in this process, and yield a page that is open."""
    listener = Listener(0)
    session = Session.begin(listener.port)
    window = window_of(home, session, variables)
    thread = threading.Thread(target=listener.serve, args=(window,), kwargs={"grace_s": 0.2}, daemon=True)
    thread.start()
    page = Page(listener.port)
    assert page.begin(session.token) == 200
    with page.events():
        wait_until(lambda: window.hub.followers == 1)
        yield page
    thread.join(30)
    assert not thread.is_alive()


def _no_streams() -> Streams:
    return Streams(
        stdin=io.BytesIO(),
        stdout=io.BytesIO(),
        stderr=io.StringIO(),
        stdin_is_terminal=False,
        stdout_is_terminal=False,
        stderr_is_terminal=False,
    )
