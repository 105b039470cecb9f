"""A home with a small store, and a destination."""

from pathlib import Path

import pytest
from tests.support.archives import FolderDestination, make_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_store(tmp_path / "home", pieces=40, size_bytes=3000)


@pytest.fixture
def destination(tmp_path: Path) -> FolderDestination:
    return FolderDestination(tmp_path / "destination")
