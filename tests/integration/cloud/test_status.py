"""`status` and `doctor` with a real cloud: reachable, silent, gone, revoked and emptied."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path / "cloud") as running:
        yield running


@pytest.fixture
def device(service: ServiceProcess, tmp_path: Path) -> Device:
    made = Device(tmp_path / "home", RootSecret.generate())
    made.save(b"keep me")
    made.run("connect", service.url, "--pair", service.pairing_code)
    words = made.run("recovery", "show").stdout
    made.run("recovery", "check", stdin=words)
    return made


def attention(device: Device, *options: str, code: int = 1) -> list[str]:
    document = json.loads(device.run("status", "--json", *options, code=code).stdout)
    assert document["healthy"] is (code == 0)
    return [each["name"] for each in document["attention"]]


def test_a_cloud_without_a_backup_needs_attention_until_one_is_made(device: Device) -> None:
    assert attention(device) == ["backup"]
    device.run("doctor", code=1)
    device.run("backup")
    assert attention(device, code=0) == []
    device.run("doctor")
    document = device.json("status")
    assert document["cloud"]["reachable"] is True
    assert document["cloud"]["backups"] == 1
    assert document["backups"][0]["kind"] == "cloud"


def test_the_backup_that_the_next_one_displaces_is_named(device: Device) -> None:
    device.run("backup", "--keep-last", "2", "--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0")
    first = device.json("status")["backups"][0]["id"]
    assert device.json("status")["next_displaced"] is None
    device.save(b"more")
    device.run("backup")
    assert device.json("status")["next_displaced"] == first
    device.save(b"even more")
    device.run("backup")
    assert [each["id"] for each in device.json("status")["pending_deletions"]] == [first]


def test_a_cloud_that_is_down_needs_attention_unless_offline_is_asked_for(
    device: Device, service: ServiceProcess
) -> None:
    device.run("backup")
    service.stop()
    assert attention(device) == ["cloud"]
    device.run("doctor", code=1)
    assert attention(device, "--offline", code=0) == []
    device.run("doctor", "--offline")


def test_a_cloud_that_never_answers_is_given_up(
    device: Device, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.conftest import Cli

    from satchel.cli.protection import cloud_question

    monkeypatch.setattr(cloud_question, "DEADLINE_S", 0.5)
    assert service.process is not None
    os.killpg(service.process.pid, signal.SIGSTOP)
    try:
        answer = Cli(device.home).run("status", "--json")
    finally:
        os.killpg(service.process.pid, signal.SIGCONT)
    assert answer.code == 1
    (found,) = [each for each in answer.document["attention"] if each["name"] == "cloud"]
    assert "has not answered" in found["detail"]
    assert answer.document["cloud"]["reachable"] is False


def test_a_revoked_device_is_told(device: Device, service: ServiceProcess, tmp_path: Path) -> None:
    device.run("backup")
    other = Device(tmp_path / "other", device.vault.load(lambda: ""))
    other.run("connect", service.url, "--pair", service.new_pairing_code())
    mine = device.json("status")["cloud"]["device_id"]
    other.run("devices", "revoke", mine[:8])
    assert attention(device) == ["cloud"]


def test_keys_under_a_passphrase_are_not_asked_for(service: ServiceProcess, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("open sesame\n")
    with_file = Device(tmp_path / "locked", environ={"SATCHEL_PASSPHRASE_FILE": str(secret)})
    with_file.run("init", "--passphrase")
    with_file.run("save", "-", stdin=b"x")
    with_file.run("connect", service.url, "--pair", service.pairing_code)
    with_file.run("backup")
    with_file.run("recovery", "check", stdin=with_file.run("recovery", "show").stdout)
    locked = Device(with_file.home)
    assert attention(locked, code=0) == []
    assert locked.json("status")["cloud"]["backups"] == 1


def test_every_device_sees_who_deletes_backups(
    device: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    made = device.json("backup")["id"]
    device.run("backup")
    other = Device(tmp_path / "other", device.vault.load(lambda: ""))
    other.run("connect", service.url, "--pair", service.new_pairing_code(), "--label", "stolen")
    other.run("backups", "rm", made)
    assert attention(device) == ["deletions"]
    document = json.loads(device.run("status", "--json", code=1).stdout)
    (pending,) = document["pending_deletions"]
    assert (pending["id"], pending["device"], pending["is_this_device"]) == (made, "stolen", False)
    device.run("backups", "undelete", made)
    assert attention(device, code=0) == []


def test_a_retention_that_another_device_lowers_is_seen(
    device: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    for _ in range(3):
        device.run("backup")
    other = Device(tmp_path / "other", device.vault.load(lambda: ""))
    other.run("connect", service.url, "--pair", service.new_pairing_code(), "--label", "stolen")
    keep = [word for each in ("daily", "weekly", "monthly") for word in (f"--keep-{each}", "0")]
    other.run("backups", "prune", "--keep-last", "1", *keep, "--yes")
    assert attention(device) == ["deletions"]
