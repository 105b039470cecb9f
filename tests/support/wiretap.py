"""A loopback proxy that records every byte and can drop connections."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Wiretap:
    """Forwards to a server. `url` is where clients go instead; `sent` and `received` are what went each way.

    `cut(received)` is asked before bytes of an answer are passed on, with all that the client has sent on that
    connection so far: if it says so, the connection ends there, after the request had its effect.
    """

    def __init__(self, url: str, cut: Callable[[bytes], bool] = lambda _sent: False) -> None:
        target = urlsplit(url)
        self._target = (target.hostname or "", target.port or 80)
        self._cut = cut
        self._lock = threading.Lock()
        self._sent = bytearray()
        self._received = bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def sent(self) -> bytes:
        """All bytes from clients."""
        with self._lock:
            return bytes(self._sent)

    @property
    def received(self) -> bytes:
        """All bytes from the server."""
        with self._lock:
            return bytes(self._received)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:  # the server is down, so the proxy drops the connection
                    client.close()
                    continue
                with self._lock:
                    self._open |= {client, server}
                request = bytearray()
                for pump in (self._pump_requests, self._pump_answers):
                    thread = threading.Thread(target=pump, args=(client, server, request))
                    self._threads.append(thread)
                    thread.start()

    def _pump_requests(self, client: socket.socket, server: socket.socket, request: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                with self._lock:
                    self._sent += data
                    request += data
                server.sendall(data)
        self._end(client, server)

    def _pump_answers(self, client: socket.socket, server: socket.socket, request: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                with self._lock:
                    self._received += data
                    asked = bytes(request)
                if self._cut(asked):
                    break
                client.sendall(data)
        self._end(client, server)

    @staticmethod
    def _end(*ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(self._listener)
        self._threads[0].join()
        with self._lock:
            self._end(*self._open)
        for thread in self._threads:
            thread.join()
        for end in (*self._open, self._listener):
            end.close()
