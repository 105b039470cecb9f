"""gunicorn's worker, which ends the service once nobody uses it and stops without delay.

The service is idle when no request has been in progress and no connection has sent a byte for `SATCHEL_IDLE_EXIT_S`. It
then stops accepting connections, looks again, and stops like a service that received SIGTERM. A connection that was
accepted in between is served, and accepting resumes. One that was not accepted yet stays in the queue of the listening
socket; under socket activation systemd keeps that socket, and the next process serves it. So no request is lost.

A service that no device, owner or recipient has used since its start ends after `UNUSED_S`, so a stranger who knows a
host name, but no token and no share, wakes it only briefly. The application marks the scopes of their requests.

Idle connections do not keep the service awake: gunicorn closes those that had a request, and this module those that have
sent nothing for `SILENT_S`.
"""

import asyncio
import os
import signal
from typing import Final

from gunicorn.workers import gasgi  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Receive, Scope, Send

from satchel_service.server.connections import Connections, GuardedProtocol
from satchel_service.server.gunicorn_server import enable_gc

UNUSED_S: Final = 10
SILENT_S: Final = 3.0  # how long a connection may send nothing before it counts as idle; clients send at once
ACCEPTING_STEPS: Final = (
    10  # of the event loop; asyncio takes three from accepting a connection to reading from it
)


class Activity:
    """The requests in progress, the time at which the last one ended, and whether any was a use."""

    def __init__(self, now_s: float) -> None:
        self.requests = 0
        self.ended_s = now_s
        self.is_used = False

    def count_requests(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> ASGIApp:
        """Return an application that counts the requests of `app`."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            self.requests += 1
            try:
                await app(scope, receive, send)
            finally:
                self.requests -= 1
                self.ended_s = loop.time()
                self.is_used = self.is_used or "satchel.use" in scope

        return counted

    def is_idle(self, connections: Connections, now_s: float, idle_s: float) -> bool:
        """Return whether no request has come for `idle_s`, and no open connection may be about to send one."""
        last_s = max(self.ended_s, connections.received_s)
        return not self.requests and now_s - last_s >= idle_s and connections.are_silent(now_s, SILENT_S)


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]  # gunicorn is not typed
    """One worker. Its supervisor's application is a `gunicorn_server.Server`."""

    servers: list[asyncio.Server]

    def init_process(self) -> None:
        """Prepare what `notify` needs, and serve."""
        self._serving: asyncio.Task[None] | None = None
        self._is_waiting = False  # for the end of the current second
        self._is_ending = False
        self._ending: asyncio.Task[None] | None = None  # keeps the task alive
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application and count its requests."""
        super().load_wsgi()
        self.activity = Activity(self.loop.time())
        self.asgi: ASGIApp = self.activity.count_requests(self.asgi, self.loop)

    async def _serve(self) -> None:
        self._serving = asyncio.current_task()
        await super()._serve()

    def notify(self) -> None:
        """Do what is due once a second while the worker serves."""
        super().notify()
        if not self._is_waiting:
            self._is_waiting = True
            enable_gc()
            for listener in self.sockets:
                listener.sock.listen(self.cfg.backlog)  # asyncio reduced it to 100
        if self._is_idle() and not self._is_ending:
            self._is_ending = True
            self._ending = self.loop.create_task(self._end_if_idle())

    def _idle_s(self) -> int:
        """Return how many seconds without a request end the service; 0: none do."""
        limit_s: int = self.app.settings.idle_exit_s
        return limit_s if self.activity.is_used else min(limit_s, UNUSED_S)

    def _is_idle(self) -> bool:
        idle_s = self._idle_s()
        connections = GuardedProtocol.connections
        return bool(idle_s) and self.activity.is_idle(connections, self.loop.time(), idle_s)

    async def _end_if_idle(self) -> None:
        """Stop accepting; end the service if it is still idle, and accept again otherwise."""
        await self._stop_accepting()
        if self._is_idle():
            self.log.info("No request for %d s: ending", self._idle_s())
            GuardedProtocol.connections.close_all()
            os.kill(self.ppid, signal.SIGTERM)
        else:
            await self._accept_again()
            self._is_ending = False

    async def _stop_accepting(self) -> None:
        """Leave new connections in the queues of the sockets, and hand over those that are accepted already.

        A server that is closed at once would drop the latter.
        """
        for listener in self.sockets:
            self.loop.remove_reader(listener.sock)
        for _ in range(ACCEPTING_STEPS):
            await asyncio.sleep(0)

    async def _accept_again(self) -> None:
        old, self.servers = self.servers, []
        for listener in self.sockets:
            listener.sock = listener.sock.dup()  # the old server closes the one that it was given
            server = await self.loop.create_server(
                lambda: gasgi.ASGIProtocol(self), sock=listener.sock, backlog=self.cfg.backlog
            )
            self.servers.append(server)
        for server in old if self.alive else [*old, *self.servers]:  # a signal can come in between
            server.close()

    def handle_exit_signal(self) -> None:
        """Stop at once; gunicorn would first wait for the end of its current second."""
        super().handle_exit_signal()
        if self._is_waiting and self._serving is not None:
            self._is_waiting = False
            self._serving.cancel()

    async def _shutdown(self) -> None:
        self._is_waiting = False
        await self._stop_accepting()
        await super()._shutdown()
