"""A cloud in process, on real stores in a temporary directory, with a clock that the test turns."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.asgi import Answer, Call, Loopback
from tests.support.wire_device import WireDevice

from satchel_service.database import Database
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.server.app import make_app
from satchel_service.settings import Settings
from satchel_service.storage.directory import DirectoryStorage

PART_BYTES = 64 * 1024


class Clock:
    """Milliseconds since 1970 that stand still until they are told to go on.

    They begin at the real time, because files carry it.
    """

    def __init__(self) -> None:
        self.ms = time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self.ms

    def go_on(self, **delta: float) -> None:
        """Let time pass."""
        self.ms += int(timedelta(**delta).total_seconds() * 1000)

    def after(self, **delta: float) -> str:
        """A time to come, as the wire has it."""
        now = datetime.fromtimestamp(self.ms / 1000, UTC)
        return (now + timedelta(**delta)).isoformat()


class Entropy:
    """Bytes that never repeat and are the same in every run."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(self._drawn.to_bytes(8, "little")).digest(size)


@dataclass
class InProcess:
    """A running cloud: make requests with `device` (paired) or `stranger` (no token)."""

    environment: Environment
    loopback: Loopback
    clock: Clock
    folder: Path
    log: BytesIO
    device: WireDevice
    stranger: WireDevice

    def objects(self) -> list[str]:
        """The keys of every stored object."""
        return [info.key for info in self.environment.storage.list("")]


MakeCloud = Callable[..., InProcess]


@pytest.fixture
def make_cloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[MakeCloud]:
    """Start a cloud with settings of the test's own; with the token of a device, the one that it was paired with."""
    running: list[Loopback] = []

    def make(*, token: str = "", **env: str) -> InProcess:
        clock, entropy, log = Clock(), Entropy(), BytesIO()
        settings = Settings.read(
            {
                "SATCHEL_STORAGE": f"file:{tmp_path}",
                "SATCHEL_DATABASE_DIR": str(tmp_path / "local"),
                "SATCHEL_PART_BYTES": str(PART_BYTES),
                **env,
            }
        )
        environment = Environment(
            settings=settings,
            database=Database(),
            storage=DirectoryStorage(tmp_path, entropy),
            clock=clock,
            entropy=entropy,
        )
        loopback = Loopback(
            make_app(environment, JsonLog(log, "debug", lambda: datetime.now(UTC)), lambda: None)
        ).__enter__()
        running.append(loopback)

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            return loopback.call(Call(method, path, headers, [] if body is None else [body]))

        device = WireDevice(send, token)
        if not token:
            assert device.pair(capsys.readouterr().err.split()[2]).status == 201
        return InProcess(environment, loopback, clock, tmp_path, log, device, WireDevice(send))

    yield make
    for loopback in running:
        loopback.__exit__(None, None, None)


@pytest.fixture
def cloud(make_cloud: MakeCloud) -> InProcess:
    """A fresh cloud with one connected device."""
    return make_cloud()
