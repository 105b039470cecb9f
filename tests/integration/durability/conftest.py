"""Storages of a cloud, for tests that kill it."""

import os
import random
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.support.buckets import moto_server, radosgw

if TYPE_CHECKING:
    from tests.support.s3_servers import S3Server

__all__ = ["moto_server", "radosgw"]

SERVERS: Final = {"bucket": "moto_server", "radosgw": "radosgw"}


@pytest.fixture(params=["directory", "bucket"])
def storage_environ(
    request: pytest.FixtureRequest, tmp_path: Path, compiled: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the settings of a service on a directory, or on a prefix of a bucket."""
    if request.param == "directory":
        return {**compiled, "SATCHEL_STORAGE": f"file:{tmp_path / 'shared'}"}
    server: S3Server = request.getfixturevalue(SERVERS[request.param])
    bucket = server.environ(f"clouds/{secrets.token_hex(8)}")
    return {**compiled, **bucket, "SATCHEL_S3_PUBLIC_ENDPOINT": "none"}


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return settings that keep compiled bytecode, as an installed service does, which makes starts much faster."""
    return {
        "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled")),
        "PYTHONDONTWRITEBYTECODE": "",
    }


@pytest.fixture
def seed() -> int:
    """Return the seed of this run, printed when the test fails. SATCHEL_STORM_SEED repeats a run."""
    chosen = int(os.environ.get("SATCHEL_STORM_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
    print("seed", chosen)  # noqa: T201
    return chosen
