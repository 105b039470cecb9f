"""The fixture `place`."""

from pathlib import Path

import pytest
from tests.infra.provisioning.deployment import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A deployment without clouds."""
    return Place(tmp_path)
