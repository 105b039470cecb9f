"""Requests: who may read and answer them, limits, what ends them, what strangers cannot learn, and sweeping."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.asgi import Answer, Call
from tests.support.wire_device import PROOF, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.lifecycle.sweeping import Sweeper

SHEET = b"a sealed sheet"
WRONG = bytes(32)
DAY_S = 86_400


def ask(cloud: InProcess, **terms: object) -> str:
    """Make a request and return its id."""
    request_id = cloud.device.new_id()
    answer = cloud.device.call("PUT", f"/v1/requests/{request_id}", request_terms(**terms))
    assert answer.status == 200, answer.body
    return request_id


def request_terms(**terms: object) -> dict[str, Any]:
    proof_sha256 = b64(hashlib.sha256(PROOF).digest())
    return {"proof_sha256": proof_sha256, "sheet": b64(SHEET), "answer_bytes": 1000, **terms}


def send(
    cloud: InProcess, request_id: str, body: bytes = b"sealed", *, answer_id: str = "", proof: bytes = PROOF
) -> Answer:
    """Send an answer as a holder of the link."""
    path = f"/v1/requests/{request_id}/answers/{answer_id or cloud.stranger.new_id()}"
    return cloud.stranger.call("PUT", path, body=body, headers={"Satchel-Proof": b64(proof)})


def open_sheet(cloud: InProcess, request_id: str, proof: bytes = PROOF) -> Answer:
    return cloud.stranger.call("POST", f"/v1/requests/{request_id}/open", {"proof": b64(proof)})


def shown(cloud: InProcess, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.device.call("GET", f"/v1/requests/{request_id}").json()
    return found


def test_an_answer_reaches_the_owner_with_a_receipt_of_both_sides(cloud: InProcess) -> None:
    request_id = ask(cloud)
    sheet = open_sheet(cloud, request_id).json()
    assert (sheet["sheet"], sheet["answer_bytes"], sheet["expires"]) == (b64(SHEET), 1000, None)
    receipt = send(cloud, request_id, b"the sealed answer").json()
    assert receipt["sha256"] == b64(hashlib.sha256(b"the sealed answer").digest())
    request = shown(cloud, request_id)
    assert request["state"] == "answered"
    (received,) = request["received"]
    assert {name: received[name] for name in receipt} == receipt
    assert set(received) == {"id", "received", "size_bytes", "sha256"}, "nothing about the sender"
    path = f"/v1/requests/{request_id}/answers/{received['id']}"
    assert cloud.device.call("GET", path).body == b"the sealed answer"
    assert cloud.device.call("GET", path).status == 200, "a download takes nothing"
    assert cloud.device.call("DELETE", path).status == 204
    assert cloud.device.call("GET", path).problem == "not-found"
    assert cloud.device.call("DELETE", path).status == 204, "a repeated request is harmless"
    (taken,) = shown(cloud, request_id)["received"]
    assert taken["taken"] is not None
    assert not [key for key in cloud.objects() if key.startswith("answers/")]


def test_four_hundred_racing_senders_never_exceed_the_number_of_answers(cloud: InProcess) -> None:
    request_id = ask(cloud, answers=3)
    headers = {"Satchel-Proof": b64(PROOF), "Content-Type": "application/octet-stream", "Content-Length": "6"}
    calls = [
        Call("PUT", f"/v1/requests/{request_id}/answers/{cloud.stranger.new_id()}", headers, [b"sealed"])
        for _ in range(400)
    ]
    counts = Counter(answer.status for answer in cloud.loopback.race(calls))
    assert counts[200] <= 3
    assert set(counts) <= {200, 410, 429}, "the rest came too late, or while others were arriving"
    while send(cloud, request_id).status == 200:
        counts[200] += 1
    assert counts[200] == 3
    assert len(shown(cloud, request_id)["received"]) == 3
    assert len([key for key in cloud.objects() if key.startswith("answers/")]) == 3


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/r/{}", "/v1/requests/{}/open", "/v1/requests/{}/answers/{}"])
def test_loading_a_link_has_no_effect(cloud: InProcess, method: str, path: str) -> None:
    request_id = ask(cloud)
    for _ in range(3):
        cloud.stranger.call(method, path.format(request_id, cloud.stranger.new_id()))
        open_sheet(cloud, request_id)
    assert (shown(cloud, request_id)["state"], shown(cloud, request_id).get("received", [])) == ("live", [])


def test_a_wrong_proof_neither_reads_nor_answers(cloud: InProcess) -> None:
    request_id = ask(cloud)
    assert open_sheet(cloud, request_id, WRONG).problem == "wrong-proof"
    assert send(cloud, request_id, proof=WRONG).problem == "wrong-proof"
    assert shown(cloud, request_id)["state"] == "live"
    assert not [key for key in cloud.objects() if key.startswith("answers/")]


@pytest.mark.parametrize("header", [None, "", "AAAA", "A" * 44, "A" * 4000, "é" * 43 + "="])
def test_a_malformed_proof_is_refused(cloud: InProcess, header: str | None) -> None:
    request_id = ask(cloud)
    path = f"/v1/requests/{request_id}/answers/{cloud.stranger.new_id()}"
    headers = {} if header is None else {"Satchel-Proof": header}
    assert cloud.stranger.call("PUT", path, body=b"sealed", headers=headers).problem == "invalid"
    assert shown(cloud, request_id)["state"] == "live"


def test_strangers_cannot_lock_a_request(cloud: InProcess) -> None:
    request_id = ask(cloud)
    problems = [open_sheet(cloud, request_id, WRONG).problem for _ in range(12)]
    assert problems == ["wrong-proof"] * 10 + ["too-many"] * 2
    assert open_sheet(cloud, request_id).status == 200
    assert send(cloud, request_id).status == 200


def answered(cloud: InProcess, request_id: str) -> None:
    assert send(cloud, request_id).status == 200


def expired(cloud: InProcess, _: str) -> None:
    cloud.clock.advance(hours=1)


def revoked(cloud: InProcess, request_id: str) -> None:
    assert cloud.device.call("DELETE", f"/v1/requests/{request_id}").status == 204


@pytest.mark.parametrize("end", [answered, expired, revoked])
def test_only_the_key_tells_how_a_request_ended(
    cloud: InProcess, end: Callable[[InProcess, str], None]
) -> None:
    request_id = ask(cloud, expires_in_s=3600)
    end(cloud, request_id)
    reason = end.__name__
    assert shown(cloud, request_id)["state"] == reason
    assert open_sheet(cloud, request_id).problem == reason
    assert send(cloud, request_id).problem == reason
    unknown = cloud.device.new_id()
    pages = [cloud.stranger.call("GET", f"/r/{each}") for each in (request_id, unknown)]
    assert pages[0].body == pages[1].body
    opened = [open_sheet(cloud, each, WRONG) for each in (request_id, unknown)]
    sent = [send(cloud, each, proof=WRONG) for each in (request_id, unknown)]
    assert {answer.status for answer in (*pages, *opened, *sent)} == {404}
    assert {answer.problem for answer in (*opened, *sent)} == {"not-found"}


def test_revoking_deletes_what_waits(cloud: InProcess) -> None:
    request_id = ask(cloud, answers=2)
    send(cloud, request_id)
    revoked(cloud, request_id)
    revoked(cloud, request_id)
    assert not [key for key in cloud.objects() if key.startswith("answers/")]
    assert shown(cloud, request_id)["state"] == "revoked"


def test_a_repeated_answer_is_the_same_answer(cloud: InProcess) -> None:
    request_id, answer_id = ask(cloud), cloud.stranger.new_id()
    first = send(cloud, request_id, answer_id=answer_id)
    assert send(cloud, request_id, answer_id=answer_id).json() == first.json()
    assert send(cloud, request_id, b"other", answer_id=answer_id).problem == "conflict"
    assert len(shown(cloud, request_id)["received"]) == 1
    assert len([key for key in cloud.objects() if key.startswith("answers/")]) == 1


def test_a_repeated_request_is_the_same_request(cloud: InProcess) -> None:
    request_id = cloud.device.new_id()
    terms = request_terms(expires_in_s=3600)
    first = cloud.device.call("PUT", f"/v1/requests/{request_id}", terms)
    cloud.clock.advance(seconds=10)
    assert cloud.device.call("PUT", f"/v1/requests/{request_id}", terms).json() == first.json()
    other = cloud.device.call("PUT", f"/v1/requests/{request_id}", {**terms, "answers": 2})
    assert other.problem == "conflict"


def test_an_answer_has_the_size_that_the_owner_allows(cloud: InProcess) -> None:
    request_id = ask(cloud, answer_bytes=10)
    assert send(cloud, request_id, b"x" * 11).problem == "too-large"
    assert send(cloud, request_id, b"").problem == "invalid"
    assert send(cloud, request_id, b"x" * 10).status == 200


def test_a_body_that_is_cut_short_leaves_nothing(cloud: InProcess) -> None:
    request_id = ask(cloud)
    path = f"/v1/requests/{request_id}/answers/{cloud.stranger.new_id()}"
    headers = {"Satchel-Proof": b64(PROOF), "Content-Length": "7"}
    assert cloud.stranger.call("PUT", path, body=b"sealed", headers=headers).status in (400, 422)
    assert shown(cloud, request_id)["state"] == "live"
    assert list(cloud.environment.storage.uploads()) == []
    assert not [key for key in cloud.objects() if key.startswith("answers/")]


def test_a_damaged_answer_is_refused(cloud: InProcess) -> None:
    request_id = ask(cloud)
    path = f"/v1/requests/{request_id}/answers/{cloud.stranger.new_id()}"
    digest = {"Content-Digest": f"sha-256=:{b64(hashlib.sha256(b'other').digest())}:"}
    answer = cloud.stranger.call("PUT", path, body=b"sealed", headers={"Satchel-Proof": b64(PROOF), **digest})
    assert answer.problem == "wrong-digest"
    assert shown(cloud, request_id)["state"] == "live"
    assert list(cloud.environment.storage.uploads()) == []


def test_strangers_fill_only_their_part_of_the_cloud(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_WAITING_BYTES="2500", SATCHEL_REQUESTS="2")
    one, two = ask(cloud, answers=100), ask(cloud, answers=100)
    assert [send(cloud, one, b"x" * 1000).status for _ in range(3)] == [200, 200, 507]
    assert send(cloud, two, b"x" * 1000).problem == "quota"
    assert cloud.device.call("GET", "/v1/status").json()["used_bytes"] == 2000
    assert cloud.device.share(b"x" * 10_000), "the owner still has room"
    third = cloud.device.call("PUT", f"/v1/requests/{cloud.device.new_id()}", request_terms())
    assert third.problem == "quota"
    received = shown(cloud, one)["received"]
    assert cloud.device.call("DELETE", f"/v1/requests/{one}/answers/{received[0]['id']}").status == 204
    assert send(cloud, two, b"x" * 1000).status == 200


def test_the_owner_cannot_allow_more_than_the_operator(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_ANSWER_BYTES="2000")
    answer = cloud.device.call(
        "PUT", f"/v1/requests/{cloud.device.new_id()}", request_terms(answer_bytes=2001)
    )
    assert answer.problem == "invalid"
    assert answer.json()["fields"][0]["field"] == "answer_bytes"


def test_the_operator_blocks_a_request(make_cloud: MakeCloud) -> None:
    request_id = "ab" * 16
    cloud = make_cloud(SATCHEL_BLOCKED_SHARES=request_id)
    assert cloud.device.call("PUT", f"/v1/requests/{request_id}", request_terms()).status == 200
    assert shown(cloud, request_id)["state"] == "blocked"
    assert open_sheet(cloud, request_id).problem == send(cloud, request_id).problem == "blocked"
    assert cloud.stranger.call("GET", f"/r/{request_id}").status == 404


def test_the_list_has_pages_newest_first(cloud: InProcess) -> None:
    made = []
    for _ in range(103):
        made.append(ask(cloud))
        cloud.clock.ms += 1
    first = cloud.device.call("GET", "/v1/requests").json()
    second = cloud.device.call("GET", f"/v1/requests?after={first['next']}").json()
    listed = [each["id"] for each in (*first["requests"], *second["requests"])]
    assert listed == made[::-1]
    assert len(first["requests"]) == 100
    assert "next" not in second
    assert cloud.device.call("GET", "/v1/requests?after=x").problem == "invalid"


def sweep(cloud: InProcess) -> None:
    """Let the next request of a device delete what is due."""
    cloud.clock.advance(minutes=2)
    assert cloud.device.call("GET", "/v1/devices").status == 200


@pytest.mark.parametrize("end", [answered, expired, revoked])
def test_an_ended_request_is_kept_for_30_days(
    cloud: InProcess, end: Callable[[InProcess, str], None]
) -> None:
    request_id, live = ask(cloud, expires_in_s=3600), ask(cloud)
    end(cloud, request_id)
    cloud.clock.advance(days=30, hours=-1)
    sweep(cloud)
    assert shown(cloud, request_id)["state"] == end.__name__
    cloud.clock.advance(hours=2)
    sweep(cloud)
    assert cloud.device.call("GET", f"/v1/requests/{request_id}").problem == "not-found"
    assert not [key for key in cloud.objects() if key.startswith("answers/")]
    assert shown(cloud, live)["state"] == "live"


def test_a_waiting_answer_is_no_orphan(cloud: InProcess) -> None:
    request_id = ask(cloud)
    send(cloud, request_id)
    cloud.clock.advance(days=3)
    cloud.loopback.run(Sweeper(cloud.environment).sweep_orphans(cloud.clock()))
    assert [key for key in cloud.objects() if key.startswith("answers/")]


def test_a_device_that_does_not_know_requests_gets_no_new_fields(cloud: InProcess) -> None:
    send(cloud, ask(cloud))
    assert "requests" not in cloud.device.call("GET", "/v1/status").json()
    known = cloud.device.call("GET", "/v1/status", headers={"Satchel-Capabilities": "requests"}).json()
    assert (known["requests"], known["answers"]) == (1, 1)


def test_no_address_of_a_sender_is_kept(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_ADDRESSES="true")
    request_id = ask(cloud)
    send(cloud, request_id)
    entries = cloud.device.call("GET", "/v1/audit").json()["entries"]
    by_event = {entry["event"]: entry for entry in entries}
    assert by_event["request-made"]["address"], "the operator wants addresses of devices"
    assert "address" not in by_event["answer-received"]
    assert by_event["answer-received"]["actor"] == "anyone"


def test_the_log_of_the_service_names_neither_ids_nor_proofs(cloud: InProcess) -> None:
    request_id = ask(cloud)
    send(cloud, request_id, b"a sealed answer")
    open_sheet(cloud, request_id)
    written = cloud.log.getvalue().decode()
    assert '"operation": "send_answer"' in written or '"operation":"send_answer"' in written
    for secret in (request_id, b64(PROOF), PROOF.hex(), "a sealed answer"):
        assert secret not in written
