"""Two clouds of one operator, side by side: whatever one owner has is worth nothing at the other's cloud."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.security.matrix.examples import Example, example
from tests.security.matrix.ids import ABSENT
from tests.security.matrix.places import PLACES, Neighbours, neighbours
from tests.security.matrix.processes import ProcessCloud, RawAnswer, exchange
from tests.security.matrix.test_credentials import ERASING, name_of
from tests.security.matrix.test_not_found import CREATING
from tests.support.buckets import moto_server
from tests.support.s3_servers import S3Server
from tests.support.wire_device import PROOF, WireDevice

from satchel_wire.operations import OPERATIONS, Operation

__all__ = ["moto_server"]

PROTECTED = [operation for operation in OPERATIONS if not operation.public]
WITH_ID = [each for each in OPERATIONS if "{id}" in each.route and each.id not in CREATING]


@pytest.fixture(scope="module", params=PLACES)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, moto_server: S3Server
) -> Iterator[Neighbours]:
    with neighbours(PLACES[request.param], tmp_path_factory.mktemp("clouds"), moto_server) as running:
        yield running


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory, moto_server: S3Server) -> Iterator[Neighbours]:
    """Two clouds in directories, for the tests of every operation: what a place changes lies below them."""
    with neighbours(PLACES["directories"], tmp_path_factory.mktemp("clouds"), moto_server) as running:
        yield running


def ask(cloud: ProcessCloud, request: Example, token: str = "", **headers: str) -> RawAnswer:
    """Send a request to a cloud, with any token."""
    found = [*request.all_headers.items(), *headers.items()]
    found += [("Authorization", f"Bearer {token}")] if token else []
    return exchange(cloud.url, request.method, request.path, found, request.body or None)


def comparable(answer: RawAnswer) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return a response without its date and request id."""
    headers = dict(answer.headers)
    identifier = headers["x-request-id"].encode()
    kept = [(name, value) for name, value in answer.headers if name.lower() not in ("date", "x-request-id")]
    return answer.status, kept, answer.body.replace(identifier, b"*" * len(identifier))


@pytest.mark.parametrize("operation", PROTECTED, ids=name_of)
def test_a_token_is_worth_nothing_at_the_other_cloud(directories: Neighbours, operation: Operation) -> None:
    """Neither for what exists here nor for what exists there; nor if the Host header names its own cloud."""
    here, there = example(directories.anna, operation), example(directories.ben, operation)
    directories.settle()
    before = directories.stored("anna"), directories.stored("ben")
    for request in (here, there):
        for headers in ({}, {"Host": directories.anna.url.removeprefix("http://")}):
            answer = ask(directories.ben, request, directories.anna.device.token, **headers)
            assert answer.status == 401
    assert (directories.stored("anna"), directories.stored("ben")) == before


@pytest.mark.parametrize("operation", WITH_ID, ids=name_of)
def test_an_id_of_the_other_cloud_is_like_an_unknown_one(
    directories: Neighbours, operation: Operation
) -> None:
    request = example(directories.anna, operation)
    token = "" if operation.public else directories.ben.device.token
    directories.settle()
    before = directories.stored("anna"), directories.stored("ben")
    expected = comparable(ask(directories.ben, request.at(ABSENT), token))
    assert expected[0] == 404
    assert comparable(ask(directories.ben, request, token)) == expected
    host = directories.anna.url.removeprefix("http://")
    answer = ask(directories.ben, request, token, Host=host)
    assert comparable(answer) == expected
    assert host.encode() not in answer.body
    assert (directories.stored("anna"), directories.stored("ben")) == before


def test_an_upload_of_the_other_cloud_becomes_neither_a_backup_nor_a_share(both: Neighbours) -> None:
    archive, body = both.anna.device.upload(b"archive"), both.anna.device.share_request()
    before = both.stored("anna"), both.stored("ben")
    device = both.ben.device
    answers = [
        device.call("PUT", f"/v1/backups/{archive}", {"summary": ""}),
        device.call("PUT", f"/v1/shares/{device.new_id()}", body),
    ]
    assert [answer.problem for answer in answers] == ["not-found", "not-found"]
    needs = {"summary": "", "needs": [both.anna.device.backup()]}
    borrowing = device.call("PUT", f"/v1/backups/{device.upload(b'archive')}", needs)
    assert borrowing.problem == "needs-missing"
    assert {*before[0]} <= {*both.stored("anna")}


def test_a_code_of_the_other_cloud_is_wrong_and_stays_unused(both: Neighbours) -> None:
    made = both.anna.device.call("POST", "/v1/pairings").json()["code"]
    codes = [both.anna.service.pairing_code, made, both.anna.operators_code()]
    backup = both.ben.device.backup()
    both.settle()
    before = both.stored("ben")
    for code in codes:
        messages: dict[str, dict[str, Any]] = {
            "/v1/pair": {"code": code},
            "/v1/backups/erase": {"code": code, "backups": [backup]},
            "/v1/cloud/erase": {"code": code},
        }
        for path, message in messages.items():
            assert both.ben.device.call("POST", path, message).problem == "wrong-code"
    assert both.stored("ben") == before
    assert [WireDevice(both.anna.send).pair(code).status for code in codes] == [201, 201, 201]


def test_a_part_goes_to_its_own_cloud_only(both: Neighbours) -> None:
    upload = both.anna.device.new_id()
    (part,) = both.anna.device.announce(upload, 4).json()["parts"]
    both.settle()
    before = both.stored("ben")
    if both.place.is_bucket:
        assert f"/{both.place.anna}/archives/{upload}." in part["url"]
    else:
        assert both.ben.device.call("PUT", part["url"], body=b"part").problem == "not-found"
    assert both.anna.device.call("PUT", part["url"], body=b"part").status in (200, 204)
    assert both.stored("ben") == before


def test_the_proof_of_a_share_opens_it_at_its_own_cloud_only(both: Neighbours) -> None:
    share = both.anna.device.share(views=1)
    assert both.ben.stranger.open(share, PROOF).problem == "not-found"
    assert both.anna.stranger.open(share, PROOF).status == 200


def test_the_same_ids_at_both_clouds_stay_apart(both: Neighbours) -> None:
    """A client chooses ids, so two owners can choose the same."""
    bodies = {"anna": b"of anna", "ben": b"of ben"}
    for name, body in bodies.items():
        device = getattr(both, name).device
        device.upload(body, upload_id="5" * 32)
        assert device.call("PUT", f"/v1/backups/{'5' * 32}", {"summary": "", "hold": True}).status == 200
    read = {name: getattr(both, name).device.call("GET", f"/v1/archives/{'5' * 32}").body for name in bodies}
    assert read == bodies


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.id in ERASING], ids=name_of)
def test_erasing_one_cloud_leaves_the_other(both: Neighbours, operation: Operation) -> None:
    """The last test of the module: everything of one owner goes, also unfinished uploads, and only that."""
    backup, share = both.anna.device.backup(b"kept"), both.anna.device.share(b"kept too")
    upload = both.anna.device.new_id()
    both.anna.device.announce(upload, 4)
    before = both.stored("anna")
    answer = ask(both.ben, example(both.ben, operation), both.ben.device.token)
    assert answer.status == operation.status, answer.body
    assert both.stored("anna") == before
    assert both.anna.device.call("GET", f"/v1/archives/{backup}").body == b"kept"
    assert both.anna.stranger.open(share).body == b"kept too"
    assert both.anna.device.call("GET", f"/v1/uploads/{upload}").status == 200
    left = [key for key in both.stored("ben") if "archives/" in key or "shares/" in key]
    assert left == []
