"""Erasing a cloud leaves none of its data on disk, including temporary files of crashes."""

import os
import random
import shutil
from pathlib import Path

import pytest
from tests.support.wire_device import WireDevice, b64
from tests.unit.service.conftest import InProcess

from satchel_service.log.retention import Retention
from satchel_service.storage import NotFoundError, PartPlan, blob_key

HOUR_S = 3600


def files_with(folder: Path, marks: list[bytes]) -> list[str]:
    """Return the files below a folder that contain any of the marks."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return [
        str(path.relative_to(folder)) for path in found if any(mark in path.read_bytes() for mark in marks)
    ]


def test_no_file_contains_erased_data(cloud: InProcess) -> None:
    draw = random.Random(7)
    labels = [draw.randbytes(24) for _ in range(20)]
    devices = [WireDevice(cloud.stranger._send) for _ in labels]
    for device, label in zip(devices, labels, strict=True):
        device.pair(str(cloud.device.call("POST", "/v1/pairings").json()["code"]), label=label * 20)
    for device in devices[::2]:
        cloud.device.call("DELETE", f"/v1/devices/{device.id}")
    bodies = [draw.randbytes(500) for _ in range(5)]
    for body in bodies:
        cloud.device.backup(body)
    assert files_with(cloud.folder, labels)
    assert files_with(cloud.folder, bodies)
    assert cloud.erase().status == 204
    assert files_with(cloud.folder, labels + bodies) == []


def test_temporary_files_of_crashes_are_erased_too(cloud: InProcess) -> None:
    mark = b"left by a crash"
    for folder in ("staging", "database/staging"):
        leftover = cloud.folder / folder / ("ab" * 16)
        leftover.write_bytes(mark)
        os.utime(leftover, (cloud.clock() / 1000 - HOUR_S,) * 2)
    token = cloud.environment.storage.begin_upload(blob_key("shares/x"), PartPlan(15, 15))
    (cloud.folder / "uploads" / token / "body").write_bytes(mark)
    (cloud.folder / "uploads" / token / "key").unlink()
    assert len(files_with(cloud.folder, [mark])) == 3
    assert cloud.erase().status == 204
    assert files_with(cloud.folder, [mark]) == []


def test_an_erasure_is_not_reported_as_done_while_the_log_holds_data(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = b"a sealed note of the owner's"
    cloud.device.share(note=b64(mark))
    is_stored = Retention.is_stored

    async def store_truncated(retention: Retention, key: str, data: bytes) -> bool:
        assert await is_stored(retention, key, data)
        (cloud.folder / "database" / key).write_bytes(data[:-1])
        return await is_stored(retention, key, data)

    with monkeypatch.context() as faults:
        faults.setattr(Retention, "is_stored", store_truncated)
        assert cloud.erase().problem == "unavailable"
    assert files_with(cloud.folder / "database", [mark])
    assert cloud.erase().status == 204, "the device can try again"
    assert files_with(cloud.folder, [mark]) == []


def test_an_erased_cloud_accepts_a_new_device_and_backup(cloud: InProcess) -> None:
    assert cloud.erase().status == 204
    from satchel_service.audit import OPERATOR
    from satchel_service.devices.codes import create_code

    again = WireDevice(cloud.stranger._send)
    assert again.pair(cloud.loopback.run(create_code(cloud.environment, maker=OPERATOR)).text).status == 201
    again.backup(b"after")
    assert len(again.call("GET", "/v1/backups").json()["backups"]) == 1


def test_a_part_repeated_while_its_upload_ends_leaves_nothing_in_staging(cloud: InProcess) -> None:
    storage, plan = cloud.environment.storage, PartPlan(4, 4)
    key = blob_key("shares/y")
    token = storage.begin_upload(key, plan)
    first, again = (storage.part_sink(key, token, part) for part in [*plan.parts(), *plan.parts()])
    for sink in (first, again):
        sink.write(b"part")
    first.finish()
    shutil.rmtree(cloud.folder / "uploads" / token / "parts")
    with pytest.raises(NotFoundError):
        again.finish()
    again.discard()
    assert list((cloud.folder / "staging").iterdir()) == []
