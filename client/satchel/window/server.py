"""The server of a window: it listens on loopback alone, and ends some seconds after its last page has closed.

listener = Listener(port=0)
listener.serve(window)           # until the pages are closed, or a signal ends it
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

import uvicorn

from satchel.errors import SatchelError
from satchel.loopback import listen
from satchel.window.application import application
from satchel.window.calls import Window
from satchel.window.drafts import DraftFolder
from satchel.window.endpoints import find_endpoint
from satchel.window.threads import Threads
from satchel.window.watching import Watch

GRACE_S: Final = 8.0
"""How long a window without a page stays: a page that reloads is gone for a moment."""
FIRST_PAGE_S: Final = 600.0
"""How long it waits for its first page."""
LOOK_S: Final = 0.3
"""How often it looks for changes by other programs."""
MAX_CONNECTIONS: Final = 256
FIRST_OPERATIONS: Final = ("hello", "find", "read_piece")
END_S: Final = 5
"""How long requests that are being answered may take at the end."""


class Listener:
    """A listener on loopback, never on another address; on any free port if `port` is 0."""

    def __init__(self, port: int) -> None:
        """Begin to listen. SatchelError if the port is not free."""
        hint = "choose another port, or leave it out for any"
        self._socket = listen(port, pending=MAX_CONNECTIONS, hint=hint)
        self.port = int(self._socket.getsockname()[1])

    def serve(self, window: Window, *, grace_s: float = GRACE_S, first_page_s: float = FIRST_PAGE_S) -> None:
        """Serve a window until its pages are closed, a signal comes, or no page comes at all."""
        _silence()
        threading.Thread(target=_prepare, args=(window,), name="satchel-window", daemon=True).start()
        try:
            asyncio.run(_serve(self._socket, window, grace_s, first_page_s))
        finally:
            window.close()
            self._socket.close()


class _Quiet(uvicorn.Server):
    """A server that leaves signals to its caller."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _serve(own: socket.socket, window: Window, grace_s: float, first_page_s: float) -> None:
    config = uvicorn.Config(
        application(window),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        date_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=END_S,
    )
    server = _Quiet(config)
    window.hub.open()
    stop = asyncio.Event()
    threads = Threads(1)
    with _stopping(stop):
        # First, so that a page hears of everything that changes after its first answer.
        watch = await threads.run(partial(Watch, window.home))
        tasks = [
            asyncio.create_task(_watch(window, watch, threads)),
            asyncio.create_task(_end_when_unused(window, stop, grace_s, first_page_s)),
        ]
        ending = asyncio.create_task(_end(server, window, stop))
        try:
            await server.serve(sockets=[own])
        finally:
            for task in (*tasks, ending):
                task.cancel()


@contextmanager
def _stopping(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and the signals of an ending session stop the server."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in wanted:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)


async def _end(server: uvicorn.Server, window: Window, stop: asyncio.Event) -> None:
    """End the server once it is to stop: the pages hear of it first."""
    await stop.wait()
    window.jobs.cancel_all()
    window.hub.close()
    server.should_exit = True


async def _end_when_unused(window: Window, stop: asyncio.Event, grace_s: float, first_page_s: float) -> None:
    """Stop once no page is open and no job runs."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not stop.is_set():
        await asyncio.sleep(min(LOOK_S, grace_s))
        is_awaited = not window.hub.was_followed and loop.time() - began < first_page_s
        is_over = not window.hub.followers and not is_awaited and window.jobs.running == 0
        if is_over and (not window.hub.was_followed or window.hub.idle_s() >= grace_s):
            stop.set()


async def _watch(window: Window, watch: Watch, threads: Threads) -> None:
    """Tell the pages what other programs change."""
    while True:
        await asyncio.sleep(LOOK_S)
        if window.hub.followers:
            with suppress(SatchelError):
                for event in await threads.run(watch.look):
                    window.hub.publish(event)


def _prepare(window: Window) -> None:
    """Load what the first requests need, while the browser starts, and remove what killed windows left."""
    for name in FIRST_OPERATIONS:
        find_endpoint(name)
    with suppress(SatchelError), window.call("filters").core.open_store(read_only=True) as store:
        window.catalogue.refresh(store)
    for folder in (window.uploads, DraftFolder(window.home)):
        with suppress(SatchelError):
            folder.sweep()


def _silence() -> None:
    """Log nothing of the libraries: their messages may quote what a page sent."""
    for name in ("asyncio", "starlette", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
