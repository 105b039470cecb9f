"""Clouds in process with real randomness, and everything that they store, to compare before and after."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from tests.support.asgi import Answer, Call, Loopback
from tests.support.sign_in_proofs import IN_PROCESS
from tests.support.wire_device import WireDevice
from tests.unit.service.conftest import PART_BYTES, Clock

from satchel_service.database import Database, rows
from satchel_service.devices.codes import create_grant
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.server.app import make_app
from satchel_service.settings import Settings
from satchel_service.storage.directory import DirectoryStorage


class Served(Protocol):
    """What a request needs of a cloud: a connected device, and whatever makes more of them."""

    device: WireDevice
    devices: list[WireDevice]

    @property
    def stranger(self) -> WireDevice:
        """Someone without a token."""

    def now_s(self) -> int:
        """Return the cloud's time in seconds since 1970."""

    @property
    def origin(self) -> str:
        """The cloud's address, as devices know it."""

    def operators_code(self) -> str:
        """Return a new pairing code of the operator."""

    def connect(self) -> WireDevice:
        """Connect another device."""


@dataclass(frozen=True)
class Stored:
    """Every row and every stored file of a cloud; files by digest, so that a failure prints little."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    files: Mapping[str, str]


@dataclass
class TestCloud:
    """A running cloud in process; `device` is connected, `stranger` has no token."""

    __test__ = False

    environment: Environment
    loopback: Loopback
    clock: Clock
    folder: Path
    device: WireDevice = field(init=False)
    devices: list[WireDevice] = field(default_factory=list)
    origin: str = IN_PROCESS

    def now_s(self) -> int:
        """Return the cloud's time in seconds since 1970."""
        return self.clock() // 1000

    @property
    def stranger(self) -> WireDevice:
        """Someone without a token."""
        return WireDevice(self.send)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send one request."""
        return self.loopback.call(Call(method, path, headers, [] if body is None else [body]))

    def operators_code(self) -> str:
        """Return a new pairing code, as `satchel-service pair` makes it."""
        return create_grant(self.environment.storage, os.urandom(8), self.clock()).text

    def connect(self) -> WireDevice:
        """Connect another device."""
        device = WireDevice(self.send)
        assert device.pair(self.operators_code()).status == 201
        self.devices.append(device)
        return device

    def stored(self) -> Stored:
        """Return everything that the cloud stores."""
        return Stored(self.loopback.run(self.environment.database.read(all_rows)), all_files(self.folder))


def all_rows(db: Any) -> dict[str, list[tuple[Any, ...]]]:  # noqa: ANN401  a connection
    """Return the rows of every table."""
    tables = [
        name for (name,) in rows(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return {name: sorted(rows(db, f"SELECT * FROM {name}"), key=repr) for name in tables}


def all_files(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@contextmanager
def cloud_in(folder: Path, **env: str) -> Iterator[TestCloud]:
    """Run a cloud whose objects are in `folder`, with one connected device, on which the owner has just signed in."""
    from tests.security.matrix.signing_in import claim, issuer

    settings = Settings.read(
        {
            "SATCHEL_STORAGE": f"file:{folder}",
            "SATCHEL_DATABASE_DIR": str(folder.with_name(f"{folder.name}.local")),
            "SATCHEL_PART_BYTES": str(PART_BYTES),
            **issuer().settings,
            **env,
        }
    )
    clock = Clock()
    environment = Environment(settings, Database(), DirectoryStorage(folder, os.urandom), clock, os.urandom)
    log = JsonLog(BytesIO(), "debug", lambda: datetime.now(UTC))
    with Loopback(make_app(environment, log, lambda: None)) as loopback:
        cloud = TestCloud(environment, loopback, clock, folder)
        cloud.device = claim(cloud)
        cloud.devices.append(cloud.device)
        yield cloud
