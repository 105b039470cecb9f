"""Deleted, expired and pruned backups wait before they are gone; no device can shorten that."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.wire_device import WireDevice, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.audit import OPERATOR
from satchel_service.devices.codes import create_code, create_grant

CAPABLE = {"Satchel-Capabilities": "deletions, backup-devices, retention"}


def listed(device: WireDevice) -> dict[str, list[str]]:
    answer = device.call("GET", "/v1/backups", headers=CAPABLE).json()
    return {name: [each["id"] for each in answer.get(name, [])] for name in ("backups", "deleted")}


def live(device: WireDevice) -> list[str]:
    return listed(device)["backups"]


def deletions(device: WireDevice) -> dict[str, dict[str, str]]:
    status = device.call("GET", "/v1/status", headers=CAPABLE).json()
    return {each["backup"]: each for each in status.get("deletions", [])}


def delete(device: WireDevice, backup: str) -> int:
    return device.call("DELETE", f"/v1/backups/{backup}").status


def undelete(device: WireDevice, backup: str) -> int:
    return device.call("POST", f"/v1/backups/{backup}/undelete").status


def another(cloud: InProcess) -> WireDevice:
    device = WireDevice(cloud.stranger._send)
    assert device.pair(str(cloud.device.call("POST", "/v1/pairings").json()["code"])).status == 201
    return device


def grant(cloud: InProcess, *, entropy: bytes = b"operator", revokes_others: bool = False) -> str:
    storage = cloud.environment.storage
    return create_grant(storage, entropy, cloud.clock(), revokes_others=revokes_others).text


def let_days_pass(cloud: InProcess, days: int, device: WireDevice | None = None) -> None:
    """Use the cloud once a day."""
    for _ in range(days):
        cloud.clock.advance(days=1)
        assert (device or cloud.device).call("GET", "/v1/status").status == 200


def test_a_deleted_backup_is_invisible_and_can_be_brought_back(cloud: InProcess) -> None:
    backup = cloud.device.backup(b"archive")
    assert delete(cloud.device, backup) == 204
    assert cloud.device.call("GET", f"/v1/archives/{backup}").problem == "not-found"
    assert listed(cloud.device) == {"backups": [], "deleted": [backup]}
    assert delete(cloud.device, backup) == 404, "it is deleted already"
    assert undelete(cloud.device, backup) == 200
    assert undelete(cloud.device, backup) == 200, "a repeated request has the same result"
    assert cloud.device.call("GET", f"/v1/archives/{backup}").body == b"archive"
    assert undelete(cloud.device, "f" * 32) == 404


def test_every_device_sees_what_is_about_to_go_and_who_asked(cloud: InProcess) -> None:
    other = another(cloud)
    backup = cloud.device.backup()
    delete(other, backup)
    found = deletions(cloud.device)[backup]
    assert (found["reason"], found["device"], found["label"]) == ("deleted", other.id, b64(b"sealed label"))
    final = datetime.fromisoformat(found["final"]) - datetime.fromisoformat(found["asked"])
    assert final == timedelta(days=7)
    cloud.device.call("DELETE", f"/v1/devices/{other.id}")
    assert deletions(cloud.device)[backup]["device"] == other.id


def test_a_deleted_backup_is_gone_after_the_grace_period(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    delete(cloud.device, backup)
    let_days_pass(cloud, 6)
    assert undelete(cloud.device, backup) == 200
    delete(cloud.device, backup)
    let_days_pass(cloud, 8)
    assert undelete(cloud.device, backup) == 404
    assert cloud.objects() == []


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650)], ids=["ahead", "back"])
def test_the_grace_period_stays_when_the_clock_jumps(cloud: InProcess, jump: timedelta) -> None:
    backup = cloud.device.backup()
    delete(cloud.device, backup)
    cloud.clock.advance(days=jump.days)
    assert deletions(cloud.device)[backup]
    cloud.clock.advance(days=-jump.days)
    assert undelete(cloud.device, backup) == 200


def test_the_grace_period_begins_when_a_late_sweeper_notices_an_expiry(cloud: InProcess) -> None:
    old = cloud.device.backup(expires=cloud.clock.after(hours=1))
    cloud.device.backup(b"newer")
    cloud.clock.advance(days=300)
    assert deletions(cloud.device) == {} or deletions(cloud.device)[old]["reason"] == "expired"
    assert undelete(cloud.device, old) == 200
    assert old in live(cloud.device)


def test_the_newest_backup_of_a_device_outlives_its_own_expiry(cloud: InProcess) -> None:
    other = another(cloud)
    mine = cloud.device.backup(expires=cloud.clock.after(hours=1))
    theirs = other.backup(expires=cloud.clock.after(hours=1))
    cloud.clock.advance(days=400)
    assert sorted(live(cloud.device)) == sorted([mine, theirs])
    newer = cloud.device.backup(b"newer")
    assert sorted(live(cloud.device)) == sorted([newer, theirs])
    assert deletions(cloud.device)[mine]["reason"] == "expired"


def test_an_expiry_set_by_a_device_waits_too_and_names_the_device(cloud: InProcess) -> None:
    other = another(cloud)
    old = cloud.device.backup(b"old")
    cloud.clock.advance(seconds=1)
    newer = cloud.device.backup(b"newer")
    soon = {"expires": cloud.clock.after(seconds=1)}
    assert other.call("PATCH", f"/v1/backups/{old}", soon).status == 200
    cloud.clock.advance(seconds=2)
    assert live(cloud.device) == [newer]
    assert deletions(cloud.device)[old]["device"] == other.id
    assert undelete(cloud.device, old) == 200
    cloud.clock.advance(days=1)
    assert sorted(live(cloud.device)) == sorted([old, newer]), "the expiry is removed with it"


def test_archives_are_kept_for_backups_that_wait(cloud: InProcess) -> None:
    base = cloud.device.backup(b"base")
    later = cloud.device.backup(b"later", needs=(base,))
    delete(cloud.device, base)
    delete(cloud.device, later)
    cloud.device.backup(b"full")
    let_days_pass(cloud, 5)
    undelete(cloud.device, later)
    let_days_pass(cloud, 5)
    assert undelete(cloud.device, base) == 404, "the backup is gone, its archive is needed"
    assert cloud.device.call("GET", f"/v1/archives/{base}").body == b"base"


def test_backups_that_wait_count_against_the_quota(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_QUOTA_BYTES="1000")
    backup = cloud.device.backup(bytes(900))
    delete(cloud.device, backup)
    refused = cloud.device.announce("a" * 32, 200)
    assert refused.problem == "quota"
    assert "deleted backups" in refused.json()["detail"]
    let_days_pass(cloud, 8)
    assert cloud.device.announce("a" * 32, 200).status == 200


def test_the_id_of_a_deleted_backup_cannot_be_reused_to_destroy_it(cloud: InProcess) -> None:
    backup = cloud.device.backup(b"the original")
    delete(cloud.device, backup)
    path = f"/v1/backups/{backup}"
    assert cloud.device.call("PUT", path, {"summary": b64(b"garbage")}).problem == "conflict"
    cloud.clock.advance(days=8)  # the upload has expired; one use of the cloud counts one day of grace
    cloud.device.call("GET", "/v1/backups")
    cloud.device.upload(b"garbage", upload_id=backup)
    assert cloud.device.call("PUT", path, {"summary": b64(b"garbage")}).problem == "conflict"
    assert undelete(cloud.device, backup) == 200
    assert cloud.device.call("GET", f"/v1/archives/{backup}").body == b"the original"


def test_repeating_the_commit_of_a_deleted_backup_brings_it_back(cloud: InProcess) -> None:
    backup = cloud.device.backup(b"archive")
    delete(cloud.device, backup)
    again = cloud.device.call(
        "PUT", f"/v1/backups/{backup}", {"needs": [], "expires": None, "summary": b64(b"sealed summary")}
    )
    assert again.status == 200
    assert live(cloud.device) == [backup]


# -- erasing at once ----------------------------------------------------------------------------------------


def erase(device: WireDevice, code: str, *backups: str) -> str:
    answer = device.call("POST", "/v1/backups/erase", {"code": code, "backups": list(backups)})
    return answer.problem or str(answer.status)


def test_backups_are_erased_at_once_with_a_code_of_the_operator(cloud: InProcess) -> None:
    live_one, deleted = cloud.device.backup(b"one"), cloud.device.backup(b"two")
    delete(cloud.device, deleted)
    assert erase(cloud.device, grant(cloud), live_one, deleted) == "204"
    assert listed(cloud.device) == {"backups": [], "deleted": []}
    assert cloud.objects() == []


def test_the_code_that_a_new_cloud_prints_is_one_of_the_operator(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    code = cloud.loopback.run(create_code(cloud.environment, maker=OPERATOR)).text
    assert erase(cloud.device, code, backup) == "204"


def test_a_code_that_a_device_created_erases_nothing(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    code = str(cloud.device.call("POST", "/v1/pairings").json()["code"])
    assert erase(cloud.device, code, backup) == "wrong-code"
    assert cloud.device.call("POST", "/v1/cloud/erase", {"code": code}).problem == "wrong-code"
    assert live(cloud.device) == [backup]
    assert WireDevice(cloud.stranger._send).pair(code).status == 201, "it still pairs a device"


def test_a_code_of_the_operator_works_once(cloud: InProcess) -> None:
    one, two = cloud.device.backup(b"one"), cloud.device.backup(b"two")
    code = grant(cloud)
    assert erase(cloud.device, code, one) == "204"
    assert erase(cloud.device, code, two) == "wrong-code"
    assert WireDevice(cloud.stranger._send).pair(code).problem == "wrong-code"
    assert live(cloud.device) == [two]


def test_a_code_is_not_used_up_if_nothing_could_be_erased(cloud: InProcess) -> None:
    backup, code = cloud.device.backup(), grant(cloud)
    assert erase(cloud.device, code, backup, "f" * 32) == "not-found"
    assert live(cloud.device) == [backup]
    assert erase(cloud.device, code, backup) == "204"


def test_guessing_codes_to_erase_with_is_limited(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    problems = [erase(cloud.device, f"0000-0000-{number:04}", backup) for number in range(21)]
    assert problems == ["wrong-code"] * 20 + ["too-many"]


def test_a_cloud_is_not_erased_without_a_code(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    assert cloud.device.call("DELETE", "/v1/cloud").problem == "wrong-code"
    assert cloud.device.call("POST", "/v1/cloud/erase", {"code": "AAAA"}).problem == "wrong-code"
    assert live(cloud.device) == [backup]


def test_an_interrupted_erasure_is_repeated_with_the_same_code(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from satchel_service.web.endpoints import owner

    async def fail(_: object) -> None:
        raise RuntimeError("the instance was killed")

    code = grant(cloud)
    with monkeypatch.context() as killed:
        killed.setattr(owner, "erase", fail)
        assert cloud.device.call("POST", "/v1/cloud/erase", {"code": code}).status == 500
    assert cloud.device.call("POST", "/v1/cloud/erase", {"code": code}).status == 204
    assert cloud.device.call("GET", "/v1/status").problem == "not-signed-in"


# -- a stolen laptop, ransomware --------------------------------------------------------------------------------


def history(cloud: InProcess, device: WireDevice, days: int = 20) -> list[str]:
    """Make a backup a day; return the ids."""
    made = []
    for day in range(days):
        made.append(device.backup(f"day {day}".encode()))
        cloud.clock.advance(days=1)
    return made


def attack(cloud: InProcess, thief: WireDevice) -> None:
    """Do everything that a device can do to destroy the history of all devices."""
    backups = live(thief)
    soon = {"expires": cloud.clock.after(seconds=1)}
    for backup in backups[::2]:
        thief.call("PATCH", f"/v1/backups/{backup}", soon)
    lowest = {"last": 1, "daily": 0, "weekly": 0, "monthly": 0}
    assert thief.call("PUT", "/v1/retention", lowest).status == 200
    for backup in backups:
        delete(thief, backup)
        thief.call("PUT", f"/v1/backups/{backup}", {"summary": b64(b"garbage")})
    cloud.clock.advance(seconds=5)
    assert thief.call("DELETE", "/v1/cloud").status == 403
    code = str(thief.call("POST", "/v1/pairings").json()["code"])
    assert thief.call("POST", "/v1/cloud/erase", {"code": code}).status == 403
    assert erase(thief, code, *backups[:5]) == "wrong-code"
    for number in range(10):
        thief.backup(f"garbage {number}".encode())
    while thief.call("GET", "/v1/status").json()["used_bytes"] < 100_000:  # fill the quota
        if thief.announce(thief.new_id(), 50_000).status != 200:
            break
    for device in thief.call("GET", "/v1/devices").json()["devices"]:
        if device["id"] != thief.id:
            assert thief.call("DELETE", f"/v1/devices/{device['id']}").status == 204
    while True:  # take every place for a device
        accomplice = WireDevice(cloud.stranger._send)
        if accomplice.pair(str(thief.call("POST", "/v1/pairings").json()["code"])).status != 201:
            break


def test_the_owner_gets_everything_back_after_a_stolen_laptop_deleted_it(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_QUOTA_BYTES="100000", SATCHEL_DEVICES="5")
    thief = another(cloud)
    before = [*history(cloud, cloud.device), *history(cloud, thief)]
    kept = live(cloud.device)
    assert set(kept) < set(before)
    attack(cloud, thief)
    let_days_pass(cloud, 5, thief)
    owner = WireDevice(cloud.stranger._send)
    assert owner.pair(grant(cloud, revokes_others=True)).status == 201, "despite the limit of devices"
    assert thief.call("GET", "/v1/status").problem == "not-signed-in"
    assert [each["id"] for each in owner.call("GET", "/v1/devices").json()["devices"]] == [owner.id]
    asked = {each["device"] for each in deletions(owner).values() if each["backup"] in kept}
    assert asked == {thief.id}
    for backup in kept:
        assert undelete(owner, backup) == 200
        assert owner.call("GET", f"/v1/archives/{backup}").status == 200
    assert set(kept) <= set(live(owner))


def test_history_pruned_by_a_lowered_retention_returns_with_the_retention(cloud: InProcess) -> None:
    thief = another(cloud)
    history(cloud, cloud.device)
    kept = live(cloud.device)
    default = cloud.device.call("GET", "/v1/retention").json()["retention"]
    thief.call("PUT", "/v1/retention", {"last": 1, "daily": 0, "weekly": 0, "monthly": 0})
    assert len(live(cloud.device)) == 1
    state = cloud.device.call("GET", "/v1/retention").json()
    assert state["device"] == thief.id
    let_days_pass(cloud, 5)
    assert cloud.device.call("PUT", "/v1/retention", default).status == 200
    assert live(cloud.device) == kept


def test_a_log_of_deletions_is_not_lost_to_an_unauthorized_erasure(cloud: InProcess) -> None:
    for _ in range(3):
        cloud.device.call("POST", "/v1/cloud/erase", {"code": "AAAA"})
    assert cloud.environment.database.is_history_erased
    entries = list((cloud.folder / "database" / "log").iterdir())
    cloud.device.backup()
    assert set(entries) <= set((cloud.folder / "database" / "log").iterdir())


# -- the retention --------------------------------------------------------------------------------------------


def test_the_default_retention_keeps_days_weeks_and_months(cloud: InProcess) -> None:
    begun = datetime.fromtimestamp(cloud.clock() / 1000, UTC)
    made = history(cloud, cloud.device, days=60)
    by_day = {(begun + timedelta(days=number)).date(): backup for number, backup in enumerate(made)}
    by_week = {day.isocalendar()[:2]: backup for day, backup in by_day.items()}  # the last one of each
    by_month = {(day.year, day.month): backup for day, backup in by_day.items()}
    kept = {*made[-7:], *list(by_week.values())[-4:], *list(by_month.values())[-12:]}
    assert live(cloud.device) == [backup for backup in reversed(made) if backup in kept]
    waiting = deletions(cloud.device)
    assert {each["reason"] for each in waiting.values()} == {"retention"}
    assert all("device" not in each for each in waiting.values()), "nobody has set the default"


def test_the_backups_of_two_devices_do_not_replace_each_other(cloud: InProcess) -> None:
    other = another(cloud)
    only = other.backup(b"the only one of the other device")
    history(cloud, cloud.device, days=40)
    assert only in live(cloud.device)
    listed_devices = {
        each["id"]: each["device"]
        for each in cloud.device.call("GET", "/v1/backups", headers=CAPABLE).json()["backups"]
    }
    assert listed_devices[only] == other.id


def test_a_preview_changes_nothing_and_tells_what_setting_does(cloud: InProcess) -> None:
    history(cloud, cloud.device, days=5)
    before = live(cloud.device)
    policy = {"last": 2, "daily": 0, "weekly": 0, "monthly": 0}
    preview = cloud.device.call("POST", "/v1/retention/preview", policy).json()
    assert live(cloud.device) == before
    cloud.device.call("PUT", "/v1/retention", policy)
    assert sorted(preview["delete"]) == sorted(set(before) - set(live(cloud.device)))
    assert live(cloud.device) == before[:2]


@pytest.mark.parametrize(
    "policy",
    [
        {"last": 0, "daily": 0, "weekly": 0, "monthly": 0},
        {"last": -1, "daily": 0, "weekly": 0, "monthly": 1},
        {"last": 10**20, "daily": 0, "weekly": 0, "monthly": 1},
        {"last": 1},
    ],
    ids=json.dumps,
)
def test_a_retention_that_makes_no_sense_is_refused(cloud: InProcess, policy: dict[str, int]) -> None:
    assert cloud.device.call("PUT", "/v1/retention", policy).problem == "invalid"
    assert cloud.device.call("POST", "/v1/retention/preview", policy).problem == "invalid"


def test_a_held_backup_and_one_with_an_expiry_are_not_pruned(cloud: InProcess) -> None:
    held = cloud.device.upload(b"held")
    message = {"summary": b64(b"x"), "hold": True}
    assert cloud.device.call("PUT", f"/v1/backups/{held}", message).status == 200
    ends = cloud.device.backup(b"ends", expires=cloud.clock.after(days=300))
    history(cloud, cloud.device, days=40)
    cloud.device.call("PUT", "/v1/retention", {"last": 1, "daily": 0, "weekly": 0, "monthly": 0})
    assert {held, ends} <= set(live(cloud.device))


def test_a_brought_back_backup_is_not_pruned_again(cloud: InProcess) -> None:
    made = history(cloud, cloud.device, days=5)
    cloud.device.call("PUT", "/v1/retention", {"last": 1, "daily": 0, "weekly": 0, "monthly": 0})
    undelete(cloud.device, made[0])
    history(cloud, cloud.device, days=3)
    assert made[0] in live(cloud.device)


def test_the_number_of_backups_is_limited(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    from satchel_service.backups import backups

    monkeypatch.setattr(backups, "MAX_BACKUPS", 2)
    cloud.device.backup(b"one")
    cloud.device.backup(b"two")
    archive = cloud.device.upload(b"three")
    assert cloud.device.call("PUT", f"/v1/backups/{archive}", {"summary": ""}).problem == "quota"
