"""A running cloud for each test, and devices that talk to it over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from tests.support.asgi import Answer
from tests.support.service import ServiceProcess
from tests.support.wire_device import WireDevice

PART_BYTES = 4 * 1024 * 1024  # large enough that half of a part reaches the disk before the rest arrives
Connect = Callable[[ServiceProcess], WireDevice]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """Start a fresh cloud; a device needs its `url` and `pairing_code`."""
    with ServiceProcess(tmp_path / "cloud", {"SATCHEL_PART_BYTES": str(PART_BYTES)}) as running:
        yield running


def has_begun(service: ServiceProcess) -> bool:
    """Whether any byte of an unfinished upload is on the disk."""
    return any(body.stat().st_blocks for body in service.folder.glob("uploads/*/body"))


@contextmanager
def connecting() -> Iterator[Connect]:
    """Make devices and close their connections at the end."""
    pools: list[urllib3.PoolManager] = []

    def make(service: ServiceProcess) -> WireDevice:
        pool = urllib3.PoolManager(maxsize=64)
        pools.append(pool)

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            done = pool.request(
                method,
                service.url + path,
                body=body,
                headers=headers,
                retries=False,
                timeout=30.0,
                redirect=False,
            )
            return Answer(
                done.status, {name.lower(): value for name, value in done.headers.items()}, done.data
            )

        return WireDevice(send)

    yield make
    for pool in pools:
        pool.clear()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make devices that talk to a service."""
    with connecting() as make:
        yield make


@pytest.fixture(scope="module")
def module_connect() -> Iterator[Connect]:
    """Make devices for all tests of the module."""
    with connecting() as make:
        yield make


@pytest.fixture
def device(service: ServiceProcess, connect: Connect) -> WireDevice:
    """A connected device."""
    made = connect(service)
    assert made.pair(service.pairing_code).status == 201
    return made
