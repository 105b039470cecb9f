"""An idle worker ends, and a connection that arrives meanwhile is served by it or left in the queue: gunicorn's worker."""

import asyncio
import gc
import os
import select
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Final

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers import gasgi  # type: ignore[import-untyped]
from tests.support.activation import ask, connect

from satchel_service.logs import standard_log
from satchel_service.server.connections import Connections, GuardedProtocol
from satchel_service.server.gunicorn_server import prepare_worker
from satchel_service.server.worker import SILENT_S, UNUSED_S, Activity, Worker

IDLE_S: Final = 60
STEPS: Final = 12  # of the event loop; more than asyncio takes to accept and read
PATIENCE_S: Final = 20.0
REQUEST: Final = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class SilentConnection:
    """A connection as `Connections` sees it."""

    is_sending = False

    def __init__(self, since_s: float) -> None:
        self.since_s = since_s


async def respond(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401  as in ASGI
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def no_connections() -> Connections:
    return Connections(limit=10, log=standard_log("error"))


def with_connection(connection: object) -> Connections:
    connections = no_connections()
    connections.add(connection)  # type: ignore[arg-type]  # all that the judgement reads
    return connections


def test_a_service_is_idle_once_its_last_request_ended_so_long_ago() -> None:
    activity = Activity(100.0)
    assert not activity.is_idle(no_connections(), 159.9, 60)
    assert activity.is_idle(no_connections(), 160.0, 60)


def test_a_request_in_progress_keeps_the_service_awake_for_any_time() -> None:
    activity = Activity(100.0)
    activity.requests = 1
    assert not activity.is_idle(no_connections(), 10_000.0, 60)


def test_bytes_that_are_no_complete_request_keep_the_service_awake() -> None:
    connections = no_connections()
    connections.received_s = 150.0
    assert not Activity(100.0).is_idle(connections, 200.0, 60)
    assert Activity(100.0).is_idle(connections, 210.0, 60)


def test_a_new_connection_keeps_the_service_awake_and_a_silent_one_does_not() -> None:
    connections = with_connection(SilentConnection(since_s=200.0))
    assert not Activity(100.0).is_idle(connections, 200.0 + SILENT_S - 0.1, 60)
    assert Activity(100.0).is_idle(connections, 200.0 + SILENT_S, 60)


def test_a_response_that_waits_for_its_client_keeps_the_service_awake() -> None:
    connection = SilentConnection(since_s=0.0)
    connection.is_sending = True
    assert not Activity(100.0).is_idle(with_connection(connection), 200.0, 60)


def test_requests_are_counted_until_they_end_even_if_they_fail() -> None:
    async def run() -> tuple[int, int, float]:
        loop = asyncio.get_running_loop()
        activity, seen = Activity(0.0), []

        async def fail(*_: object) -> None:
            seen.append(activity.requests)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await activity.count_requests(fail, loop)({"type": "http"}, None, None)  # type: ignore[arg-type]
        return seen[0], activity.requests, activity.ended_s

    during, after, ended_s = asyncio.run(run())
    assert (during, after) == (1, 0)
    assert ended_s > 0.0


def test_only_a_use_keeps_the_service_awake_for_its_whole_time(signals: list[int]) -> None:
    """The service has an hour, and the last request was UNUSED_S ago."""

    async def run(scope: dict[str, Any]) -> list[int]:
        async with idle_worker(3600) as worker:
            await worker.asgi({"type": "http", **scope}, None, drop)  # type: ignore[arg-type]
            worker.activity.ended_s = worker.loop.time() - UNUSED_S
            await find_idle(worker)
        return [signals.pop() for _ in list(signals)]

    assert asyncio.run(run({})) == [signal.SIGTERM]
    assert asyncio.run(run({"satchel.use": True})) == []


async def drop(_message: Any) -> None:  # noqa: ANN401  as in ASGI
    """Send nothing."""


@asynccontextmanager
async def idle_worker(idle_s: int) -> AsyncIterator[Worker]:
    """Give gunicorn's worker as it is while it serves, after an hour without a request."""
    worker = Worker.__new__(Worker)
    loop = asyncio.get_running_loop()
    config, listener = Config(), socket.create_server(("127.0.0.1", 0))
    made: dict[str, Any] = {
        "app": SimpleNamespace(settings=SimpleNamespace(idle_exit_s=idle_s)), "cfg": config, "log": Logger(config),
        "loop": loop, "alive": True, "ppid": os.getpid(), "nr": 0, "nr_conns": 0, "max_requests": 100, "state": {},
        "sockets": [SimpleNamespace(sock=listener)], "tmp": SimpleNamespace(notify=lambda: None),
        "activity": Activity(loop.time() - 3600), "_is_waiting": True, "_is_ending": False, "_ending": None,
    }  # fmt: skip
    for name, value in made.items():
        setattr(worker, name, value)
    worker.asgi = worker.activity.count_requests(respond, loop)
    worker.servers = [await loop.create_server(lambda: gasgi.ASGIProtocol(worker), sock=listener)]
    try:
        yield worker
    finally:
        for server in worker.servers:
            server.close()
        worker.sockets[0].sock.close()


async def find_idle(worker: Worker) -> None:
    """Let the worker look whether it is idle, and wait for the consequence."""
    worker.notify()
    if worker._ending is not None:
        await worker._ending


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the signals that the worker sends instead of sending them."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _, number: sent.append(number))
    monkeypatch.setattr(GuardedProtocol, "connections", no_connections(), raising=False)
    monkeypatch.setattr(gasgi, "ASGIProtocol", GuardedProtocol)
    return sent


async def answer_of(client: socket.socket) -> bytes:
    """Return what the worker sends until it closes the connection."""
    received = b""
    async with asyncio.timeout(PATIENCE_S):
        while piece := await asyncio.get_running_loop().sock_recv(client, 65536):
            received += piece
    return received


@pytest.mark.usefixtures("signals")
def test_garbage_is_collected_from_the_moment_at_which_the_worker_serves() -> None:
    async def run() -> bool:
        async with idle_worker(0) as worker:
            worker._is_waiting = False  # it has not served yet
            prepare_worker(None, worker)
            assert not gc.isenabled()
            worker.notify()
            return gc.isenabled()

    try:
        assert asyncio.run(run())
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_connection_during_the_end_is_answered_or_still_waits(steps: int, signals: list[int]) -> None:
    """The request arrives `steps` turns of the event loop before the worker finds itself idle."""

    async def run() -> None:
        async with idle_worker(IDLE_S) as worker:
            address = worker.sockets[0].sock.getsockname()
            with connect(address) as client:
                client.sendall(REQUEST)
                client.setblocking(False)
                assert select.select([worker.sockets[0].sock], [], [], PATIENCE_S)[0]  # it is in the queue
                for _ in range(steps):
                    await asyncio.sleep(0)
                await find_idle(worker)
                assert signals or steps > 0  # the loop has not seen the connection yet
                assert not signals or steps < STEPS // 2
                if signals:
                    assert next_in_queue(worker.sockets[0].sock) == REQUEST
                    return
                assert (await answer_of(client)).startswith(b"HTTP/1.1 204 ")
                assert (await asyncio.to_thread(ask_once, address)).startswith(b"HTTP/1.1 204 ")

    asyncio.run(run())


def next_in_queue(listener: socket.socket) -> bytes:
    """Return what the connection has sent that waits in the queue of a listening socket."""
    listener.setblocking(True)
    accepted, _ = listener.accept()
    with accepted:
        return accepted.recv(65536)


def ask_once(address: tuple[str, int]) -> bytes:
    with connect(address) as client:
        return ask(client)


def test_without_the_setting_a_worker_never_ends(signals: list[int]) -> None:
    async def run() -> None:
        async with idle_worker(0) as worker:
            await find_idle(worker)

    asyncio.run(run())
    assert signals == []
