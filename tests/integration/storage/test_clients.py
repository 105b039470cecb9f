"""The real client, the real service and a real bucket: parts go straight to the bucket, and everything comes back."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret

pytestmark = pytest.mark.tool("docker")

ROOT = RootSecret(b"\x2a" * 32)
PART_BYTES = 5 * 1024 * 1024
LARGE = os.urandom(2 * PART_BYTES + 54_321)


@dataclass
class Cloud:
    """A service on a bucket; `wire` is what clients use to reach the bucket."""

    service: ServiceProcess
    wire: FaultProxy
    bucket: S3Server
    prefix: str

    def device(self, home: Path) -> Device:
        """A connected device."""
        device = Device(home, ROOT)
        device.run("connect", self.service.url, "--pair", self.service.pairing_code)
        return device

    def keys(self) -> list[str]:
        """What the bucket holds of blobs, as the bucket tells it."""
        listed = self.bucket.client().list_objects_v2(Bucket=self.bucket.bucket, Prefix=f"{self.prefix}/")
        names = [item["Key"].removeprefix(f"{self.prefix}/") for item in listed.get("Contents", [])]
        return [name for name in names if name.startswith(("archives/", "shares/"))]


@pytest.fixture(params=["straight", "through-the-service"])
def is_straight(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "straight")


@pytest.fixture
def cloud(radosgw: S3Server, tmp_path: Path, is_straight: bool) -> Iterator[Cloud]:
    prefix = f"clouds/{tmp_path.name}-{os.urandom(4).hex()}"
    with FaultProxy(radosgw.endpoint) as wire:
        settings = {
            **radosgw.environ(prefix),
            "SATCHEL_S3_PUBLIC_ENDPOINT": wire.url if is_straight else "none",
            "SATCHEL_DATABASE_DIR": str(tmp_path / "database"),
            "SATCHEL_PART_BYTES": str(PART_BYTES),
            "SATCHEL_ARCHIVE_BYTES": str(2**30),
        }
        with ServiceProcess(tmp_path / "cloud", settings) as service:
            yield Cloud(service, wire, radosgw, prefix)


def test_a_backup_goes_to_the_bucket_in_parts_and_comes_back_whole(
    cloud: Cloud, tmp_path: Path, is_straight: bool
) -> None:
    device = cloud.device(tmp_path / "home")
    saved = device.save(LARGE, title="large")
    device.run("backup")
    puts = [seen for seen in cloud.wire.seen if seen.method == "PUT" and "partNumber=" in seen.target]
    assert len(puts) == (3 if is_straight else 0)
    assert len(cloud.keys()) == 1
    assert all(b"authorization" not in seen.head.lower() for seen in puts)
    other = tmp_path / "other"
    device.run("restore", "latest", "--into", other)
    assert Device(other).run("show", saved).stdout == LARGE


def test_a_share_is_published_opened_and_revoked(cloud: Cloud, tmp_path: Path) -> None:
    device, stranger = cloud.device(tmp_path / "home"), Device(tmp_path / "nowhere")
    share = device.json("share", device.save(b"print(1)", title="one"), "--views", "2")
    assert stranger.run("get", share["link"]).stdout == b"print(1)"
    assert len(cloud.keys()) == 1
    device.run("shares", "revoke", share["id"])
    stranger.run("get", share["link"], code=3)


@pytest.mark.slow
@pytest.mark.parametrize("is_straight", ["straight"], indirect=True)
def test_what_a_part_s_sender_leaves_unsent_is_sent_by_the_next_try(cloud: Cloud, tmp_path: Path) -> None:
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
