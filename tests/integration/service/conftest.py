"""A running cloud for every test, and a client of plain HTTP calls."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.service import ServiceProcess


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A fresh cloud; `service.url` and `service.pairing_code` are what a device needs."""
    with ServiceProcess(tmp_path / "cloud") as running:
        yield running
