"""Copies of a golden cloud, to move between directories without a service."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel_service.settings import Settings

CLOUD = Path(__file__).parents[2] / "golden" / "clouds" / "v5" / "storage"
OLD_URL, NEW_URL = "https://old.example.org", "https://new.example.org"

MakeSettings = Callable[..., Settings]


def settings_of(folder: Path, url: str = "") -> Settings:
    """Return the settings of a cloud in a directory."""
    return Settings.read({"SATCHEL_STORAGE": f"file:{folder}", "SATCHEL_PUBLIC_URL": url})


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """A cloud of version 5 with a log of version 1."""
    shutil.copytree(CLOUD, tmp_path / "old")
    return settings_of(tmp_path / "old", OLD_URL)


@pytest.fixture
def new(tmp_path: Path) -> Settings:
    """An empty place for it."""
    return settings_of(tmp_path / "new", NEW_URL)
