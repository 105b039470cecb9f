"""Socket activation, as systemd does it: a listening socket that starts a service whenever a connection waits."""

import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from tests.support.asgi import Answer
from tests.support.service import PROGRAM

Address: TypeAlias = str | tuple[str, int]
"""The path of a unix socket, or a host and a port."""

LAUNCH: Final = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""
POLL_S: Final = 0.02
STOP_S: Final = 15.0
BACKLOG: Final = 4096  # as systemd's default


class ActivatedService:
    """Holds a listening socket, starts the service when a connection waits, and again after each exit.

    `exits` are the exit codes so far; `errors` is a file with the standard error of every run.
    """

    def __init__(
        self,
        listener: socket.socket,
        environ: Mapping[str, str],
        errors: Path,
        command: Sequence[str | Path] = (PROGRAM,),
    ) -> None:
        self.listener = listener
        self.errors = errors
        self.exits: list[int] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._environ = environ
        self._command = command
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise)

    def __enter__(self) -> Self:
        """Listen and begin to start services."""
        self.listener.listen(BACKLOG)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the service that runs and start no other."""
        self._is_closing.set()
        self._thread.join()
        self.listener.close()

    def _supervise(self) -> None:
        while not self._is_closing.is_set():
            if select.select([self.listener], [], [], POLL_S)[0]:
                self._run_once()

    def _run_once(self) -> None:
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", LAUNCH, str(self.listener.fileno()), *self._command],
                env=dict(self._environ),
                pass_fds=[self.listener.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        while self.process.poll() is None:
            if self._is_closing.wait(POLL_S):
                self.process.terminate()
                self.process.wait(STOP_S)
        self.exits.append(self.process.returncode)


def listen(address: Address) -> socket.socket:
    """Return a socket bound to a path or to a host and port; `ActivatedService` makes it listen."""
    listener = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    listener.bind(address)
    return listener


def connect(address: Address, timeout_s: float = 30.0) -> socket.socket:
    """Return a connection to a path or to a host and port."""
    connection = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    connection.settimeout(timeout_s)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def ask(connection: socket.socket, path: str = "/live", *headers: str) -> bytes:
    """Send one request and return the whole response; the connection closes after it."""
    lines = (f"GET {path} HTTP/1.1", "Host: cloud.example.org", "Connection: close", *headers, "", "")
    connection.sendall("\r\n".join(lines).encode())
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def environ_for(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a cloud in a directory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
    return {
        **inherited,
        "SATCHEL_STORAGE": f"file:{folder / 'cloud'}",
        "SATCHEL_DATABASE_DIR": str(folder / "local"),
        **settings,
    }


class SocketConnection(HTTPConnection):
    """An HTTP connection to a path or to a host and port."""

    def __init__(self, address: Address) -> None:
        super().__init__("cloud.example.org", timeout=30.0)
        self._address = address

    def connect(self) -> None:
        """Open the connection."""
        self.sock = connect(self._address)


def sender(address: Address, **added: str) -> Callable[..., Answer]:
    """Return a transport for `WireDevice` that opens a connection for each request and adds headers to it."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        connection = SocketConnection(address)
        names = {name.replace("_", "-"): value for name, value in added.items()}
        try:
            connection.request(method, path, body, {**headers, **names, "Connection": "close"})
            done = connection.getresponse()
            return Answer(
                done.status, {name.lower(): value for name, value in done.getheaders()}, done.read()
            )
        finally:
            connection.close()

    return send
