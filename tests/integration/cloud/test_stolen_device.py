"""A stolen laptop and ransomware, played with the commands: the owner gets every backup back."""

from pathlib import Path

from tests.integration.cloud.conftest import ROOT
from tests.support.device import Device
from tests.support.service import ServiceProcess


def live(device: Device) -> list[str]:
    return sorted(each["id"] for each in device.json("backups")["backups"])


def connected(service: ServiceProcess, home: Path, code: str, label: str) -> Device:
    device = Device(home, ROOT)
    device.run("connect", service.url, "--pair", code, "--label", label)
    return device


def test_a_thief_with_a_laptop_destroys_no_backup(
    service: ServiceProcess, device: Device, tmp_path: Path
) -> None:
    laptop = connected(service, tmp_path / "laptop", device.json("devices", "add")["code"], "laptop")
    for owner in (device, laptop):
        for number in range(2):
            owner.save(f"{number} of {owner.home.name}".encode(), title=f"{number} of {owner.home.name}")
            owner.run("backup")
    before = live(device)

    code = laptop.json("devices", "add")["code"]
    laptop.run("disconnect", "--erase-cloud", "--yes", "--code", code, code=4)
    laptop.run("backups", "delete", *before[:1], "--now", "--code", code, code=4)
    keep_one = ("--keep-last", "1", "--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0")
    laptop.run("backups", "prune", *keep_one)
    while left := live(laptop):  # a pruned backup returns when the newer one is deleted
        laptop.run("backups", "delete", *left)
    laptop.save(b"encrypted by ransomware", title="encrypted by ransomware")
    laptop.run("backup")
    desk = next(each["id"] for each in laptop.json("devices")["devices"] if not each["current"])
    laptop.run("devices", "revoke", desk)
    device.run("backups", code=4)

    new = connected(service, tmp_path / "new", service.new_pairing_code("--revoke-others"), "new")
    laptop.run("backups", code=4)
    assert len(new.json("devices")["devices"]) == 1
    waiting = new.json("backups", "--deleted")["deleted"]
    assert sorted(each["id"] for each in waiting) == before
    assert len({each["asked_by"] for each in waiting}) == 1, "the laptop asked for all of it"
    new.run("backups", "undelete", "--all")
    assert set(before) <= set(live(new))
    titles = set()
    for number, backup in enumerate(before):
        place = tmp_path / f"restored-{number}"
        new.run("restore", backup, "--into", place, "--allow-older")
        titles |= {piece["title"] for piece in Device(place).json("list")["pieces"]}
    assert titles == {"0 of home", "1 of home", "0 of laptop", "1 of laptop"}
