"""The real service in process, on its own thread, on a folder that can be copied and put back."""

import asyncio
import contextlib
import io
import os
import threading
import time
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import Send
from tests.support.asgi import Answer, Call, answer_of, collector, http_scope, receiver

from satchel_service.database import Database
from satchel_service.devices.codes import create_grant
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.server.app import make_app
from satchel_service.settings import Settings
from satchel_service.storage.directory import DirectoryStorage

PART_BYTES: Final = 64 * 1024
SETTINGS: Final = {"SATCHEL_PART_BYTES": str(PART_BYTES)}


class RealCloud:
    """Answers requests with the application of the service. Everything it stores is in `folder`."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        storage = folder / "storage"
        storage.mkdir(parents=True, exist_ok=True)
        read = {
            "SATCHEL_STORAGE": f"file:{storage}",
            "SATCHEL_DATABASE_DIR": str(folder / "local"),
            **SETTINGS,
            **(settings or {}),
        }
        self._environment = Environment(
            settings=Settings.read(read),
            database=Database(),
            storage=DirectoryStorage(storage, os.urandom),
            clock=lambda: time.time_ns() // 1_000_000,
            entropy=os.urandom,
        )
        log = JsonLog(io.BytesIO(), "debug", lambda: datetime.now(UTC))
        self._app = make_app(self._environment, log, lambda: None)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._events: asyncio.Queue[Any] = asyncio.Queue()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the service's answer to a request."""
        return asyncio.run_coroutine_threadsafe(
            self._answer(Call(method, path, headers, [body])), self._loop
        ).result(60)

    def operators_code(self) -> str:
        """Return a pairing code as `satchel-service pair` makes it."""
        environment = self._environment
        return create_grant(environment.storage, environment.entropy(8), environment.clock()).text

    async def _answer(self, call: Call) -> Answer:
        sent: list[Any] = []
        headers = [(name.lower(), value) for name, value in call.headers.items()]
        await self._app(http_scope(call.method, call.path, headers), receiver(call), collector(sent))
        return answer_of(sent)

    async def _start(self) -> None:
        started = asyncio.Event()

        async def send(message: MutableMapping[str, Any]) -> None:
            started.set()
            if message["type"] == "lifespan.startup.failed":
                raise RuntimeError(message.get("message", ""))

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.4"}, "state": {}}
        self._lifespan = asyncio.create_task(self._live(scope, send))
        await self._events.put({"type": "lifespan.startup"})
        await started.wait()

    async def _live(self, scope: dict[str, Any], send: Send) -> None:
        await self._app(scope, self._events.get, send)

    async def _stop(self) -> None:
        await self._events.put({"type": "lifespan.shutdown"})
        await self._lifespan

    def __enter__(self) -> Self:
        self._thread.start()
        with contextlib.redirect_stderr(io.StringIO()):  # the pairing code of a new cloud
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def json_headers(token: str = "") -> dict[str, str]:
    """Return the headers of a request with a message."""
    signed = {"Authorization": f"Bearer {token}"} if token else {}
    return {"Content-Type": "application/json", "Host": "127.0.0.1", **signed}
