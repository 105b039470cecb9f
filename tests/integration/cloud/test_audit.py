"""The audit log of a real cloud: devices show it, verify it, and notice when it is no longer what they have seen."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tests.integration.cloud.conftest import ROOT
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.storage_thief import execute, read

from satchel.keys.vault import Vault
from satchel_wire.audit import GENESIS, Entry, hash_of

RECORD = "audit-heads.json"


@pytest.fixture
def second(service: ServiceProcess, device: Device, tmp_path: Path) -> Device:
    other = Device(tmp_path / "second", ROOT)
    other.run("connect", service.url, "--pair", device.json("devices", "add")["code"], "--label", "laptop")
    return other


def tamper(service: ServiceProcess, *statements: str) -> None:
    """Change the stored database while the service is stopped."""
    service.stop()
    execute(service.folder, *statements)
    service.start()


def problem(device: Device, *options: str) -> str:
    """Return the error of `satchel audit`, which must end with exit code 5."""
    return str(json.loads(device.run("audit", *options, "--json", code=5).stderr)["error"]["message"])


def attention(device: Device, command: str = "status") -> dict[str, Any]:
    """Return what `status` or `doctor` says about the audit log."""
    code = 1 if command == "status" else 5
    document = json.loads(device.run(command, "--json", code=code).stdout)
    found = document["attention"] if command == "status" else document["checks"]
    (entry,) = (each for each in found if each["name"] == "audit")
    return dict(entry)


def test_two_devices_see_what_each_did(device: Device, second: Device) -> None:
    piece = second.save(b"text")
    second.run("backup")
    link = second.json("share", piece)
    second.run("shares", "revoke", link["id"])
    gone = second.json("devices")["devices"][1]["id"]
    device.run("devices", "revoke", gone)
    device.run("audit", "--verify", "--event", "wrong-code", code=2)
    shown = device.json("audit")
    assert [(each["event"], each["device"]) for each in shown["entries"]][-7:] == [
        ("device-paired", "desk"),
        ("code-made", "desk"),
        ("device-paired", None),
        ("backup-committed", None),
        ("share-published", None),
        ("share-revoked", None),
        ("device-revoked", "desk"),
    ]
    assert shown["verified"] == shown["last"] == len(shown["entries"])
    assert shown["intact"]
    assert shown["comparable"]
    rows = [line.split("\t") for line in device.run("audit").text.splitlines()]
    assert rows[-1][2:6] == ["device-revoked", "desk", gone[:8], "done"]
    assert rows[-2][3] == f"{gone[:8]} (revoked)"


def test_the_entries_can_be_filtered(device: Device, second: Device) -> None:
    second.save(b"text")
    second.run("backup")

    def events(*options: str) -> list[str]:
        return [each["event"] for each in device.json("audit", *options)["entries"]]

    everything = events()
    assert events("--event", "backup-committed") == ["backup-committed"]
    assert events("--event", "code-made", "--event", "device-paired").count("code-made") == 2
    assert events("--device", "laptop") == ["device-paired", "backup-committed"]
    assert events("--device", "LAPTOP", "--event", "backup-committed") == ["backup-committed"]
    ids = {each["label"]: each["id"] for each in device.json("devices")["devices"]}
    assert events("--device", ids["laptop"][:6]) == ["device-paired", "backup-committed"]
    assert events("--limit", "2") == everything[-2:]
    assert events("--since", "1h") == everything
    assert events("--until", "1h") == events("--since", "2999-01-01") == []
    device.run("audit", "--device", "nowhere", code=2)
    device.run("audit", "--event", "nothing", code=2)


def test_verifying_alone_prints_one_line(device: Device) -> None:
    last = device.json("audit")["last"]
    assert device.run("audit", "--verify").text == f"{last} entries verified, up to entry {last}"


def test_the_last_verified_entry_is_remembered_in_a_private_file(
    service: ServiceProcess, device: Device
) -> None:
    shown = device.json("audit")
    record = device.home / RECORD
    assert record.stat().st_mode & 0o777 == 0o600
    document = json.loads(record.read_text())
    assert document["format"] == "satchel-audit-heads/1"
    assert document["clouds"][service.url]["number"] == shown["last"]
    device.run("devices", "add")
    device.run("status", code=1)  # nobody has confirmed the recovery words
    assert json.loads(record.read_text())["clouds"][service.url]["number"] == shown["last"] + 1


def test_the_log_survives_a_restart(service: ServiceProcess, device: Device) -> None:
    before = device.json("audit")
    service.restart()
    device.run("devices", "add")
    after = device.json("audit")
    assert after["entries"][: len(before["entries"])] == before["entries"]
    service.kill()
    service.start()
    assert device.json("audit")["entries"] == after["entries"]


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DELETE FROM audit WHERE number = 3"], "entry 3 of the audit log is missing"),
        (["UPDATE audit SET actor_id = '' WHERE number = 4"], "entry 4 of the audit log was changed"),
        (["UPDATE audit SET time = time + 1 WHERE number = 2"], "entry 2 of the audit log was changed"),
        (["DELETE FROM audit WHERE number > 3"], "the audit log was rolled back: it ends with entry 3"),
        (["DELETE FROM audit"], "the audit log was rolled back: it ends with entry 0"),
        (
            [
                "UPDATE audit SET number = -3 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 4",
                "UPDATE audit SET number = 4 WHERE number = -3",
            ],
            "entry 3 of the audit log was changed",
        ),
        (
            ["CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE number = 2", "UPDATE copy SET number = 102",
             "INSERT INTO audit SELECT * FROM copy"],
            "is missing: entry 102 follows",
        ),
    ],
    ids=["removed", "changed", "later", "truncated", "emptied", "reordered", "inserted"],
)  # fmt: skip
def test_a_thief_who_changes_the_storage_is_noticed(
    service: ServiceProcess, device: Device, statements: list[str], said: str
) -> None:
    device.run("devices", "add")
    device.run("devices", "add")
    device.run("audit")
    tamper(service, *statements)
    assert said in problem(device)
    assert said in problem(device), "and again: the remembered head has not moved"


def test_status_and_doctor_report_a_log_that_was_rolled_back(
    service: ServiceProcess, device: Device, second: Device
) -> None:
    device.run("audit")
    tamper(service, "DELETE FROM audit WHERE number > 2")
    for command in ("status", "doctor"):
        found = attention(device, command)
        assert "rolled back" in found["detail"]
        assert "satchel audit --accept" in found["hint"]
    second.run("audit")  # this device had not seen the entries: it cannot know


def test_a_log_that_was_written_anew_is_noticed(service: ServiceProcess, device: Device) -> None:
    """The attacker changes an entry and computes every later hash again."""
    device.run("devices", "add")
    device.run("audit")
    service.stop()
    execute(service.folder, *rehash(service.folder))
    service.start()
    assert "the audit log was replaced" in problem(device)
    assert "the audit log was replaced" in attention(device)["detail"]


def rehash(folder: Path) -> list[str]:
    """Return statements that replace the target of entry 3, and every later hash with the one that fits."""
    columns = ", ".join(name.replace("time_ms", "time") for name in Entry._fields)
    entries = [Entry(*row) for row in read(folder, f"SELECT {columns} FROM audit ORDER BY number")]
    statements, previous = ["UPDATE audit SET target = 'x' WHERE number = 3"], GENESIS
    for entry in entries:
        previous = hash_of(previous, entry._replace(target="x") if entry.number == 3 else entry)
        statements.append(f"UPDATE audit SET sha256 = x'{previous.hex()}' WHERE number = {entry.number}")
    return statements


def test_a_recovered_cloud_is_reported_until_the_owner_accepts_it(
    service: ServiceProcess, device: Device, second: Device, tmp_path: Path
) -> None:
    service.stop()
    shutil.copytree(service.folder, tmp_path / "earlier")
    service.start()
    device.run("devices", "add")
    seen = device.json("audit")["last"]
    service.stop()
    shutil.rmtree(service.folder)
    shutil.copytree(tmp_path / "earlier", service.folder)
    service.start()
    assert f"this device has seen entry {seen}" in problem(device)
    assert device.json("audit", "--accept")["last"] < seen
    device.run("audit")
    device.run("devices", "add")
    device.run("audit")
    second.run("audit")


def test_a_log_whose_seen_entries_were_pruned_can_no_longer_be_compared(
    service: ServiceProcess, device: Device
) -> None:
    device.run("audit")
    service.stop()
    service.set(SATCHEL_AUDIT_ENTRIES="100").start()
    token = Vault(device.home, use_keyring=False).load_token()
    with urllib3.PoolManager() as http:
        for _ in range(110):
            headers = {"Authorization": f"Bearer {token}"}
            assert http.request("POST", f"{service.url}/v1/pairings", headers=headers).status == 201
    service.restart()
    device.run("devices")  # the sweep runs within a request
    ran = device.run("audit", "--limit", "1000")
    assert "can no longer be compared" in ran.said
    assert "log-pruned" in ran.text
    assert device.json("audit", "--verify")["comparable"], (
        "from now on it compares with the entry it has just seen"
    )


def test_a_damaged_record_is_an_error_that_names_it(device: Device) -> None:
    (device.home / RECORD).write_bytes(b"{}")
    assert RECORD in problem(device)
    assert RECORD in attention(device)["detail"]


def test_an_erased_cloud_keeps_its_place_in_the_chain(
    service: ServiceProcess, device: Device, tmp_path: Path
) -> None:
    seen = device.json("audit")["last"]
    device.run("disconnect", "--erase-cloud", "--yes", "--code", service.new_pairing_code())
    device.run("connect", service.url, "--pair", service.new_pairing_code())
    shown = device.json("audit")
    assert shown["first"] > seen
    assert shown["entries"][0]["event"] == "cloud-erased"
    assert not shown["comparable"]
