"""Connections end when they do not ask in time, on gunicorn's own protocol and real sockets."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers import gasgi  # type: ignore[import-untyped]

from satchel_service.server import idle_connections as punctual
from satchel_service.server.idle_connections import PunctualProtocol

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
REQUEST = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"


class Hasty(PunctualProtocol):
    headers_s = 0.2


async def slow_answer(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401  as ASGI has them
    """Take longer than a connection may take to ask."""
    await asyncio.sleep(2 * Hasty.headers_s)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def talk(talking: Talk) -> bytes:
    """Serve one connection of this conversation."""

    async def serve() -> bytes:
        loop = asyncio.get_running_loop()
        config = Config()
        worker = SimpleNamespace(
            cfg=config, log=Logger(config), asgi=slow_answer, loop=loop, nr_conns=0, nr=0,
            max_requests=100, alive=True, state={},
        )  # fmt: skip
        server = await loop.create_server(lambda: Hasty(worker), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                async with asyncio.timeout(20):
                    return await talking(reader, writer)
            finally:
                writer.close()

    return asyncio.run(serve())


async def say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> bytes:
    return await reader.read()


async def say_a_header_now_and_then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST[:-2])
    while not reader.at_eof():
        try:
            async with asyncio.timeout(0.05):
                return await reader.read()
        except TimeoutError:
            writer.write(b"X: y\r\n")
    return b""


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST)
    return await reader.readline()


@pytest.mark.parametrize("talking", [say_nothing, say_a_header_now_and_then])
def test_a_connection_that_does_not_ask_in_time_is_closed(talking: Talk) -> None:
    assert talk(talking) == b""


def test_an_answer_may_take_longer_than_the_question() -> None:
    assert talk(ask) == b"HTTP/1.1 204 No Content\r\n"


def test_the_worker_listens_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gasgi, "ASGIProtocol", gasgi.ASGIProtocol)
    punctual.use(None)
    assert gasgi.ASGIProtocol is PunctualProtocol
    assert "ASGIProtocol(self)" in inspect.getsource(gasgi.ASGIWorker._serve)
