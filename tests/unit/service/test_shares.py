"""Shares: who may open what, how often, until when; and what nobody learns."""

import hashlib
from collections import Counter

import pytest
from tests.support.asgi import Call
from tests.support.wire_device import PROOF, b64
from tests.unit.service.conftest import InProcess, MakeCloud

WRONG = bytes(32)
PASSWORD = {"salt": b64(bytes(16)), "log_n": 16}


def test_the_proof_of_the_key_opens_a_share(cloud: InProcess) -> None:
    share = cloud.device.share(b"the sealed body")
    answer = cloud.stranger.open(share)
    assert (answer.status, answer.body) == (200, b"the sealed body")
    assert answer.headers["satchel-share-version"] == "1"


def test_four_hundred_racing_openers_of_five_views_get_exactly_five(cloud: InProcess) -> None:
    share = cloud.device.share(views=5)
    body = b'{"proof":"%s"}' % b64(PROOF).encode()
    calls = [
        Call("POST", f"/v1/shares/{share}/open", {"Content-Type": "application/json"}, [body])
        for _ in range(400)
    ]
    answers = cloud.loopback.race(calls)
    assert Counter(answer.status for answer in answers) == {200: 5, 410: 395}
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["opened"] == 5


def test_whichever_of_expiry_and_views_is_reached_first_ends_a_share(cloud: InProcess) -> None:
    by_views = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    by_time = cloud.device.share(views=2, expires=cloud.clock.after(hours=1))
    assert cloud.stranger.open(by_views).status == 200
    assert cloud.stranger.open(by_views).problem == "gone"
    assert cloud.stranger.open(by_time).status == 200
    cloud.clock.go_on(hours=1)
    assert cloud.stranger.open(by_time).problem == "gone"


def test_a_share_is_open_until_the_millisecond_of_its_expiry(cloud: InProcess) -> None:
    share = cloud.device.share(expires=cloud.clock.after(seconds=1))
    cloud.clock.ms += 999
    assert cloud.stranger.open(share).status == 200
    cloud.clock.ms += 1
    assert cloud.stranger.open(share).problem == "gone"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/raw", "/v1/shares/{}/info", "/v1/shares/{}/open"])
def test_looking_takes_no_view(cloud: InProcess, method: str, path: str) -> None:
    share = cloud.device.share(views=1)
    for _ in range(3):
        cloud.stranger.call(method, path.format(share))
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["opened"] == 0


def test_a_wrong_proof_takes_no_view(cloud: InProcess) -> None:
    share = cloud.device.share(views=1)
    assert cloud.stranger.open(share, WRONG).problem == "wrong-proof"
    assert cloud.stranger.open(share).status == 200


def test_wrong_proofs_of_a_password_hold_back_the_right_one_for_a_while(cloud: InProcess) -> None:
    share = cloud.device.share(password=PASSWORD)
    problems = [cloud.stranger.open(share, WRONG).problem for _ in range(11)]
    assert problems == ["wrong-proof"] * 10 + ["too-many"]
    held = cloud.stranger.open(share)
    assert (held.problem, held.headers["retry-after"]) == ("too-many", "6")
    cloud.clock.go_on(seconds=6)
    assert cloud.stranger.open(share).status == 200


def test_strangers_cannot_lock_a_share_without_a_password(cloud: InProcess) -> None:
    share = cloud.device.share()
    problems = [cloud.stranger.open(share, WRONG).problem for _ in range(12)]
    assert problems[-1] == "too-many"
    assert cloud.stranger.open(share).status == 200


def test_wrong_proofs_of_one_share_do_not_hold_back_another(cloud: InProcess) -> None:
    one, other = cloud.device.share(password=PASSWORD), cloud.device.share(password=PASSWORD)
    for _ in range(11):
        cloud.stranger.open(one, WRONG)
    assert cloud.stranger.open(other).status == 200


def test_info_tells_what_an_opener_needs_and_no_more(cloud: InProcess) -> None:
    share = cloud.device.share(views=3, password=PASSWORD, note=b64(b"note"))
    info = cloud.stranger.call("GET", f"/v1/shares/{share}/info").json()
    assert info == {"limited": True, "password": PASSWORD}


@pytest.mark.parametrize("end", ["expire", "use up", "revoke"])
@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/raw", "/v1/shares/{}/info"])
def test_strangers_cannot_tell_an_ended_share_from_one_that_never_was(
    cloud: InProcess, end: str, path: str
) -> None:
    share = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    match end:
        case "expire":
            cloud.clock.go_on(hours=2)
        case "use up":
            cloud.stranger.open(share)
        case _:
            cloud.device.call("DELETE", f"/v1/shares/{share}")
    ended = cloud.stranger.call("GET", path.format(share))
    never = cloud.stranger.call("GET", path.format("0" * 32))
    assert ended.status == never.status == 404
    same = [name for name in ended.headers if name != "x-request-id"]
    assert [ended.headers[name] for name in same] == [never.headers[name] for name in same]
    assert hide_request_id(ended.body) == hide_request_id(never.body)
    assert cloud.stranger.open(share, WRONG).problem == "not-found"


def hide_request_id(body: bytes) -> bytes:
    return body.partition(b'"request_id"')[0]


def test_raw_serves_only_shares_without_view_limit_and_password(cloud: InProcess) -> None:
    plain = cloud.device.share(b"0123456789", expires=cloud.clock.after(days=1))
    limited = cloud.device.share(views=5)
    with_password = cloud.device.share(password=PASSWORD)
    assert cloud.stranger.call("GET", f"/s/{plain}/raw").body == b"0123456789"
    part = cloud.stranger.call("GET", f"/s/{plain}/raw", headers={"Range": "bytes=2-4"})
    assert (part.status, part.body) == (206, b"234")
    assert cloud.stranger.call("GET", f"/s/{limited}/raw").problem == "not-found"
    assert cloud.stranger.call("GET", f"/s/{with_password}/raw").problem == "not-found"


def test_publishing_again_answers_the_same_share_and_with_other_content_a_conflict(cloud: InProcess) -> None:
    request = cloud.device.share_request(b"body", views=3, note=b64(b"note"))
    path = f"/v1/shares/{cloud.device.new_id()}"
    first = cloud.device.call("PUT", path, request)
    assert cloud.device.call("PUT", path, request).json() == first.json()
    assert cloud.device.call("PUT", path, {**request, "views": 4}).problem == "conflict"
    other = b64(hashlib.sha256(b"other").digest())
    assert cloud.device.call("PUT", path, {**request, "proof_sha256": other}).problem == "conflict"


def test_one_upload_makes_one_share(cloud: InProcess) -> None:
    request = cloud.device.share_request()
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).status == 200
    assert cloud.device.call("PUT", f"/v1/shares/{'b' * 32}", request).problem == "not-found"


def test_an_archive_cannot_be_shared_nor_a_share_be_a_backup(cloud: InProcess) -> None:
    archive = cloud.device.upload(b"archive")
    proof = b64(bytes(32))
    wrong = cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", {"upload": archive, "proof_sha256": proof})
    assert wrong.problem == "not-found"
    share = cloud.device.upload(b"body", "share")
    assert cloud.device.call("PUT", f"/v1/backups/{share}", {"summary": ""}).problem == "not-found"


def test_an_upload_that_is_not_complete_cannot_be_published(cloud: InProcess) -> None:
    upload = cloud.device.new_id()
    cloud.device.announce(upload, 4, "share")
    request = {"upload": upload, "proof_sha256": b64(bytes(32))}
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "incomplete"


def test_an_update_puts_another_body_under_the_same_link(cloud: InProcess) -> None:
    share = cloud.device.share(b"old")
    upload = cloud.device.upload(b"new", "share")
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "upload": upload}).json()
    assert (changed["version"], changed["size_bytes"]) == (2, 3)
    opened = cloud.stranger.open(share)
    assert (opened.body, opened.headers["satchel-share-version"]) == (b"new", "2")
    assert len([key for key in cloud.objects() if key.startswith("shares/")]) == 1


def test_of_two_updates_of_one_version_the_second_is_refused(cloud: InProcess) -> None:
    share = cloud.device.share()
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 3}).status == 200
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 9}).problem == "conflict"
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["views"] == 3


def test_an_update_changes_only_what_it_names(cloud: InProcess) -> None:
    share = cloud.device.share(views=3, expires=cloud.clock.after(hours=1))
    before = cloud.device.call("GET", f"/v1/shares/{share}").json()
    after = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": None}).json()
    assert after == {**before, "views": None, "version": 2}


def test_rearming_counts_from_zero_again(cloud: InProcess) -> None:
    share = cloud.device.share(views=1)
    cloud.stranger.open(share)
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).json()["state"] == "live"
    assert cloud.stranger.open(share).status == 200
    assert cloud.stranger.open(share).problem == "gone"


def test_an_expired_share_is_rearmed_only_with_a_new_expiry(cloud: InProcess) -> None:
    share = cloud.device.share(expires=cloud.clock.after(hours=1))
    cloud.clock.go_on(hours=2)
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).problem == "invalid"
    rearmed = cloud.device.call("POST", f"/v1/shares/{share}/rearm", {"expires": cloud.clock.after(hours=1)})
    assert rearmed.json()["state"] == "live"
    assert cloud.stranger.open(share).status == 200


def test_a_revoked_share_is_over_for_good_and_its_body_deleted(cloud: InProcess) -> None:
    share = cloud.device.share()
    assert cloud.device.call("DELETE", f"/v1/shares/{share}").status == 204
    assert cloud.device.call("DELETE", f"/v1/shares/{share}").status == 204
    assert cloud.objects() == []
    assert cloud.stranger.open(share).problem == "gone"
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).problem == "gone"
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1}).problem == "gone"
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["state"] == "revoked"


@pytest.mark.parametrize("end", ["expire", "use up", "revoke"])
def test_an_ended_share_is_swept_when_its_retention_is_over(make_cloud: MakeCloud, end: str) -> None:
    cloud = make_cloud(SATCHEL_SHARE_RETENTION_S="3600")
    share = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    if end == "use up":
        cloud.stranger.open(share)
    elif end == "revoke":
        cloud.device.call("DELETE", f"/v1/shares/{share}")
    cloud.clock.go_on(minutes=119 if end == "expire" else 59)
    assert shares_after_a_sweep(cloud) == [share]
    cloud.clock.go_on(minutes=2)
    assert shares_after_a_sweep(cloud) == []
    assert cloud.objects() == []


def shares_after_a_sweep(cloud: InProcess) -> list[str]:
    cloud.device.call("GET", "/v1/shares")
    return [share["id"] for share in cloud.device.call("GET", "/v1/shares").json()["shares"]]


def test_the_number_of_shares_is_limited(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_SHARES="1")
    cloud.device.share()
    request = cloud.device.share_request()
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "quota"


def test_an_expiry_in_the_past_is_refused(cloud: InProcess) -> None:
    request = cloud.device.share_request(expires=cloud.clock.after(seconds=-1))
    answer = cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request)
    assert answer.json()["fields"] == [{"field": "expires", "reason": "must lie in the future"}]


def test_shares_are_listed_newest_first(cloud: InProcess) -> None:
    shares = []
    for _ in range(3):
        shares.append(cloud.device.share())
        cloud.clock.go_on(seconds=1)
    listed = cloud.device.call("GET", "/v1/shares").json()["shares"]
    assert [share["id"] for share in listed] == shares[::-1]
