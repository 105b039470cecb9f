"""Every implementation of `Storage`, empty. Add a new one to IMPLEMENTATIONS to hold it to the same promises."""

import os
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from tests.support.buckets import gcs, moto_server, radosgw
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server

from satchel_service.storage import Storage
from satchel_service.storage.directory import DirectoryStorage
from satchel_service.storage.gcs import GcsStorage
from satchel_service.storage.s3 import S3Storage

__all__ = ["gcs", "moto_server", "radosgw"]


def bucket_of(server: S3Server | GcsFake) -> Storage:
    """A store in an unused prefix of a server's bucket."""
    return server.storage()


def directory(request: pytest.FixtureRequest) -> Storage:
    """Objects as files."""
    return DirectoryStorage(request.getfixturevalue("tmp_path"), os.urandom)


def moto_bucket(request: pytest.FixtureRequest) -> Storage:
    """A bucket on moto's server."""
    return bucket_of(request.getfixturevalue("moto_server"))


def radosgw_bucket(request: pytest.FixtureRequest) -> Storage:
    """A bucket on Ceph's S3 server."""
    return bucket_of(request.getfixturevalue("radosgw"))


def gcs_bucket(request: pytest.FixtureRequest) -> Storage:
    """A bucket on the fake of Google Cloud Storage."""
    return bucket_of(request.getfixturevalue("gcs"))


IMPLEMENTATIONS: Final[dict[str, Callable[[pytest.FixtureRequest], Storage]]] = {
    "directory": directory,
    "gcs": gcs_bucket,
    "moto": moto_bucket,
    "radosgw": radosgw_bucket,
}
TOOLS: Final = {"radosgw": [pytest.mark.tool("docker")]}


@pytest.fixture(params=[pytest.param(name, marks=TOOLS.get(name, [])) for name in IMPLEMENTATIONS])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """An empty, prepared store."""
    made = IMPLEMENTATIONS[request.param](request)
    made.prepare()
    yield made
    if isinstance(made, S3Storage | GcsStorage):
        made.close()
