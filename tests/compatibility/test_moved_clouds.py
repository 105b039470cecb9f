"""A cloud that this release has moved, and what an earlier release makes of it: it never serves the old storage."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.compatibility.conftest import MakeDevice, Sources
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until

from satchel_service.moving import move
from satchel_service.settings import Settings

Start = Callable[[Sources], ServiceProcess]
CURRENT: Sources = {}
NEW_URL = "https://new.example.org"


def move_away(service: ServiceProcess, folder: Path) -> None:
    old = Settings.read(service.environ)
    move(old, old._replace(storage=f"file:{folder}"), url=NEW_URL)


def test_an_earlier_service_is_fenced_and_does_not_start_again(
    previous: Sources, make_device: MakeDevice, start_service: Start, tmp_path: Path
) -> None:
    service = start_service(previous)
    device = make_device("one", CURRENT)
    device.run("connect", service.url, "--pair", service.new_pairing_code())
    device.json("save", "-", stdin=b"first")
    device.json("backup")
    move_away(service, tmp_path / "new")
    device.json("save", "-", stdin=b"second")
    device.run("backup", code=6)
    wait_until(lambda: service.has_exited)
    with pytest.raises(RuntimeError, match="cannot start: an entry has an unknown format or kind"):
        service.start()


def test_an_earlier_device_is_told_where_its_cloud_is(
    previous: Sources, make_device: MakeDevice, start_service: Start, tmp_path: Path
) -> None:
    service = start_service(CURRENT)
    device = make_device("one", previous)
    device.run("connect", service.url, "--pair", service.new_pairing_code())
    service.stop()
    move_away(service, tmp_path / "new")
    service.start()
    refused = device.run("backups", code=3).stderr.decode()
    assert f"it is now at {NEW_URL}" in refused
