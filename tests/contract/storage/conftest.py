"""Every implementation of `Storage`, empty: a new one is added to IMPLEMENTATIONS and held to the same promises."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel_service.storage import Storage
from satchel_service.storage.directory import DirectoryStorage


def directory(folder: Path) -> Storage:
    """Objects as files."""
    return DirectoryStorage(folder, os.urandom)


IMPLEMENTATIONS: dict[str, Callable[[Path], Storage]] = {"directory": directory}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty store that is ready."""
    made = IMPLEMENTATIONS[request.param](tmp_path)
    made.prepare()
    return made
