"""A running cloud, the owner's connected device, and a sender with only a link."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret

ROOT = RootSecret(b"\x6b" * 32)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """Start one cloud for all tests of a module; their requests do not affect each other."""
    with ServiceProcess(tmp_path_factory.mktemp("service") / "cloud") as running:
        yield running


@pytest.fixture(scope="module")
def owner(service: ServiceProcess, tmp_path_factory: pytest.TempPathFactory) -> Device:
    device = Device(tmp_path_factory.mktemp("owner") / "home", ROOT)
    device.run("connect", service.url, "--pair", service.pairing_code, "--label", "desk")
    return device


@pytest.fixture
def colleague(tmp_path: Path) -> Device:
    """A device on which satchel has never been used."""
    return Device(tmp_path / "nowhere")
