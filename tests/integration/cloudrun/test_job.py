"""The real service with the environment that Cloud Run would give it, on the fake of Cloud Storage."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.subject import DOMAIN, owner_of
from tests.support.device import Device
from tests.support.gcs_fake import BUCKET, GcsFake
from tests.support.google.server import GoogleFake
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
from satchel_infra.platform import CloudSpec

OWNER: Final = owner_of("one")
NAME: Final = OWNER.name
ROOT: Final = RootSecret(b"\x6c" * 32)


@pytest.fixture
def subject() -> Iterator[CloudRunSubject]:
    """A shard whose clouds have prefixes of the bucket that the fake of Cloud Storage serves."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake, bucket=BUCKET)


@pytest.fixture
def objects() -> Iterator[GcsFake]:
    with GcsFake() as fake:
        yield fake


def container(subject: CloudRunSubject) -> dict[str, Any]:
    found: dict[str, Any] = subject.world.services[NAME]["template"]["containers"][0]
    return found


def instance(subject: CloudRunSubject, objects: GcsFake, folder: Path) -> ServiceProcess:
    """Return the process of an instance: what differs from Cloud Run is its address and Google's."""
    environment = {entry["name"]: entry["value"] for entry in container(subject)["env"]}
    assert environment["SATCHEL_STORAGE"] == f"gs://{BUCKET}/{NAME}"
    assert environment["SATCHEL_PUBLIC_URL"] == f"https://{NAME}.s1.{DOMAIN}"
    google = objects.environ("")
    process = ServiceProcess(folder, {**environment, **google, "SATCHEL_BIND": "127.0.0.1"})
    return process.set(SATCHEL_STORAGE=environment["SATCHEL_STORAGE"], SATCHEL_PUBLIC_URL=process.url)


def test_a_cloud_does_its_job_and_leaves_nothing(
    subject: CloudRunSubject, objects: GcsFake, tmp_path: Path
) -> None:
    spec = CloudSpec(OWNER, f"{NAME}.s1.{DOMAIN}", subject.image(), {"SATCHEL_PART_BYTES": "65536"})
    subject.platform().ensure(spec)
    laptop, new = Device(tmp_path / "laptop", ROOT), Device(tmp_path / "new", ROOT)
    reader = Device(tmp_path / "reader")
    with instance(subject, objects, tmp_path / "first") as cloud:
        for probe in ("startupProbe", "livenessProbe"):
            path = container(subject)[probe]["httpGet"]["path"]
            assert urllib3.request("GET", f"{cloud.url}{path}").status == 200
        laptop.run("connect", cloud.url, "--pair", cloud.pairing_code, "--label", "laptop")
        piece = laptop.save(b"print('sealed')\n", title="a Piece")
        laptop.run("backup")
        link = laptop.json("share", piece)["link"]
        # Cloud Run ends the idle instance; the next one begins with an empty disk, at the same address.
        assert cloud.stop() == 0
        cloud.use_local(tmp_path / "empty")
        cloud.start()
        assert b"print('sealed')" in reader.run("get", link).stdout
        new.run("connect", cloud.url, "--pair", cloud.new_pairing_code(), "--label", "new")
        new.run("restore")
        assert b"print('sealed')" in new.run("show", piece).stdout
        laptop.run("backup")
    stored = subject.world.buckets[BUCKET].objects
    stored.update({name: subject.world.generation() for name in objects.server.bucket.objects})
    stored["another/log"] = subject.world.generation()
    assert len(stored) > 3
    subject.platform().remove(NAME)
    assert list(stored) == ["another/log"]
