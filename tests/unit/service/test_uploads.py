"""Uploads: parts in any order, repeated or incomplete; sizes are enforced; incomplete parts never count."""

import asyncio
import base64
import errno
import hashlib
import shutil

import pytest
from tests.support.asgi import Call
from tests.unit.service.conftest import PART_BYTES, InProcess, MakeCloud

from satchel_service.backups.backups import Backups
from satchel_service.backups.uploads import Uploads
from satchel_service.problems import ProblemError
from satchel_service.storage import PartPlan
from satchel_wire.messages import Backup, BackupRequest

DATA = bytes(range(256)) * 600  # 150 KiB: two full parts and a smaller one


def part(cloud: InProcess, upload_id: str, number: int, body: bytes, **headers: str) -> str:
    answer = cloud.device.call("PUT", f"/v1/uploads/{upload_id}/parts/{number}", body=body, headers=headers)
    return answer.problem or str(answer.status)


def received(cloud: InProcess, upload_id: str) -> list[int]:
    parts = cloud.device.call("GET", f"/v1/uploads/{upload_id}").json()["parts"]
    return [found["number"] for found in parts if found.get("received")]


@pytest.fixture
def upload(cloud: InProcess) -> str:
    upload_id = cloud.device.new_id()
    assert cloud.device.announce(upload_id, len(DATA)).status == 200
    return upload_id


def test_the_parts_cover_the_object_in_order_without_gaps(cloud: InProcess, upload: str) -> None:
    parts = cloud.device.announce(upload, len(DATA)).json()["parts"]
    assert [found["number"] for found in parts] == [1, 2, 3]
    assert [found["size_bytes"] for found in parts] == [PART_BYTES, PART_BYTES, len(DATA) - 2 * PART_BYTES]
    assert [found["offset"] for found in parts] == [0, PART_BYTES, 2 * PART_BYTES]


def test_parts_can_arrive_in_any_order_and_repeatedly(cloud: InProcess, upload: str) -> None:
    for number in (3, 1, 3, 2, 1):
        assert part(cloud, upload, number, DATA[(number - 1) * PART_BYTES :][:PART_BYTES]) == "204"
    cloud.device.call("POST", f"/v1/uploads/{upload}/complete")
    cloud.device.call("PUT", f"/v1/backups/{upload}", {"summary": ""})
    assert cloud.device.call("GET", f"/v1/archives/{upload}").body == DATA


def test_repeating_an_announcement_returns_the_state(cloud: InProcess, upload: str) -> None:
    assert part(cloud, upload, 2, DATA[PART_BYTES:][:PART_BYTES]) == "204"
    again = cloud.device.announce(upload, len(DATA)).json()
    assert [found.get("received", False) for found in again["parts"]] == [False, True, False]


def test_announcing_another_kind_or_size_is_a_conflict(cloud: InProcess, upload: str) -> None:
    assert cloud.device.announce(upload, len(DATA) + 1).problem == "conflict"
    assert cloud.device.announce(upload, len(DATA), "share").problem == "conflict"


def test_completion_needs_every_part_and_can_be_repeated(cloud: InProcess, upload: str) -> None:
    path = f"/v1/uploads/{upload}/complete"
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "204"
    assert cloud.device.call("POST", path).problem == "incomplete"
    cloud.device.send_parts(cloud.device.announce(upload, len(DATA)).json(), DATA)
    first, second = cloud.device.call("POST", path), cloud.device.call("POST", path)
    assert first.json() == second.json()
    assert first.json()["complete"]
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "conflict"


def test_a_completed_upload_stays_visible_after_a_backup_took_it_over(cloud: InProcess) -> None:
    backup = cloud.device.backup(DATA)
    assert cloud.device.announce(backup, len(DATA)).json()["complete"]
    assert cloud.device.call("POST", f"/v1/uploads/{backup}/complete").json()["complete"]
    assert cloud.device.call("DELETE", f"/v1/uploads/{backup}").problem == "not-found"
    assert cloud.device.call("GET", f"/v1/archives/{backup}").body == DATA


@pytest.mark.parametrize(
    ("size", "problem"), [(PART_BYTES - 1, "invalid"), (PART_BYTES + 1, "too-large"), (0, "invalid")]
)
def test_a_part_must_have_its_exact_size(cloud: InProcess, upload: str, size: int, problem: str) -> None:
    assert part(cloud, upload, 1, bytes(size)) == problem
    assert received(cloud, upload) == []


@pytest.mark.parametrize("number", ["0", "4", "999999", "x", "1.5", "-1", "1234567"])
def test_other_part_numbers_do_not_exist(cloud: InProcess, upload: str, number: str) -> None:
    answer = cloud.device.call("PUT", f"/v1/uploads/{upload}/parts/{number}", body=DATA[:PART_BYTES])
    assert answer.problem == "not-found"


def test_a_part_without_a_length_is_refused(cloud: InProcess, upload: str) -> None:
    headers = {"Authorization": f"Bearer {cloud.device.token}", "Content-Type": "application/octet-stream"}
    call = Call("PUT", f"/v1/uploads/{upload}/parts/1", headers, [DATA[:PART_BYTES]])
    assert cloud.loopback.call(call).problem == "length-required"


def test_a_part_with_another_media_type_is_refused(cloud: InProcess, upload: str) -> None:
    assert part(cloud, upload, 1, DATA[:PART_BYTES], **{"Content-Type": "text/plain"}) == "wrong-type"


def test_an_incomplete_body_leaves_nothing(cloud: InProcess, upload: str) -> None:
    headers = {
        "Authorization": f"Bearer {cloud.device.token}",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(PART_BYTES),
    }
    path = f"/v1/uploads/{upload}/parts/1"
    gone = Call("PUT", path, headers, [DATA[: PART_BYTES - 1]], gone=True)
    assert cloud.loopback.call(gone).status == 400
    short = Call("PUT", path, headers, [DATA[: PART_BYTES - 1]])
    assert cloud.loopback.call(short).status == 422
    assert received(cloud, upload) == []
    assert list((cloud.folder / "staging").iterdir()) == []


def test_an_incomplete_repeat_does_not_damage_a_received_part(cloud: InProcess, upload: str) -> None:
    cloud.device.send_parts(cloud.device.announce(upload, len(DATA)).json(), DATA)
    headers = {
        "Authorization": f"Bearer {cloud.device.token}",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(PART_BYTES),
    }
    cut = Call("PUT", f"/v1/uploads/{upload}/parts/1", headers, [bytes(PART_BYTES - 1)])
    assert cloud.loopback.call(cut).status == 422
    cloud.device.call("POST", f"/v1/uploads/{upload}/complete")
    cloud.device.call("PUT", f"/v1/backups/{upload}", {"summary": ""})
    assert cloud.device.call("GET", f"/v1/archives/{upload}").body == DATA


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_a_content_digest_is_checked(cloud: InProcess, upload: str, algorithm: str) -> None:
    body = DATA[:PART_BYTES]
    right = base64.b64encode(hashlib.new(algorithm.replace("-", ""), body).digest()).decode()
    wrong = base64.b64encode(hashlib.new(algorithm.replace("-", ""), b"").digest()).decode()
    digest = {"Content-Digest": f"{algorithm}=:{wrong}:"}
    assert part(cloud, upload, 1, body, **digest) == "wrong-digest"
    assert received(cloud, upload) == []
    assert part(cloud, upload, 1, body, **{"Content-Digest": f"md5=:AAAA:, {algorithm}=:{right}:"}) == "204"


@pytest.mark.parametrize("digest", ["sha-256", "sha-256=abc", "sha-256=:!!!:", "sha-256=:AAA:", ","])
def test_a_malformed_content_digest_is_refused(cloud: InProcess, upload: str, digest: str) -> None:
    assert part(cloud, upload, 1, DATA[:PART_BYTES], **{"Content-Digest": digest}) == "bad-request"


def test_an_abort_that_loses_to_a_commit_leaves_the_archive_alone(cloud: InProcess, upload: str) -> None:
    for number in (1, 2, 3):
        part(cloud, upload, number, DATA[(number - 1) * PART_BYTES :][:PART_BYTES])
    cloud.device.call("POST", f"/v1/uploads/{upload}/complete")
    uploads, backups = Uploads(cloud.environment), Backups(cloud.environment)

    async def race() -> tuple[object, object]:
        """Run them so that the abort looks, the commit takes over, and the abort deletes."""
        commit = backups.commit(upload, BackupRequest(summary=b""), by=cloud.device.id)
        return await asyncio.gather(uploads.abort(upload, by=cloud.device.id), commit, return_exceptions=True)

    aborted, committed = cloud.loopback.run(race())
    assert isinstance(aborted, ProblemError)
    assert isinstance(committed, Backup)
    assert cloud.device.call("GET", f"/v1/archives/{upload}").body == DATA


def test_aborting_deletes_an_upload_and_its_parts(cloud: InProcess, upload: str) -> None:
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "204"
    assert cloud.device.call("DELETE", f"/v1/uploads/{upload}").status == 204
    assert cloud.device.call("DELETE", f"/v1/uploads/{upload}").problem == "not-found"
    assert list(cloud.environment.storage.uploads()) == []
    assert list((cloud.folder / "uploads").iterdir()) == []


def test_an_unfinished_upload_expires(cloud: InProcess, upload: str) -> None:
    cloud.clock.advance(days=7)
    assert cloud.device.call("GET", f"/v1/uploads/{upload}").problem == "not-found"
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "not-found"
    cloud.device.call("GET", "/v1/backups")
    assert list(cloud.environment.storage.uploads()) == []


def test_sizes_are_limited_by_kind(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_ARCHIVE_BYTES="1000", SATCHEL_SHARE_BYTES="100")
    assert cloud.device.announce("a" * 32, 1001).problem == "too-large"
    assert cloud.device.announce("a" * 32, 1000).status == 200
    assert cloud.device.announce("b" * 32, 101, "share").problem == "too-large"
    assert cloud.device.announce("c" * 32, 0).problem == "invalid"


def test_concurrent_announcements_of_one_id_begin_one_upload(cloud: InProcess) -> None:
    headers = {"Authorization": f"Bearer {cloud.device.token}", "Content-Type": "application/json"}
    body = b'{"kind":"archive","size_bytes":1000}'
    answers = cloud.loopback.race(Call("PUT", f"/v1/uploads/{'a' * 32}", headers, [body]) for _ in range(20))
    assert {answer.status for answer in answers} == {200}
    assert len(list(cloud.environment.storage.uploads())) == 1


def test_an_upload_completed_in_the_storage_before_a_crash_can_be_completed(
    cloud: InProcess, upload: str
) -> None:
    cloud.device.send_parts(cloud.device.announce(upload, len(DATA)).json(), DATA)
    (unfinished,) = cloud.environment.storage.uploads()
    plan = PartPlan(len(DATA), PART_BYTES)
    cloud.environment.storage.complete_upload(unfinished.key, unfinished.token, plan)
    assert received(cloud, upload) == [1, 2, 3]
    assert cloud.device.call("POST", f"/v1/uploads/{upload}/complete").json()["complete"]
    assert cloud.device.call("PUT", f"/v1/backups/{upload}", {"summary": ""}).status == 200
    assert cloud.device.call("GET", f"/v1/archives/{upload}").body == DATA


@pytest.mark.parametrize("completes", [True, False])
def test_an_upload_that_the_storage_lost_can_be_started_again(
    cloud: InProcess, upload: str, completes: bool
) -> None:
    (unfinished,) = cloud.environment.storage.uploads()
    cloud.environment.storage.abort_upload(unfinished.key, unfinished.token)
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "not-found"
    if completes:
        assert cloud.device.call("POST", f"/v1/uploads/{upload}/complete").problem == "not-found"
        assert cloud.device.call("GET", f"/v1/uploads/{upload}").problem == "not-found"
    assert cloud.device.announce(upload, len(DATA)).status == 200
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "204"


def test_a_full_disk_is_reported_before_any_part_is_sent(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> object:
        return shutil._ntuple_diskusage(1000, 1000, 0)

    monkeypatch.setattr(shutil, "disk_usage", full)
    assert cloud.device.announce("a" * 32, 10).problem == "quota"


def test_a_disk_that_fills_during_a_part_is_reported_and_the_part_can_be_repeated(
    cloud: InProcess, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("satchel_service.storage.directory_files.write_all", fail)
        assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "quota"
    assert received(cloud, upload) == []
    assert part(cloud, upload, 1, DATA[:PART_BYTES]) == "204"
