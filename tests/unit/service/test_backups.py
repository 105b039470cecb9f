"""Backups: committing, retention of archives, expiry and download."""

from tests.support.wire_device import b64
from tests.unit.service.conftest import InProcess, MakeCloud


def commit(cloud: InProcess, backup_id: str, **message: object) -> str:
    answer = cloud.device.call("PUT", f"/v1/backups/{backup_id}", {"summary": b64(b"sealed"), **message})
    return answer.problem or "committed"


def archives(cloud: InProcess) -> list[str]:
    return sorted(cloud.device.call("GET", "/v1/backups").json()["archives"])


def test_a_backup_is_downloaded_byte_for_byte(cloud: InProcess) -> None:
    data = bytes(range(256)) * 700
    backup = cloud.device.backup(data)
    answer = cloud.device.call("GET", f"/v1/archives/{backup}")
    assert answer.body == data
    assert answer.headers["content-length"] == str(len(data))


def test_an_uncommitted_archive_cannot_be_downloaded(cloud: InProcess) -> None:
    archive = cloud.device.upload(b"archive")
    assert cloud.device.call("GET", f"/v1/archives/{archive}").problem == "not-found"


def test_repeating_a_commit_is_idempotent_and_other_content_is_a_conflict(cloud: InProcess) -> None:
    archive = cloud.device.upload(b"archive")
    path, message = f"/v1/backups/{archive}", {"summary": b64(b"one"), "expires": cloud.clock.after(days=30)}
    first = cloud.device.call("PUT", path, message)
    cloud.clock.advance(minutes=5)
    assert cloud.device.call("PUT", path, message).json() == first.json()
    assert cloud.device.call("PUT", path, {**message, "summary": b64(b"two")}).problem == "conflict"


def test_a_commit_without_a_complete_upload_is_refused(cloud: InProcess) -> None:
    assert commit(cloud, "a" * 32) == "not-found"
    cloud.device.announce("b" * 32, 10)
    assert commit(cloud, "b" * 32) == "incomplete"


def test_a_commit_that_needs_a_missing_archive_names_it_and_changes_nothing(cloud: InProcess) -> None:
    archive, missing = cloud.device.upload(b"archive"), "f" * 32
    answer = cloud.device.call("PUT", f"/v1/backups/{archive}", {"summary": "", "needs": [missing]})
    assert (answer.problem, answer.json()["fields"]) == (
        "needs-missing",
        [{"field": "needs", "reason": missing}],
    )
    assert commit(cloud, archive) == "committed"


def test_an_archive_is_kept_while_a_live_backup_needs_it(cloud: InProcess) -> None:
    base = cloud.device.backup(b"base")
    one, two = cloud.device.backup(b"one", needs=(base,)), cloud.device.backup(b"two", needs=(base,))
    cloud.device.call("DELETE", f"/v1/backups/{base}")
    assert archives(cloud) == sorted([base, one, two])
    assert cloud.device.call("GET", f"/v1/archives/{base}").body == b"base"
    cloud.device.call("DELETE", f"/v1/backups/{one}")
    assert archives(cloud) == sorted([base, two])
    cloud.device.call("DELETE", f"/v1/backups/{two}")
    assert archives(cloud) == []
    assert len(cloud.objects()) == 3, "deletion waits"


def test_an_expired_backup_is_invisible_at_once(cloud: InProcess) -> None:
    backup = cloud.device.backup(expires=cloud.clock.after(hours=1))
    cloud.clock.advance(minutes=1)
    newest = cloud.device.backup(b"the newest of a device does not end by time")
    waiting = cloud.device.upload(b"next")
    cloud.clock.advance(hours=1)
    assert cloud.device.call("GET", f"/v1/archives/{backup}").problem == "not-found"
    assert commit(cloud, waiting, needs=[backup]) == "needs-missing"
    assert cloud.device.call("PATCH", f"/v1/backups/{backup}", {"expires": None}).problem == "not-found"
    assert cloud.device.call("DELETE", f"/v1/backups/{backup}").problem == "not-found"
    listed = cloud.device.call("GET", "/v1/backups").json()
    assert [each["id"] for each in listed["backups"]] == listed["archives"] == [newest]
    assert listed.keys() == {"backups", "archives"}


def test_an_expired_backup_is_swept_after_the_grace_period_during_a_request(cloud: InProcess) -> None:
    backup = cloud.device.backup(expires=cloud.clock.after(hours=1))
    cloud.clock.advance(minutes=1)
    cloud.device.backup(b"newer")
    for _ in range(8):
        assert any(backup in key for key in cloud.objects())
        cloud.clock.advance(days=1)
        cloud.device.call("GET", "/v1/backups")
    assert not any(backup in key for key in cloud.objects())


def test_the_archive_of_an_expired_backup_is_kept_while_a_live_one_needs_it(cloud: InProcess) -> None:
    base = cloud.device.backup(b"base", expires=cloud.clock.after(hours=1))
    later = cloud.device.backup(b"later", needs=(base,))
    cloud.clock.advance(hours=2)
    cloud.device.call("GET", "/v1/backups")
    assert archives(cloud) == sorted([base, later])
    assert cloud.device.call("GET", f"/v1/archives/{base}").body == b"base"


def test_an_expiry_can_be_changed_and_removed(cloud: InProcess) -> None:
    backup = cloud.device.backup(expires=cloud.clock.after(hours=1))
    changed = cloud.device.call("PATCH", f"/v1/backups/{backup}", {"expires": None})
    assert changed.json()["expires"] is None
    cloud.clock.advance(days=1000)
    assert cloud.device.call("GET", f"/v1/backups/{backup}").status == 200


def test_backups_are_listed_newest_first_with_their_sealed_summaries(cloud: InProcess) -> None:
    one = cloud.device.backup(b"one")
    cloud.clock.advance(seconds=1)
    two = cloud.device.backup(b"three", needs=(one,))
    listed = cloud.device.call("GET", "/v1/backups").json()["backups"]
    assert [(found["id"], found["size_bytes"], found["needs"]) for found in listed] == [
        (two, 5, [one]),
        (one, 3, []),
    ]
    assert listed[0]["summary"] == b64(b"sealed summary")


def test_a_deleted_backup_whose_archive_is_kept_can_be_committed_again(cloud: InProcess) -> None:
    base = cloud.device.backup(b"base")
    cloud.device.backup(b"later", needs=(base,))
    cloud.device.call("DELETE", f"/v1/backups/{base}")
    assert commit(cloud, base) == "conflict", "other content"
    assert commit(cloud, base, summary=b64(b"sealed summary")) == "committed"
    assert cloud.device.call("GET", f"/v1/backups/{base}").json()["size_bytes"] == 4


def test_the_quota_counts_unfinished_uploads_with_their_full_size(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_QUOTA_BYTES="1000")
    backup = cloud.device.backup(bytes(600))
    assert cloud.device.announce("a" * 32, 300).status == 200
    assert cloud.device.announce("b" * 32, 101).problem == "quota"
    assert cloud.device.announce("c" * 32, 100).status == 200
    cloud.device.call("DELETE", f"/v1/backups/{backup}")
    assert cloud.device.announce("b" * 32, 101).problem == "quota", "deletion waits"
    erase = {"code": cloud.operators_code(), "backups": [backup]}
    assert cloud.device.call("POST", "/v1/backups/erase", erase).status == 204
    assert cloud.device.announce("b" * 32, 101).status == 200


def test_status_returns_usage_and_limits(cloud: InProcess) -> None:
    cloud.device.backup(bytes(600))
    cloud.device.share(bytes(30))
    status = cloud.device.call("GET", "/v1/status").json()
    assert (status["used_bytes"], status["backups"], status["shares"], status["devices"]) == (630, 1, 1, 1)
    assert status["limits"]["part_bytes"] == cloud.environment.settings.part_bytes


def test_erasing_deletes_every_row_and_object_and_revokes_every_token(cloud: InProcess) -> None:
    cloud.device.backup()
    cloud.device.share()
    cloud.device.announce("a" * 32, 10)
    assert cloud.erase().status == 204
    assert cloud.objects() == []
    assert list(cloud.environment.storage.uploads()) == []
    assert cloud.device.call("GET", "/v1/status").problem == "not-signed-in"


def test_old_orphaned_objects_are_swept(cloud: InProcess) -> None:
    from satchel_service.storage import PartPlan, blob_key

    storage = cloud.environment.storage
    storage.create(blob_key("archives/orphan"), b"left by a crash")
    storage.begin_upload(blob_key("archives/unnamed"), PartPlan(10, 10))
    (cloud.folder / "staging" / "half").write_bytes(b"half-written")
    storage.create(blob_key("log/0000"), b"not a blob")
    named = cloud.device.upload(b"named, not committed")
    cloud.device.backup(b"first of the day")
    assert "archives/orphan" in cloud.objects()
    cloud.clock.advance(days=8)
    cloud.device.backup(b"another day")
    assert "archives/orphan" not in cloud.objects()
    assert not [upload for upload in storage.uploads() if upload.key == "archives/unnamed"]
    assert not (cloud.folder / "staging" / "half").exists()
    assert not [key for key in cloud.objects() if named in key], "the upload expired after a week"
    assert "log/0000" in cloud.objects()


def test_an_expiry_outside_utc_is_refused_and_does_not_break_listing(cloud: InProcess) -> None:
    backup = cloud.device.backup(b"archive")
    answer = cloud.device.call("PATCH", f"/v1/backups/{backup}", {"expires": "9999-12-31T23:59:59-14:00"})
    assert answer.problem == "invalid"
    last = cloud.device.call("PATCH", f"/v1/backups/{backup}", {"expires": "9999-12-31T23:59:59.999Z"})
    assert last.status == 200
    assert cloud.device.call("GET", "/v1/backups").status == 200
