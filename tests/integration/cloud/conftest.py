"""A fresh cloud with small parts, and a device that is connected to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret

PART_BYTES = 65536  # the least that the service cuts
ROOT = RootSecret(b"\x6b" * 32)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path / "cloud", {"SATCHEL_PART_BYTES": str(PART_BYTES)}) as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Device:
    """A device with a store and keys that knows no cloud."""
    return Device(tmp_path / "home", ROOT)


@pytest.fixture
def device(service: ServiceProcess, alone: Device) -> Device:
    alone.run("connect", service.url, "--pair", service.pairing_code, "--label", "desk")
    return alone
