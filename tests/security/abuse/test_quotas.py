"""Quotas under attack by a device's token: many objects of every kind, alone and at the same time, never beyond a limit."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.support.asgi import Answer, Call
from tests.support.wire_device import PROOF, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.backups import backups as backups_module
from satchel_service.backups import uploads as uploads_module
from satchel_service.shares import reports as reports_module

LIMIT: Final = 5
RUSH: Final = 30
JSON: Final = {"Content-Type": "application/json"}


def count(cloud: InProcess, sql: str) -> int:
    return int(cloud.loopback.run(cloud.environment.database.read(lambda db: db.execute(sql).get)))


def used_bytes(cloud: InProcess) -> int:
    size: int = cloud.device.call("GET", "/v1/status").json()["used_bytes"]
    return size


def as_device(cloud: InProcess, method: str, path: str, body: bytes = b"") -> Call:
    return Call(method, path, {**JSON, "Authorization": f"Bearer {cloud.device.token}"}, [body])


def rush(cloud: InProcess, calls: list[Call]) -> Counter[str]:
    """Send requests at the same time and count the responses by problem."""
    return Counter(answer.problem or str(answer.status) for answer in cloud.loopback.race(calls))


def announcements(cloud: InProcess, size_bytes: int) -> list[Call]:
    body = b'{"kind":"archive","size_bytes":%d}' % size_bytes
    return [as_device(cloud, "PUT", f"/v1/uploads/{cloud.device.new_id()}", body) for _ in range(RUSH)]


# -- uploads --------------------------------------------------------------------------------------------------


def test_uploads_that_are_never_completed_are_limited_in_number(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_UPLOADS=str(LIMIT))
    uploads = [cloud.device.new_id() for _ in range(RUSH)]
    problems = [cloud.device.announce(upload, 1).problem for upload in uploads]
    assert problems == [""] * LIMIT + ["quota"] * (RUSH - LIMIT)
    assert len(list(cloud.environment.storage.uploads())) == LIMIT
    assert cloud.device.announce(uploads[0], 1).status == 200, "an upload that has begun can be resumed"
    cloud.device.call("DELETE", f"/v1/uploads/{uploads[0]}")
    assert cloud.device.announce(uploads[-1], 1).status == 200


def test_uploads_that_are_never_completed_make_room_once_they_expire(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_UPLOADS=str(LIMIT))
    for _ in range(LIMIT):
        cloud.device.announce(cloud.device.new_id(), 1000)
    assert used_bytes(cloud) == LIMIT * 1000
    cloud.clock.advance(days=7)
    cloud.device.call("GET", "/v1/backups")
    assert used_bytes(cloud) == 0
    assert list(cloud.environment.storage.uploads()) == []
    assert list((cloud.folder / "uploads").iterdir()) == []
    assert cloud.device.announce(cloud.device.new_id(), 1).status == 200


def test_uploads_that_nothing_takes_over_are_unfinished(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_UPLOADS=str(LIMIT))
    uploads = [cloud.device.upload(b"x") for _ in range(LIMIT)]
    assert cloud.device.announce(cloud.device.new_id(), 1).problem == "quota"
    assert cloud.device.call("PUT", f"/v1/backups/{uploads[0]}", {"summary": ""}).status == 200
    assert cloud.device.announce(cloud.device.new_id(), 1).status == 200


def test_announcements_at_the_same_time_do_not_exceed_the_number(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_UPLOADS=str(LIMIT))
    assert rush(cloud, announcements(cloud, 1)) == {"200": LIMIT, "quota": RUSH - LIMIT}
    assert len(list(cloud.environment.storage.uploads())) == LIMIT


@pytest.mark.parametrize(("size_bytes", "accepted"), [(1000, 10), (3333, 3), (9999, 1), (10_001, 0)])
def test_announcements_at_the_same_time_do_not_exceed_the_quota(
    make_cloud: MakeCloud, size_bytes: int, accepted: int
) -> None:
    cloud = make_cloud(SATCHEL_QUOTA_BYTES="10000")
    outcome = rush(cloud, announcements(cloud, size_bytes))
    assert outcome["200"] == accepted
    assert outcome["quota"] == RUSH - accepted
    assert used_bytes(cloud) == accepted * size_bytes <= 10_000
    assert len(list(cloud.environment.storage.uploads())) == accepted
    assert len(list((cloud.folder / "uploads").iterdir())) == accepted


def test_a_refused_announcement_sends_no_request_to_the_storage(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = make_cloud(SATCHEL_UPLOADS="1")
    cloud.device.announce(cloud.device.new_id(), 1)

    def refuse(*_arguments: object) -> None:
        raise AssertionError("the storage was asked")

    monkeypatch.setattr(cloud.environment.storage, "begin_upload", refuse)
    assert cloud.device.announce(cloud.device.new_id(), 1).problem == "quota"


def test_rows_of_uploads_that_were_taken_over_do_not_pile_up(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "MAX_TAKEN_OVER", LIMIT)
    cloud = make_cloud()
    share = cloud.device.share(b"0")
    uploads = [""]
    for number in range(1, 4 * LIMIT):
        uploads.append(cloud.device.upload(str(number).encode(), "share"))
        change = {"version": number, "upload": uploads[number]}
        answer = cloud.device.call("PATCH", f"/v1/shares/{share}", change)
        assert answer.status == 200
    assert count(cloud, "SELECT count(*) FROM uploads") <= LIMIT + 1
    assert cloud.stranger.open(share).body == str(4 * LIMIT - 1).encode()
    assert cloud.device.announce(uploads[-1], 2, "share").json()["complete"], "the newest is known"


# -- everything else ------------------------------------------------------------------------------------------


def share_calls(cloud: InProcess) -> list[Call]:
    proof = b64(hashlib.sha256(PROOF).digest())
    return [
        as_device(
            cloud,
            "PUT",
            f"/v1/shares/{cloud.device.new_id()}",
            f'{{"upload":"{cloud.device.upload(b"x", "share")}","proof_sha256":"{proof}"}}'.encode(),
        )
        for _ in range(RUSH)
    ]


def backup_calls(cloud: InProcess) -> list[Call]:
    return [
        as_device(cloud, "PUT", f"/v1/backups/{cloud.device.upload(b'x')}", b'{"summary":"","hold":true}')
        for _ in range(RUSH)
    ]


def device_calls(cloud: InProcess) -> list[Call]:
    codes = [cloud.device.call("POST", "/v1/pairings").json()["code"] for _ in range(20)]
    return [Call("POST", "/v1/pair", JSON, [f'{{"code":"{code}"}}'.encode()]) for code in codes]


RUSHES: Final[dict[str, tuple[Callable[[InProcess], list[Call]], str, int]]] = {
    "shares": (share_calls, "SELECT count(*) FROM shares", LIMIT),
    "backups": (backup_calls, "SELECT count(*) FROM backups", LIMIT),
    "devices": (device_calls, "SELECT count(*) FROM devices", LIMIT),
}


@pytest.mark.parametrize("kind", RUSHES)
def test_many_at_the_same_time_do_not_exceed_the_limit(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(backups_module, "MAX_BACKUPS", LIMIT)
    cloud = make_cloud(SATCHEL_SHARES=str(LIMIT), SATCHEL_DEVICES=str(LIMIT))
    make_calls, sql, expected = RUSHES[kind]
    outcome = rush(cloud, make_calls(cloud))
    assert count(cloud, sql) == expected
    assert outcome["quota"] >= RUSH // 2
    assert outcome["internal"] == outcome["unavailable"] == 0


def test_a_refused_share_keeps_its_upload_and_no_card(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_SHARES="0")
    for _ in range(LIMIT):
        request = cloud.device.share_request(card={"title": "a card"})
        assert cloud.device.call("PUT", f"/v1/shares/{cloud.device.new_id()}", request).problem == "quota"
    assert [name for name in cloud.objects() if name.startswith("cards/")] == []


def test_codes_are_limited_in_number(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    for _ in range(2 * RUSH):
        assert cloud.device.call("POST", "/v1/pairings").status == 201
    assert count(cloud, "SELECT count(*) FROM pairing_codes WHERE used IS NULL") <= 20


def report(cloud: InProcess, share: str, text: str = "x") -> Answer:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return cloud.stranger.call(
        "POST", f"/s/{share}/report", body=f"reason=other&text={text}".encode(), headers=form
    )


def test_reports_of_all_shares_together_are_limited(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports_module, "MAX_REPORTS_IN_ALL", LIMIT)
    cloud = make_cloud()
    shares = [cloud.device.share(bytes([number])) for number in range(LIMIT)]
    statuses = Counter(report(cloud, share).status for share in shares * 3)
    assert statuses == {200: LIMIT, 429: 2 * LIMIT}
    assert count(cloud, "SELECT count(*) FROM reports") == LIMIT


def test_reports_at_the_same_time_do_not_exceed_the_rate(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    path = f"/s/{cloud.device.share()}/report"
    call = Call("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, [b"reason=other"])
    statuses = Counter(answer.status for answer in cloud.loopback.race([call] * RUSH))
    assert statuses == {200: 3, 429: RUSH - 3}


PARTS: Final[dict[str, tuple[Any, str]]] = {
    "nothing": (b"", "invalid"),
    "a byte less": (b"x" * 999, "invalid"),
    "a byte more": (b"x" * 1001, "too-large"),
    "ten times as much": (b"x" * 10_000, "too-large"),
}


@pytest.mark.parametrize("sent", PARTS)
def test_a_part_of_another_size_than_announced_is_refused(make_cloud: MakeCloud, sent: str) -> None:
    cloud, (body, problem) = make_cloud(), PARTS[sent]
    upload = cloud.device.new_id()
    cloud.device.announce(upload, 1000)
    used = used_bytes(cloud)
    for _ in range(LIMIT):
        assert cloud.device.call("PUT", f"/v1/uploads/{upload}/parts/1", body=body).problem == problem
    assert used_bytes(cloud) == used
    assert cloud.device.call("POST", f"/v1/uploads/{upload}/complete").problem == "incomplete"
    assert list((cloud.folder / "staging").iterdir()) == []


@pytest.mark.parametrize("announced", [999, 1001])
def test_a_body_that_differs_from_its_announced_length_is_refused(
    make_cloud: MakeCloud, announced: int
) -> None:
    cloud = make_cloud()
    upload = cloud.device.new_id()
    cloud.device.announce(upload, announced)
    headers = {"Content-Length": str(announced)}
    answer = cloud.device.call("PUT", f"/v1/uploads/{upload}/parts/1", body=b"x" * 1000, headers=headers)
    assert answer.problem == ("too-large" if announced < 1000 else "invalid")
    assert cloud.device.call("POST", f"/v1/uploads/{upload}/complete").problem == "incomplete"
