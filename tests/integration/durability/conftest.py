"""Where a cloud's objects and log may lie, for tests that kill the cloud."""

import random
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.buckets import moto_server

__all__ = ["moto_server"]


@pytest.fixture(params=["directory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """What tells a service to use a directory, or a prefix of a bucket and no directory at all."""
    if request.param == "directory":
        return {"SATCHEL_STORAGE": f"file:{tmp_path / 'shared'}"}
    server = request.getfixturevalue("moto_server")
    return {**server.environ(f"clouds/{secrets.token_hex(8)}"), "SATCHEL_S3_PUBLIC_ENDPOINT": "none"}


@pytest.fixture
def seed() -> int:
    """The seed of this run, shown when the test fails."""
    chosen = random.SystemRandom().randrange(2**32)
    print("seed", chosen)  # noqa: T201
    return chosen
