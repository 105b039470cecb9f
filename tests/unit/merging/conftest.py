"""Stores of two devices that began as copies of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.merging import Devices

from satchel.store import Draft, Piece, Store


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    with Devices(tmp_path) as made:
        yield made


@pytest.fixture
def ours(devices: Devices) -> Store:
    """A store with one Piece."""
    store = devices.new("ours")
    store.add(Draft(b"content", title="shared"))
    return store


@pytest.fixture
def theirs(devices: Devices, ours: Store) -> Store:
    """A copy of it on another device."""
    return devices.copy(ours, "theirs")


@pytest.fixture
def piece(ours: Store) -> Piece:
    """The Piece that both stores hold."""
    return next(ours.pieces())
