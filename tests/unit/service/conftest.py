"""A cloud in process, on a real database and storage in a temporary directory, with a clock that tests control."""

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
from satchel_service.devices.codes import create_grant
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.server.app import make_app
from satchel_service.settings import Settings
from satchel_service.storage.directory import DirectoryStorage

PART_BYTES = 64 * 1024


class Clock:
    """A clock in milliseconds since 1970 that advances only on request.

    It starts at the real time, because the modification times of files are real.
    """

    def __init__(self) -> None:
        self.ms = time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self.ms

    def advance(self, **delta: float) -> None:
        """Advance the clock."""
        self.ms += int(timedelta(**delta).total_seconds() * 1000)

    def after(self, **delta: float) -> str:
        """Return a later time as on the wire."""
        now = datetime.fromtimestamp(self.ms / 1000, UTC)
        return (now + timedelta(**delta)).isoformat()


class Entropy:
    """Unique bytes that are the same in every run."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(self._drawn.to_bytes(8, "little")).digest(size)


@dataclass
class InProcess:
    """A running cloud. Send requests with `device` (paired) or `stranger` (no token)."""

    environment: Environment
    loopback: Loopback
    clock: Clock
    folder: Path
    log: BytesIO
    device: WireDevice
    stranger: WireDevice

    def objects(self) -> list[str]:
        """Return the keys of all stored objects."""
        return [info.key for info in self.environment.storage.list("")]

    def operators_code(self) -> str:
        """Return a new pairing code of the operator, as `satchel-service pair` makes it."""
        return create_grant(self.environment.storage, self.environment.entropy(8), self.clock()).text

    def erase(self, code: str = "") -> Answer:
        """Erase the cloud with a code of the operator."""
        return self.device.call("POST", "/v1/cloud/erase", {"code": code or self.operators_code()})


MakeCloud = Callable[..., InProcess]


@pytest.fixture
def make_cloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[MakeCloud]:
    """Return a function that starts a cloud with these settings, and pairs a device unless it is given a token."""
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
    """Return a new cloud with one connected device."""
    return make_cloud()
