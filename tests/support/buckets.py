"""Fixtures of bucket servers, for a conftest to import."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server, moto, shared_radosgw


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """The directory shared by all workers of a test run."""
    own = factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def radosgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with shared_radosgw(run_folder(tmp_path_factory)) as server:
        yield server


@pytest.fixture(scope="session")
def gcs() -> Iterator[GcsFake]:
    with GcsFake() as fake:
        yield fake
