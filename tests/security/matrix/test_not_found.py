"""One `not-found` for every id that leads nowhere: same status, headers, content and length."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.security.matrix.clouds import TestCloud, cloud_in
from tests.security.matrix.examples import Example, example
from tests.security.matrix.ids import (
    ABSENT,
    EXISTING,
    GONE,
    collection,
    ended_requests,
    ended_shares,
    malformed,
)
from tests.security.matrix.test_credentials import comparable, name_of, send
from tests.support.asgi import Answer
from tests.support.wire_device import PROOF, b64

from satchel_wire.operations import OPERATIONS, Operation

WITH_ID = [operation for operation in OPERATIONS if "{id}" in operation.route]
CREATING = (
    "announce_upload",
    "publish_share",
    "commit_backup",
    "make_request",
)  # an absent id is the usual case
SHARED = [operation for operation in WITH_ID if operation.public]
READING = ["share_info", "share_page", "share_raw", "report_page"]


def respond(cloud: TestCloud, operation: Operation, request: Example) -> Answer:
    """Send a request with the token of a device, or without one if the operation is public."""
    token = [] if operation.public else [("authorization", f"Bearer {cloud.device.token}")]
    return send(cloud, request, token)


Response = tuple[int, dict[str, str], bytes]


def check_same_response(
    cloud: TestCloud, operation: Operation, request: Example, ids: Mapping[str, str]
) -> Response:
    """Check that every id gets the response of the id that never existed; return it."""
    expected = comparable(respond(cloud, operation, request.at(ABSENT)))
    assert expected[0] == 404
    for name, each in ids.items():
        answer = comparable(respond(cloud, operation, request.at(each)))
        assert answer == expected, name
        assert request.method == "HEAD" or len(answer[2]) == int(answer[1]["content-length"])
    return expected


def check_same(cloud: TestCloud, operation: Operation, request: Example, ids: Mapping[str, str]) -> None:
    """Check the responses, and that nothing changes."""
    cloud.clock.advance(minutes=2)  # rate limits start afresh
    respond(cloud, operation, request.at(ABSENT))  # deletes what is due
    before = cloud.stored()
    check_same_response(cloud, operation, request, ids)
    assert cloud.stored() == before


@pytest.mark.parametrize("operation", WITH_ID, ids=name_of)
def test_a_malformed_id_is_like_an_unknown_one(cloud: TestCloud, operation: Operation) -> None:
    request = example(cloud, operation)
    ids = malformed(EXISTING[collection(operation.route)](cloud))
    if operation.id not in CREATING:
        check_same(cloud, operation, request, ids)
        return
    answers = {name: respond(cloud, operation, request.at(each)) for name, each in ids.items()}
    assert {answer.status for answer in answers.values()} == {404}
    assert len({repr(comparable(answer)) for answer in answers.values()}) == 1


@pytest.mark.parametrize("operation", [each for each in WITH_ID if each.id not in CREATING], ids=name_of)
def test_an_id_of_another_cloud_or_of_another_kind_is_like_an_unknown_one(
    cloud: TestCloud, foreign: TestCloud, operation: Operation
) -> None:
    kind = collection(operation.route)
    others = {name: make(foreign) for name, make in EXISTING.items()}
    own = {
        f"own {name}": make(cloud)
        for name, make in EXISTING.items()
        if not are_same_kind(name, kind)
    }  # fmt: skip
    check_same(cloud, operation, example(cloud, operation), others | own)


def are_same_kind(name: str, kind: str) -> bool:
    """Whether an id of one collection is also one of the other: a backup has the id of its archive and its upload."""
    related = ({"shares", "s"}, {"requests", "r"}, {"backups", "archives", "uploads"})
    return name == kind or any({name, kind} <= group for group in related)


@pytest.mark.parametrize("kind", GONE)
def test_a_resource_that_is_gone_is_like_one_that_never_existed(tmp_path: Path, kind: str) -> None:
    operations = [each for each in WITH_ID if collection(each.route) == kind and each.id not in CREATING]
    with cloud_in(tmp_path / "cloud") as cloud:
        ids = GONE[kind](cloud)
        for operation in operations:
            check_same(cloud, operation, example(cloud, operation), ids)


def test_every_collection_has_resources_that_are_gone() -> None:
    assert set(GONE) == set(EXISTING) == {collection(operation.route) for operation in WITH_ID}


@pytest.mark.parametrize("operation", SHARED, ids=name_of)
def test_to_strangers_an_ended_share_never_existed(cloud: TestCloud, operation: Operation) -> None:
    request = example(cloud, operation)
    ids = ended_shares(cloud)
    check_same(cloud, operation, with_wrong_proof(request), ids)


@pytest.mark.parametrize("name", ["open_request", "send_answer", "request_page"])
def test_to_strangers_an_ended_request_never_existed(cloud: TestCloud, name: str) -> None:
    operation = next(each for each in OPERATIONS if each.id == name)
    request = with_wrong_proof(example(cloud, operation))
    check_same(cloud, operation, request, ended_requests(cloud))


def test_to_strangers_a_blocked_share_never_existed(tmp_path: Path) -> None:
    with cloud_in(tmp_path / "cloud") as cloud:
        share = cloud.device.share()
    with cloud_in(tmp_path / "cloud", SATCHEL_BLOCKED_SHARES=share) as cloud:
        assert cloud.device.call("GET", f"/v1/shares/{share}").json()["state"] == "blocked"
        for operation in SHARED:
            check_same(cloud, operation, with_wrong_proof(example(cloud, operation)), {"blocked": share})


def with_wrong_proof(request: Example) -> Example:
    """Return the request as a stranger sends it: with the proof of another key, if it needs one."""
    right, wrong = b64(PROOF), b64(bytes(32))
    body = request.body.replace(right.encode(), wrong.encode())
    headers = {name: value.replace(right, wrong) for name, value in request.headers.items()}
    return Example(request.method, request.path, headers, body, request.id)


def test_a_share_that_needs_a_proof_has_no_raw_body(cloud: TestCloud) -> None:
    operation = next(each for each in OPERATIONS if each.id == "share_raw")
    ids = {
        "with a view limit": cloud.device.share(views=3),
        "with a password": cloud.device.share(password={"salt": b64(bytes(16)), "log_n": 16}),
    }
    check_same(cloud, operation, example(cloud, operation), ids)


REQUEST_HEADERS = [
    {"Range": "bytes=0-0"},
    {"Range": "bytes=999999-"},
    {"If-None-Match": "*"},
    {"If-Match": "*"},
    {"If-Range": "x", "Range": "bytes=0-0"},
    {"Origin": "https://evil.example"},
    {"Accept": "application/x-nothing"},
    {"Accept-Encoding": "gzip"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/v1/status"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", [*READING, "download_archive", "show_share", "show_backup", "show_upload"])
def test_headers_of_the_request_do_not_tell_ids_apart(
    cloud: TestCloud, foreign: TestCloud, name: str, method: str
) -> None:
    operation = next(each for each in OPERATIONS if each.id == name)
    request = example(cloud, operation)
    ids = {"foreign": EXISTING[collection(operation.route)](foreign), "malformed": "x"}
    plain = check_same_response(cloud, operation, Example(method, request.path, {}, b"", request.id), ids)
    for headers in REQUEST_HEADERS:
        there = Example(method, request.path, headers, b"", request.id)
        assert check_same_response(cloud, operation, there, ids) == plain, headers


def test_a_proof_of_an_unknown_share_is_like_a_wrong_proof_of_an_ended_one(cloud: TestCloud) -> None:
    ended = ended_shares(cloud)["expired"]
    wrong = cloud.stranger.open(ended, bytes(32))
    unknown = cloud.stranger.open(ABSENT, PROOF)
    assert comparable(wrong) == comparable(unknown)


def test_pages_of_unknown_shares_name_nothing(cloud: TestCloud) -> None:
    for path in ("/s/{}", "/s/{}/report"):
        body = cloud.stranger.call("GET", path.format("f" * 32)).body.decode()
        assert not re.search(r"f{32}|https?://", body)
