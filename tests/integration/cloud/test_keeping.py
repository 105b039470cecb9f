"""Which backups the cloud keeps, deleting them, and bringing them back, with the commands."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.integration.cloud.conftest import ROOT
from tests.support.device import Device
from tests.support.service import ServiceProcess


@pytest.fixture
def second_device(service: ServiceProcess, device: Device, tmp_path: Path) -> Device:
    """Another device of the same owner."""
    second = Device(tmp_path / "second", ROOT)
    code = device.json("devices", "add")["code"]
    second.run("connect", service.url, "--pair", code, "--label", "second")
    return second


def back_up(device: Device, *options: str, count: int = 1) -> list[str]:
    """Make backups that differ; return their ids, oldest first."""
    ids = []
    for number in range(count):
        device.save(f"content {number}".encode(), title=f"number {number}")
        ids.append(str(device.json("backup", *options)["id"]))
    return ids


def live(device: Device) -> list[str]:
    return [each["id"] for each in device.json("backups")["backups"]]


def test_a_deleted_backup_is_listed_with_the_device_that_asked_and_brought_back(
    device: Device, second_device: Device
) -> None:
    one, two = back_up(device, count=2)
    gone = second_device.json("backups", "delete", one[:6])
    assert gone["id"] == one
    assert live(device) == [two]
    (listed,) = device.json("backups", "--deleted")["deleted"]
    assert (listed["id"], listed["reason"], listed["asked_by_label"]) == (one, "deleted", "second")
    ends = datetime.fromisoformat(listed["final"]) - datetime.fromisoformat(listed["asked"])
    assert timedelta(days=6, hours=23) < ends <= timedelta(days=7, seconds=1)
    assert "second" in device.run("backups", "--deleted").text
    assert device.json("backups", "undelete", one[:6])["ids"] == [one]
    assert live(device) == [two, one]
    device.run("verify", one)


def test_all_deleted_backups_are_brought_back_at_once(device: Device) -> None:
    made = back_up(device, count=3)
    device.run("backups", "delete", *made[:2], "ffffffff", code=3)
    assert len(live(device)) == 3, "nothing is deleted if one is unknown"
    device.run("backups", "delete", *made[:2])
    device.run("backups", "rm", made[2])
    assert live(device) == []
    assert sorted(device.json("backups", "undelete", "--all")["ids"]) == sorted(made)
    assert sorted(live(device)) == sorted(made)
    assert device.json("backups", "undelete", "--all")["ids"] == []


@pytest.mark.parametrize("arguments", [(), ("5be0", "--all")], ids=["neither", "both"])
def test_undelete_takes_ids_or_all(device: Device, arguments: tuple[str, ...]) -> None:
    assert "--all" in device.run("backups", "undelete", *arguments, code=2).said


def test_an_id_of_no_deleted_backup_is_not_found(device: Device) -> None:
    (backup,) = back_up(device)
    assert "backups --deleted" in device.run("backups", "undelete", backup, code=3).said


def test_erasing_at_once_takes_a_code_of_the_operator(service: ServiceProcess, device: Device) -> None:
    one, two, three = back_up(device, count=3)
    device.run("backups", "delete", two)
    assert "satchel-service pair" in device.run("backups", "delete", one, "--now", code=2).said
    code = device.json("devices", "add")["code"]
    said = device.run("backups", "delete", one, "--now", "--code", code, code=4).said
    assert "a device created this code" in said
    assert "devices add" not in said, "the hint names what helps"
    assert live(device) == [three, one]
    code = service.new_pairing_code()
    assert "--now" in device.run("backups", "delete", one, "--code", code, code=2).said
    assert live(device) == [three, one]
    assert device.json("backups", "delete", one, two, "--now", "--code", code)["ids"] == [one, two]
    assert live(device) == [three]
    assert device.json("backups", "--deleted")["deleted"] == []


def test_pruning_is_previewed_and_can_be_undone(device: Device) -> None:
    made = back_up(device, count=4)
    keep_two = ("--keep-last", "2", "--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0")
    preview = device.json("backups", "prune", *keep_two, "--dry-run")
    assert preview["pruned"] == made[:2]
    assert live(device) == made[::-1], "a preview changes nothing"
    assert device.json("backups", "prune", *keep_two)["pruned"] == made[:2]
    assert live(device) == made[:1:-1]
    (again,) = back_up(device)
    assert live(device) == [again, made[3]]
    restored = device.json("backups", "prune", "--keep-last", "5")["restored"]
    assert restored == made[:3]
    assert live(device) == [again, *made[::-1]]


def test_a_backup_sets_the_retention_by_its_options_and_settings(device: Device) -> None:
    back_up(device, "--keep-daily", "30")
    assert device.json("backups", "prune", "--dry-run")["retention"] == {
        "last": 7,
        "daily": 30,
        "weekly": 4,
        "monthly": 12,
    }
    device.run("settings", "set", "backup.keep-monthly", "24")
    back_up(device)
    kept = device.json("backups", "prune", "--dry-run")["retention"]
    assert (kept["daily"], kept["monthly"]) == (30, 24), "what is not given stays"
    device.run("settings", "set", "backup.keep-daily", "9" * 20, code=2)
    device.run("backup", "--keep-daily", "9" * 5000, code=2)


def test_a_retention_that_keeps_nothing_is_refused(device: Device) -> None:
    options = [word for name in ("last", "daily", "weekly", "monthly") for word in (f"--keep-{name}", "0")]
    assert "keep at least one backup" in device.run("backups", "prune", *options, code=2).said
    assert "keep at least one backup" in device.run("backup", *options, code=2).said


def test_an_expiry_ends_one_backup_and_never_holds_it(device: Device) -> None:
    (plain,) = back_up(device)
    (held,) = back_up(device, "--expires", "never")
    (ends,) = back_up(device, "--expires", "2d")
    listed = {each["id"]: each for each in device.json("backups")["backups"]}
    assert (listed[plain]["expires"], listed[plain]["held"]) == (None, False)
    assert (listed[held]["expires"], listed[held]["held"]) == (None, True)
    left = datetime.fromisoformat(listed[ends]["expires"]) - datetime.fromisoformat(listed[ends]["created"])
    assert timedelta(hours=47) < left < timedelta(hours=49)


def test_a_file_has_no_retention(device: Device) -> None:
    for option in (("--expires", "1d"), ("--keep-last", "3")):
        assert option[0] in device.run("backup", "--to", device.home / "x.age", *option, code=2).said
