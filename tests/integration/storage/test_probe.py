"""The probe at start, on real servers: it accepts stores that refuse a second create and no others."""

import asyncio
import secrets
from pathlib import Path

import pytest
from tests.support.gcs_fake import GcsFake
from tests.support.rclone import rclone_server
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess

from satchel_service.log.errors import UnsafeStoreError
from satchel_service.log.store import PROBE_PREFIX, probe_store
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.storage import Storage
from satchel_service.storage.gcs import GcsStorage
from satchel_service.storage.s3 import S3Storage


def probe(storage: Storage) -> None:
    """Probe a store as the service does at start."""
    store = ThreadedStore(storage)
    try:
        asyncio.run(probe_store(store, "here", secrets.token_hex(8)))
    finally:
        store.close()
    if isinstance(storage, S3Storage | GcsStorage):
        storage.close()


def test_moto_passes(moto_server: S3Server) -> None:
    storage = moto_server.storage()
    probe(storage)
    assert [info.key for info in storage.list(PROBE_PREFIX)] == [f"{PROBE_PREFIX}passed-here"]
    probe(storage)


@pytest.mark.tool("docker")
def test_radosgw_passes(radosgw: S3Server) -> None:
    probe(radosgw.storage())


def test_google_s_api_passes(gcs: GcsFake) -> None:
    probe(gcs.storage())


def test_rclone_is_refused(tmp_path: Path) -> None:
    with rclone_server(tmp_path) as server:
        storage = server.storage()
        with pytest.raises(UnsafeStoreError, match="does not refuse to create an object that already exists"):
            probe(storage)
        assert list(storage.list(PROBE_PREFIX)) == []
        storage.close()


def test_the_service_does_not_start_on_rclone_and_says_why_in_one_line(tmp_path: Path) -> None:
    with rclone_server(tmp_path) as server:
        service = ServiceProcess(tmp_path / "cloud", server.environ("clouds/one"))
        with pytest.raises(RuntimeError, match="did not start"):
            service.start()
        assert service.wait() > 0
        (line,) = service.errors.read_text().splitlines()
    assert line.startswith("satchel-service: cannot start: the store does not refuse to create an object")
    assert "If-None-Match" in line


def test_the_service_says_at_start_that_google_s_storage_is_experimental(
    gcs: GcsFake, tmp_path: Path, moto_server: S3Server
) -> None:
    with ServiceProcess(tmp_path / "google", gcs.environ("clouds/one")) as service:
        first = service.errors.read_text().splitlines()[0]
    assert first.startswith("satchel-service: Google Cloud Storage is experimental")
    assert "check-storage" in first
    with ServiceProcess(tmp_path / "s3", moto_server.environ("clouds/one")) as service:
        assert "experimental" not in service.errors.read_text()
