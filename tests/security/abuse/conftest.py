"""Clouds under attack: a real process, a device of its owner, and the check that follows every attack."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import pytest
import urllib3
from tests.support.asgi import Answer
from tests.support.service import ServiceProcess
from tests.support.storm import sender
from tests.support.wire_device import Send, WireDevice
from tests.unit.service.conftest import make_cloud

__all__ = ["make_cloud"]

PART_BYTES: Final = 256 * 1024
WORKER_MIB: Final = 150
IDLE_FILES: Final = 60  # descriptors of a worker without connections, with room for libraries
LINE_BYTES: Final = 4096
BODY: Final = b"the sealed body"


class AttackedCloud:
    """A cloud as a process, with a paired device and a share that its owner keeps open for a friend."""

    def __init__(self, service: ServiceProcess) -> None:
        self.service = service
        self.url = service.url
        self.device = WireDevice(send_alone(service.url))
        self.stranger = WireDevice(send_alone(service.url))
        assert self.device.pair(service.pairing_code).status == 201
        self.share = self.device.share(BODY)

    @property
    def worker(self) -> Path:
        """The worker's directory in /proc."""
        assert self.service.process is not None
        supervisor = self.service.process.pid
        (worker,) = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        return Path("/proc", worker)

    def status_kib(self, name: str) -> int:
        """Return a size from the worker's status in KiB, such as VmRSS or VmHWM."""
        lines = (self.worker / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])

    def open_files(self) -> int:
        """Return how many descriptors the worker has open."""
        return len(list((self.worker / "fd").iterdir()))

    def lines(self) -> list[bytes]:
        """Return the whole lines of the log; the last one may be in the middle of being written."""
        return self.service.output.read_bytes().split(b"\n")[:-1]

    def entries(self, *events: str) -> list[dict[str, Any]]:
        """Return the entries of the log, all or those of these events. Each line must be a JSON object."""
        found = []
        for line in self.lines():
            entry = json.loads(line)
            assert isinstance(entry, dict)
            found.append(entry)
        return [entry for entry in found if not events or entry["event"] in events]

    def log_bytes(self) -> int:
        """Return the size of the log."""
        return self.service.output.stat().st_size

    def check(self) -> None:
        """Check that the cloud serves its owner and friends, in bounded memory, with a whole log and nothing left over."""
        assert self.stranger.open(self.share).body == BODY
        assert self.device.call("GET", "/v1/status").status == 200
        assert self.status_kib("VmHWM") < WORKER_MIB * 1024
        lines = self.lines()
        assert [line for line in lines if json.loads(line)["level"] not in ("debug", "info")] == []
        assert max(map(len, lines)) < LINE_BYTES
        assert list((self.service.folder / "staging").iterdir()) == []


def send_alone(url: str) -> Send:
    """Return a function that sends each request on a connection of its own."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with urllib3.PoolManager() as pool:
            return sender(pool, url)(method, path, {**headers, "Connection": "close"}, body)

    return send


class Clouds:
    """Starts clouds and stops them at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services: list[ServiceProcess] = []

    def start(self, settings: Mapping[str, str] | None = None) -> AttackedCloud:
        """Start a cloud with these settings."""
        service = ServiceProcess(
            self._folder / f"cloud{len(self._services)}",
            {"SATCHEL_PART_BYTES": str(PART_BYTES), **(settings or {})},
        )
        self._services.append(service.start())
        return AttackedCloud(service)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for service in self._services:
            service.kill()


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    """Start clouds for the tests of a module."""
    with Clouds(tmp_path_factory.mktemp("clouds")) as made:
        yield made


@pytest.fixture(scope="module")
def shared_cloud(clouds: Clouds) -> AttackedCloud:
    """One cloud for all tests of the module."""
    return clouds.start()


@pytest.fixture
def cloud(shared_cloud: AttackedCloud) -> Iterator[AttackedCloud]:
    """The module's cloud, checked after every test."""
    yield shared_cloud
    shared_cloud.check()
