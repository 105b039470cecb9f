"""The real client, the real service and a real bucket: backups and shares make the round trip."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
from satchel_service.storage import Storage

ROOT = RootSecret(b"\x2a" * 32)
PART_BYTES = 5 * 1024 * 1024
LARGE = os.urandom(2 * PART_BYTES + 54_321)


@dataclass
class Cloud:
    """A service on a bucket; `wire` is the proxy between clients and the bucket, `truth` bypasses it."""

    service: ServiceProcess
    wire: FaultProxy
    truth: Storage

    def device(self, home: Path) -> Device:
        """A connected device."""
        device = Device(home, ROOT)
        device.run("connect", self.service.url, "--pair", self.service.pairing_code)
        return device

    def keys(self) -> list[str]:
        """The keys of archives and shares in the bucket."""
        return [info.key for prefix in ("archives/", "shares/") for info in self.truth.list(prefix)]


WAYS = [
    pytest.param("direct", marks=pytest.mark.tool("docker")),
    pytest.param("through-the-service", marks=pytest.mark.tool("docker")),
    "google",
]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """How parts reach the bucket."""
    return str(request.param)


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path, way: str) -> Iterator[Cloud]:
    with running(request.getfixturevalue("gcs" if way == "google" else "radosgw"), tmp_path, way) as made:
        yield made


@contextmanager
def running(server: S3Server | GcsFake, folder: Path, way: str) -> Iterator[Cloud]:
    """A cloud in an unused prefix."""
    prefix = f"clouds/{folder.name}-{os.urandom(4).hex()}"
    truth = server.storage(f"{prefix}/")
    with FaultProxy(server.endpoint) as wire:
        settings = {
            **server.environ(prefix),
            "SATCHEL_S3_PUBLIC_ENDPOINT": wire.url if way == "direct" else "none",
            "SATCHEL_DATABASE_DIR": str(folder),
            "SATCHEL_PART_BYTES": str(PART_BYTES),
            "SATCHEL_ARCHIVE_BYTES": str(2**30),
        }
        with ServiceProcess(folder / "cloud", settings) as service:
            yield Cloud(service, wire, truth)
    truth.close()


def test_a_backup_goes_to_the_bucket_in_parts_and_is_restored(cloud: Cloud, tmp_path: Path, way: str) -> None:
    device = cloud.device(tmp_path / "home")
    saved = device.save(LARGE, title="large")
    device.run("backup")
    puts = [seen for seen in cloud.wire.seen if seen.method == "PUT" and "partNumber=" in seen.target]
    assert len(puts) == (3 if way == "direct" else 0)
    assert len(cloud.keys()) == 1
    assert all(b"authorization" not in seen.head.lower() for seen in puts)
    other = tmp_path / "other"
    device.run("restore", "latest", "--into", other)
    assert Device(other).run("show", saved).stdout == LARGE


def test_a_code_created_while_the_service_is_stopped_connects_a_device(cloud: Cloud, tmp_path: Path) -> None:
    cloud.service.stop()
    code = cloud.service.new_pairing_code()
    cloud.service.start()
    Device(tmp_path / "home", ROOT).run("connect", cloud.service.url, "--pair", code)
    assert list(cloud.truth.list("pairings/")) == []


def test_a_share_is_published_opened_and_revoked(cloud: Cloud, tmp_path: Path) -> None:
    device, stranger = cloud.device(tmp_path / "home"), Device(tmp_path / "nowhere")
    share = device.json("share", device.save(b"print(1)", title="one"), "--views", "2")
    assert stranger.run("get", share["link"]).stdout == b"print(1)"
    assert len(cloud.keys()) == 1
    device.run("shares", "revoke", share["id"])
    stranger.run("get", share["link"], code=3)


@pytest.mark.slow
@pytest.mark.parametrize("way", [WAYS[0]], indirect=True)
def test_an_interrupted_upload_resumes_with_the_missing_parts(cloud: Cloud, tmp_path: Path) -> None:
    device = cloud.device(tmp_path / "home")
    saved = device.save(LARGE, title="large")
    cloud.wire.behave = lambda seen: Fault("down", is_reset=True) if "partNumber=2" in seen.target else None
    device.run("backup", code=6)
    assert cloud.keys() == []
    cloud.wire.fail()
    device.run("backup")
    assert sum("partNumber=1" in seen.target for seen in cloud.wire.seen) == 0
    other = tmp_path / "other"
    device.run("restore", "latest", "--into", other)
    assert Device(other).run("show", saved).stdout == LARGE
