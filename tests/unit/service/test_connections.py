"""Connections that send no request, or read no response, in time are closed: gunicorn's own protocol on real sockets."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers import gasgi  # type: ignore[import-untyped]

from satchel_service.logs import standard_log
from satchel_service.server import connections
from satchel_service.server.connections import Connections, GuardedProtocol

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
LONG = 64 * 1024 * 1024
REQUEST = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"


class ImpatientProtocol(GuardedProtocol):
    connections = Connections(limit=10, log=standard_log("error"))
    headers_s = 0.2
    linger_s = 0.2


async def respond_slowly(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401  as in ASGI
    """Take longer than the time limit for sending a request."""
    await asyncio.sleep(2 * ImpatientProtocol.headers_s)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class GivingUp:
    """Calls an application and gives up soon, as the service does with a client that accepts no bytes."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  as in ASGI
        with suppress(TimeoutError):
            async with asyncio.timeout(ImpatientProtocol.headers_s):
                await self._app(scope, receive, send)


def talk(talking: Talk, app: Callable[..., Awaitable[None]] = respond_slowly) -> bytes:
    """Serve one connection and return what the client received."""

    async def serve() -> bytes:
        loop = asyncio.get_running_loop()
        config = Config()
        worker = SimpleNamespace(
            cfg=config, log=Logger(config), asgi=app, loop=loop, nr_conns=0, nr=0,
            max_requests=100, alive=True, state={},
        )  # fmt: skip
        server = await loop.create_server(lambda: ImpatientProtocol(worker), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                async with asyncio.timeout(20):
                    return await talking(reader, writer)
            finally:
                writer.close()

    return asyncio.run(serve())


async def send_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> bytes:
    return await reader.read()


async def send_headers_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST[:-2])
    while not reader.at_eof():
        try:
            async with asyncio.timeout(0.05):
                return await reader.read()
        except TimeoutError:
            writer.write(b"X: y\r\n")
    return b""


async def send_a_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST)
    return await reader.readline()


@pytest.mark.parametrize("talking", [send_nothing, send_headers_slowly])
def test_a_connection_without_a_request_in_time_is_closed(talking: Talk) -> None:
    assert talk(talking) == b""


def test_a_response_may_take_longer_than_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImpatientProtocol, "headers_s", 1.0)  # a slow machine still sends the request in time
    assert talk(send_a_request) == b"HTTP/1.1 204 No Content\r\n"


async def read_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Ask for more than the buffers of both sides hold, and read it only once the server has given up."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket
    writer.write(REQUEST)
    while not ImpatientProtocol.connections.count:  # noqa: ASYNC110  the count has no event
        await asyncio.sleep(0.01)
    while ImpatientProtocol.connections.count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def respond_at_length(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401  as in ASGI
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LONG)]})
    await send({"type": "http.response.body", "body": bytes(LONG // 2), "more_body": True})


def test_a_connection_whose_client_reads_nothing_is_aborted() -> None:
    assert len(talk(read_nothing, GivingUp(respond_at_length))) < LONG


def test_the_worker_uses_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gasgi, "ASGIProtocol", gasgi.ASGIProtocol)
    monkeypatch.setattr(GuardedProtocol, "connections", None, raising=False)
    connections.install(10, (), standard_log("error"))
    assert gasgi.ASGIProtocol is GuardedProtocol
    assert "ASGIProtocol(self)" in inspect.getsource(gasgi.ASGIWorker._serve)
