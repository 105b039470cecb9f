"""Shares: access, view limits and expiry, updates, cards, blocks, reports, and what strangers cannot learn."""

import hashlib
import json
from collections import Counter

import apsw
import pytest
from tests.support.asgi import Answer, Call
from tests.support.wire_device import PROOF, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.shares.blocking import Blocking
from satchel_service.shares.bodies import Bodies, OpenBody
from satchel_service.shares.cards import Cards
from satchel_service.shares.opening_counts import OpeningCounts
from satchel_service.shares.owner import Shares
from satchel_service.shares.rows import Body
from satchel_wire.messages import ShareChange

WRONG = bytes(32)
PASSWORD = {"salt": b64(bytes(16)), "log_n": 16}


def test_the_proof_of_the_key_opens_a_share(cloud: InProcess) -> None:
    share = cloud.device.share(b"the sealed body")
    answer = cloud.stranger.open(share)
    assert (answer.status, answer.body) == (200, b"the sealed body")
    assert answer.headers["satchel-share-version"] == "1"


def test_four_hundred_concurrent_openings_of_five_views_get_exactly_five(cloud: InProcess) -> None:
    share = cloud.device.share(views=5)
    body = b'{"proof":"%s"}' % b64(PROOF).encode()
    calls = [
        Call("POST", f"/v1/shares/{share}/open", {"Content-Type": "application/json"}, [body])
        for _ in range(400)
    ]
    answers = cloud.loopback.race(calls)
    assert Counter(answer.status for answer in answers) == {200: 5, 410: 395}
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["opened"] == 5


def test_the_first_limit_reached_ends_a_share(cloud: InProcess) -> None:
    by_views = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    by_time = cloud.device.share(views=2, expires=cloud.clock.after(hours=1))
    assert cloud.stranger.open(by_views).status == 200
    assert cloud.stranger.open(by_views).problem == "used-up"
    assert cloud.stranger.open(by_time).status == 200
    cloud.clock.advance(hours=1)
    assert cloud.stranger.open(by_time).problem == "expired"


def test_a_share_is_open_until_the_millisecond_of_its_expiry(cloud: InProcess) -> None:
    share = cloud.device.share(expires=cloud.clock.after(seconds=1))
    cloud.clock.ms += 999
    assert cloud.stranger.open(share).status == 200
    cloud.clock.ms += 1
    assert cloud.stranger.open(share).problem == "expired"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/raw", "/v1/shares/{}/info", "/v1/shares/{}/open"])
def test_loading_without_opening_takes_no_view(cloud: InProcess, method: str, path: str) -> None:
    share = cloud.device.share(views=1)
    for _ in range(3):
        cloud.stranger.call(method, path.format(share))
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["opened"] == 0


def test_a_wrong_proof_takes_no_view(cloud: InProcess) -> None:
    share = cloud.device.share(views=1)
    assert cloud.stranger.open(share, WRONG).problem == "wrong-proof"
    assert cloud.stranger.open(share).status == 200


def test_wrong_passwords_delay_the_right_one(cloud: InProcess) -> None:
    share = cloud.device.share(password=PASSWORD)
    problems = [cloud.stranger.open(share, WRONG).problem for _ in range(11)]
    assert problems == ["wrong-proof"] * 10 + ["too-many"]
    held = cloud.stranger.open(share)
    assert (held.problem, held.headers["retry-after"]) == ("too-many", "6")
    cloud.clock.advance(seconds=6)
    assert cloud.stranger.open(share).status == 200


def test_strangers_cannot_lock_a_share_without_a_password(cloud: InProcess) -> None:
    share = cloud.device.share()
    problems = [cloud.stranger.open(share, WRONG).problem for _ in range(12)]
    assert problems[-1] == "too-many"
    assert cloud.stranger.open(share).status == 200


ENDS = ["expired", "used-up", "revoked"]


def end(cloud: InProcess, share: str, how: str) -> None:
    """End a share that has one view and expires after an hour."""
    if how == "expired":
        cloud.clock.advance(hours=1)
    elif how == "used-up":
        assert cloud.stranger.open(share).status == 200
    else:
        cloud.device.call("DELETE", f"/v1/shares/{share}")


@pytest.mark.parametrize("how", ENDS)
def test_guesses_at_an_ended_share_are_limited_and_never_confirmed(cloud: InProcess, how: str) -> None:
    share = cloud.device.share(password=PASSWORD, views=1, expires=cloud.clock.after(hours=1))
    end(cloud, share, how)
    assert cloud.stranger.open(share).problem == how, "the owner's own recipients learn the reason"
    assert [cloud.stranger.open(share, WRONG).problem for _ in range(10)] == ["not-found"] * 10
    held = cloud.stranger.open(share)
    assert (held.status, held.problem) == (404, "not-found")
    assert "retry-after" not in held.headers, "it looks like an unknown id"
    cloud.clock.advance(seconds=6)
    assert cloud.stranger.open(share).problem == how


@pytest.mark.parametrize("how", ["expired", "used-up"])
def test_guesses_at_an_ended_share_still_count_after_it_is_rearmed(cloud: InProcess, how: str) -> None:
    share = cloud.device.share(password=PASSWORD, views=1, expires=cloud.clock.after(hours=1))
    end(cloud, share, how)
    for _ in range(10):
        cloud.stranger.open(share, WRONG)
    again = {"views": 5, "expires": cloud.clock.after(hours=1)}
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", again).status == 200
    assert cloud.stranger.open(share).problem == "too-many"


def test_strangers_cannot_lock_an_ended_share_without_a_password(cloud: InProcess) -> None:
    share = cloud.device.share(expires=cloud.clock.after(hours=1))
    cloud.clock.advance(hours=1)
    for _ in range(20):
        cloud.stranger.open(share, WRONG)
    assert cloud.stranger.open(share).problem == "expired"


def test_wrong_passwords_of_one_share_do_not_delay_another(cloud: InProcess) -> None:
    one, other = cloud.device.share(password=PASSWORD), cloud.device.share(password=PASSWORD)
    for _ in range(11):
        cloud.stranger.open(one, WRONG)
    assert cloud.stranger.open(other).status == 200


def test_info_returns_only_what_a_recipient_needs(cloud: InProcess) -> None:
    share = cloud.device.share(views=3, password=PASSWORD, note=b64(b"note"))
    info = cloud.stranger.call("GET", f"/v1/shares/{share}/info").json()
    assert info == {"limited": True, "password": PASSWORD}


@pytest.mark.parametrize("end", ["expire", "use up", "revoke"])
@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/raw", "/v1/shares/{}/info"])
def test_strangers_cannot_tell_an_ended_share_from_one_that_never_existed(
    cloud: InProcess, end: str, path: str
) -> None:
    share = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    match end:
        case "expire":
            cloud.clock.advance(hours=2)
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


def test_publishing_twice_returns_the_same_share_or_a_conflict(cloud: InProcess) -> None:
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


def test_an_archive_cannot_be_shared_and_a_share_cannot_be_a_backup(cloud: InProcess) -> None:
    archive = cloud.device.upload(b"archive")
    proof = b64(bytes(32))
    wrong = cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", {"upload": archive, "proof_sha256": proof})
    assert wrong.problem == "not-found"
    share = cloud.device.upload(b"body", "share")
    assert cloud.device.call("PUT", f"/v1/backups/{share}", {"summary": ""}).problem == "not-found"


def test_an_incomplete_upload_cannot_be_published(cloud: InProcess) -> None:
    upload = cloud.device.new_id()
    cloud.device.announce(upload, 4, "share")
    request = {"upload": upload, "proof_sha256": b64(bytes(32))}
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "incomplete"


def test_an_update_replaces_the_body_under_the_same_link(cloud: InProcess) -> None:
    share = cloud.device.share(b"old")
    upload = cloud.device.upload(b"new", "share")
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "upload": upload}).json()
    assert (changed["version"], changed["size_bytes"]) == (2, 3)
    opened = cloud.stranger.open(share)
    assert (opened.body, opened.headers["satchel-share-version"]) == (b"new", "2")
    assert len([key for key in cloud.objects() if key.startswith("shares/")]) == 1


def test_the_second_of_two_updates_of_one_version_is_refused(cloud: InProcess) -> None:
    share = cloud.device.share()
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 3}).status == 200
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 9}).problem == "conflict"
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["views"] == 3


def test_an_update_changes_only_what_it_names(cloud: InProcess) -> None:
    share = cloud.device.share(views=3, expires=cloud.clock.after(hours=1))
    before = cloud.device.call("GET", f"/v1/shares/{share}").json()
    after = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": None}).json()
    assert after == {**before, "views": None, "version": 2}


def test_rearming_resets_the_view_count(cloud: InProcess) -> None:
    share = cloud.device.share(views=1)
    cloud.stranger.open(share)
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).json()["state"] == "live"
    assert cloud.stranger.open(share).status == 200
    assert cloud.stranger.open(share).problem == "used-up"


def test_an_expired_share_is_rearmed_only_with_a_new_expiry(cloud: InProcess) -> None:
    share = cloud.device.share(expires=cloud.clock.after(hours=1))
    cloud.clock.advance(hours=2)
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).problem == "invalid"
    rearmed = cloud.device.call("POST", f"/v1/shares/{share}/rearm", {"expires": cloud.clock.after(hours=1)})
    assert rearmed.json()["state"] == "live"
    assert cloud.stranger.open(share).status == 200


def test_a_revoked_share_ends_permanently_and_its_body_is_deleted(cloud: InProcess) -> None:
    share = cloud.device.share()
    assert cloud.device.call("DELETE", f"/v1/shares/{share}").status == 204
    assert cloud.device.call("DELETE", f"/v1/shares/{share}").status == 204
    assert cloud.objects() == []
    assert cloud.stranger.open(share).problem == "revoked"
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {}).problem == "revoked"
    assert cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1}).problem == "revoked"
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["state"] == "revoked"


@pytest.mark.parametrize("end", ["expire", "use up", "revoke"])
def test_an_ended_share_is_swept_after_its_retention(make_cloud: MakeCloud, end: str) -> None:
    cloud = make_cloud(SATCHEL_SHARE_RETENTION_S="3600")
    share = cloud.device.share(views=1, expires=cloud.clock.after(hours=1))
    if end == "use up":
        cloud.stranger.open(share)
    elif end == "revoke":
        cloud.device.call("DELETE", f"/v1/shares/{share}")
    cloud.clock.advance(minutes=119 if end == "expire" else 59)
    assert shares_after_a_sweep(cloud) == [share]
    cloud.clock.advance(minutes=2)
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
    assert answer.json()["fields"] == [{"field": "expires", "reason": "must be in the future"}]


def test_shares_are_listed_newest_first(cloud: InProcess) -> None:
    shares = []
    for _ in range(3):
        shares.append(cloud.device.share())
        cloud.clock.advance(seconds=1)
    listed = cloud.device.call("GET", "/v1/shares").json()["shares"]
    assert [share["id"] for share in listed] == shares[::-1]


def test_a_long_list_of_shares_is_paged(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel_service.shares.owner.PAGE_ROWS", 2)
    shares = {cloud.device.share() for _ in range(3)}  # created in the same millisecond
    cloud.clock.advance(seconds=1)
    newest = cloud.device.share()
    first = cloud.device.call("GET", "/v1/shares").json()
    assert first["shares"][0]["id"] == newest
    cloud.device.share()  # a share created meanwhile appears on no later page
    second = cloud.device.call("GET", f"/v1/shares?after={first['next']}").json()
    assert second.get("next") is None
    assert {share["id"] for page in (first, second) for share in page["shares"]} == {newest, *shares}


def test_a_cursor_stays_valid_when_its_share_is_swept(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.shares.owner.PAGE_ROWS", 1)
    cloud = make_cloud(SATCHEL_SHARE_RETENTION_S="0")
    oldest = cloud.device.share()
    cloud.clock.advance(seconds=1)
    ending = cloud.device.share(views=1)
    after = cloud.device.call("GET", "/v1/shares").json()["next"]
    cloud.stranger.open(ending)
    cloud.clock.advance(minutes=2)
    cloud.device.call("GET", "/v1/shares")  # sweeps
    listed = cloud.device.call("GET", f"/v1/shares?after={after}").json()["shares"]
    assert [share["id"] for share in listed] == [oldest]


@pytest.mark.parametrize("after", ["", "x", "1-", f"-1-{'a' * 32}", f"1-{'A' * 32}", "9" * 40])
def test_a_malformed_cursor_is_refused(cloud: InProcess, after: str) -> None:
    assert cloud.device.call("GET", f"/v1/shares?after={after}").problem == "invalid"


def test_a_recipient_whose_body_was_just_replaced_gets_the_new_one(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = cloud.device.share(b"old", views=1)
    upload = cloud.device.upload(b"new", "share")
    read = Bodies.open

    async def overtaken(bodies: Bodies, body: Body) -> OpenBody:
        monkeypatch.setattr(Bodies, "open", read)
        owner = Shares(
            cloud.environment,
            Blocking(cloud.environment),
            bodies,
            Cards(cloud.environment),
            OpeningCounts(cloud.environment),
        )
        await owner.change(share, ShareChange(version=1, upload=upload), by=cloud.device.id)
        return await read(bodies, body)

    monkeypatch.setattr(Bodies, "open", overtaken)
    answer = cloud.stranger.open(share)
    assert (answer.status, answer.body, answer.headers["satchel-share-version"]) == (200, b"new", "2")


def test_a_relative_expiry_is_counted_by_the_cloud(cloud: InProcess) -> None:
    share = cloud.device.share(expires_in_s=60)
    cloud.clock.ms += 59_999
    assert cloud.stranger.open(share).status == 200
    cloud.clock.ms += 1
    assert cloud.stranger.open(share).problem == "expired"
    again = cloud.device.call("POST", f"/v1/shares/{share}/rearm", {"expires_in_s": 60})
    assert again.json()["expires"] == cloud.clock.after(seconds=60).replace("+00:00", "Z")
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "expires_in_s": 7200})
    assert changed.json()["expires"] == cloud.clock.after(hours=2).replace("+00:00", "Z")


def test_repeating_a_publication_with_a_relative_expiry_is_idempotent(cloud: InProcess) -> None:
    request = cloud.device.share_request(expires_in_s=60)
    path = f"/v1/shares/{'a' * 32}"
    first = cloud.device.call("PUT", path, request)
    cloud.clock.advance(seconds=30)
    assert cloud.device.call("PUT", path, request).json() == first.json()
    assert cloud.device.call("PUT", path, {**request, "expires_in_s": 61}).problem == "conflict"


@pytest.mark.parametrize("seconds", [0, -1, 1.5, 10**20, 315_000_000_001, 300_000_000_000, "60"])
def test_a_duration_that_is_no_valid_expiry_is_refused(cloud: InProcess, seconds: object) -> None:
    request = cloud.device.share_request(expires_in_s=seconds)
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "invalid"
    both = {**request, "expires_in_s": 60, "expires": cloud.clock.after(hours=1)}
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", both).problem == "invalid"


# -- the card --------------------------------------------------------------------------------------------------

CARD = {"title": "Greeter <b>", "language": "python", "lines": 12}


def files_with(cloud: InProcess, mark: bytes) -> list[str]:
    found = (path for path in cloud.folder.rglob("*") if path.is_file())
    return [str(path.relative_to(cloud.folder)) for path in found if mark in path.read_bytes()]


@pytest.mark.parametrize("how", ["revoked", "swept", "withdrawn", "replaced"])
def test_no_file_holds_the_title_of_a_card_that_is_gone(make_cloud: MakeCloud, how: str) -> None:
    cloud = make_cloud(SATCHEL_SHARE_RETENTION_S="60")
    mark = b"a title that nobody else may read"
    share = cloud.device.share(card={"title": mark.decode()}, expires=cloud.clock.after(hours=1))
    (stored,) = files_with(cloud, mark)
    assert stored.startswith("blobs/cards/"), "neither the log nor the database holds it"
    if how == "revoked":
        cloud.device.call("DELETE", f"/v1/shares/{share}")
    elif how == "swept":
        cloud.clock.advance(hours=2)
        cloud.device.call("GET", "/v1/shares")
    else:
        card = {"title": "another"} if how == "replaced" else None
        cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "card": card})
    assert files_with(cloud, mark) == []


def test_a_refused_publication_leaves_no_card(cloud: InProcess) -> None:
    request = {**cloud.device.share_request(), "upload": "f" * 32, "card": CARD}
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "not-found"
    assert not [key for key in cloud.objects() if key.startswith("cards/")]


def test_repeating_a_publication_with_a_card_is_idempotent(cloud: InProcess) -> None:
    request = cloud.device.share_request(card=CARD)
    path = f"/v1/shares/{'a' * 32}"
    first = cloud.device.call("PUT", path, request)
    assert cloud.device.call("PUT", path, request).json() == first.json()
    assert len([key for key in cloud.objects() if key.startswith("cards/")]) == 1
    assert cloud.device.call("PUT", path, {**request, "card": {"title": "x"}}).problem == "conflict"


def test_a_card_of_an_earlier_version_is_moved_out_of_the_database(cloud: InProcess) -> None:
    share = cloud.device.share()
    title = "a title from before"

    def store(db: apsw.Connection) -> None:
        db.execute("UPDATE shares SET card = ? WHERE id = ?", (json.dumps({"title": title}), share))

    cloud.loopback.run(cloud.environment.database.write(store))
    cloud.clock.advance(minutes=2)
    for _ in range(2):
        listed = cloud.device.call("GET", "/v1/shares").json()["shares"]
        assert listed[0]["card"]["title"] == title
    assert [key for key in cloud.objects() if key.startswith("cards/")]
    left = cloud.loopback.run(
        cloud.environment.database.read(
            lambda db: db.execute("SELECT count(*) FROM shares WHERE card IS NOT NULL").get
        )
    )
    assert left == 0


def test_a_card_stays_published_until_it_is_removed(cloud: InProcess) -> None:
    share = cloud.device.share(card=CARD)
    page = cloud.stranger.call("GET", f"/s/{share}").body.decode()
    assert 'property="og:title" content="Greeter &lt;b&gt;"' in page
    assert 'property="og:description" content="python · 12 lines"' in page
    assert (
        cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 9}).json()["card"] == CARD
    )
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 2, "card": None}).json()
    assert "card" not in changed
    assert "Greeter" not in cloud.stranger.call("GET", f"/s/{share}").body.decode()


def test_without_a_card_the_preview_reveals_nothing(cloud: InProcess) -> None:
    page = cloud.stranger.call("GET", f"/s/{cloud.device.share()}").body.decode()
    assert 'property="og:title" content="Something was shared with you"' in page
    assert "data-preview" not in page


@pytest.mark.parametrize("end", ["revoke", "use up"])
def test_an_ended_share_shows_no_card(cloud: InProcess, end: str) -> None:
    share = cloud.device.share(card=CARD, views=1)
    if end == "revoke":
        cloud.device.call("DELETE", f"/v1/shares/{share}")
    else:
        cloud.stranger.open(share)
    assert "Greeter" not in cloud.stranger.call("GET", f"/s/{share}").body.decode()


@pytest.mark.parametrize("card", [{"title": ""}, {"title": "x" * 201}, {"title": "x", "key": "y"}, {}])
def test_an_invalid_card_is_refused(cloud: InProcess, card: dict[str, str]) -> None:
    request = cloud.device.share_request(card=card)
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "invalid"


# -- blocks by the operator ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["id", "hash"])
def test_a_blocked_share_is_not_served_and_its_owner_sees_why(make_cloud: MakeCloud, by: str) -> None:
    earlier = make_cloud()
    share = earlier.device.share(b"the sealed body", views=5, card=CARD)
    blocked = share if by == "id" else hashlib.sha256(b"the sealed body").hexdigest().upper()
    cloud = make_cloud(token=earlier.device.token, SATCHEL_BLOCKED_SHARES=f"{'0' * 32}, {blocked}")
    assert cloud.stranger.open(share).problem == "blocked"
    assert cloud.stranger.open(share, WRONG).problem == "not-found"
    for path in (f"/s/{share}", f"/s/{share}/raw", f"/v1/shares/{share}/info"):
        answer = cloud.stranger.call("GET", path)
        assert answer.status == 404
        assert b"Greeter" not in answer.body
    shown = cloud.device.call("GET", f"/v1/shares/{share}").json()
    assert (shown["state"], shown["opened"]) == ("blocked", 0)


def test_a_blocked_body_cannot_be_published_again_under_any_id(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_BLOCKED_SHARES=hashlib.sha256(b"the sealed body").hexdigest())
    request = cloud.device.share_request(b"the sealed body")
    assert cloud.device.call("PUT", f"/v1/shares/{'a' * 32}", request).problem == "blocked"
    share = cloud.device.share(b"another")
    upload = cloud.device.upload(b"the sealed body", "share")
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "upload": upload})
    assert changed.problem == "blocked"
    assert cloud.stranger.open(share).body == b"another"


# -- reports ---------------------------------------------------------------------------------------------------

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def report(
    cloud: InProcess, share: str, body: bytes = b"reason=secret&text=a+token%0D%0Ain+line+3"
) -> Answer:
    return cloud.stranger.call("POST", f"/s/{share}/report", body=body, headers=FORM)


def test_a_report_reaches_the_owner(cloud: InProcess) -> None:
    share = cloud.device.share()
    answer = report(cloud, share)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["reports"] == 1
    (received,) = cloud.device.call("GET", f"/v1/shares/{share}/reports").json()["reports"]
    assert (received["number"], received["reason"], received["text"]) == (1, "secret", "a token\nin line 3")


def test_reports_are_the_owners_alone(cloud: InProcess) -> None:
    share = cloud.device.share()
    report(cloud, share)
    assert cloud.stranger.call("GET", f"/v1/shares/{share}/reports").problem == "not-signed-in"


def test_a_report_takes_no_view(cloud: InProcess) -> None:
    share = cloud.device.share(views=1)
    cloud.stranger.call("GET", f"/s/{share}/report")
    report(cloud, share)
    assert cloud.stranger.open(share).status == 200


def test_the_form_runs_no_script(cloud: InProcess) -> None:
    answer = cloud.stranger.call("GET", f"/s/{cloud.device.share()}/report")
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")
    assert "form-action 'self'" in policy
    assert b"<script" not in answer.body


def test_the_form_is_in_the_language_of_the_reader(cloud: InProcess) -> None:
    path = f"/s/{cloud.device.share()}/report"
    for language, words in (("de-CH,en;q=0.5", 'lang="de" dir="ltr"'), ("ar", 'lang="ar" dir="rtl"')):
        answer = cloud.stranger.call("GET", path, headers={"Accept-Language": language})
        assert words in answer.body.decode()


def test_an_ended_or_unknown_share_cannot_be_reported(cloud: InProcess) -> None:
    ended = cloud.device.share(views=1)
    cloud.stranger.open(ended)
    pages = [report(cloud, share) for share in (ended, "0" * 32)]
    assert [page.status for page in pages] == [404, 404]
    assert pages[0].body == pages[1].body
    forms = [cloud.stranger.call("GET", f"/s/{share}/report") for share in (ended, "0" * 32)]
    assert forms[0].body == forms[1].body == pages[0].body


def test_reports_of_one_share_are_limited_in_rate_and_number(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.shares.reports.MAX_REPORTS", 5)
    share, other = cloud.device.share(), cloud.device.share()
    assert [report(cloud, share).status for _ in range(4)] == [200, 200, 200, 429]
    assert report(cloud, other).status == 200
    for _ in range(4):
        cloud.clock.advance(minutes=1)
        report(cloud, share)
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["reports"] == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"reason=",
        b"reason=spam",
        b"text=x",
        b"reason=other&reason=secret",
        b"reason=other&key=1",
        b"reason=other&text=" + b"x" * 1001,
    ],
)
def test_an_invalid_form_is_refused(cloud: InProcess, body: bytes) -> None:
    share = cloud.device.share()
    assert report(cloud, share, body).problem == "invalid"
    assert cloud.device.call("GET", f"/v1/shares/{share}").json().get("reports", 0) == 0


@pytest.mark.parametrize("body", [b"reason=\xff", b"reason=%ff&text=%fe", b"x&" * 30])
def test_a_body_that_is_not_a_form_is_refused(cloud: InProcess, body: bytes) -> None:
    assert report(cloud, cloud.device.share(), body).problem == "bad-request"


def test_reports_are_deleted_with_their_share(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_SHARE_RETENTION_S="0")
    share = cloud.device.share()
    report(cloud, share)
    cloud.device.call("DELETE", f"/v1/shares/{share}")
    cloud.clock.advance(minutes=2)
    assert shares_after_a_sweep(cloud) == []
    count = cloud.environment.database.read(lambda db: db.execute("SELECT count(*) FROM reports").get)
    assert cloud.loopback.run(count) == 0
