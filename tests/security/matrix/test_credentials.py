"""Each operation of the wire with each credential: only a connected device's own token has any effect."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.security.matrix.clouds import TestCloud, cloud_in
from tests.security.matrix.credentials import Headers, Tokens, bad, good, tokens_of
from tests.security.matrix.examples import EXAMPLES, OPERATION, Example, example, status_of
from tests.support.asgi import Answer, Call

from satchel_wire.operations import OPERATIONS, Operation

PROTECTED = [operation for operation in OPERATIONS if not operation.public]
PUBLIC = [operation for operation in OPERATIONS if operation.public]
ABSENT = "0" * 32
RANDOM = ("create_nonce",)  # every response has another body
ERASING = ("erase_cloud",)  # they need a cloud of their own


def name_of(operation: Operation) -> str:
    return operation.id


def send(cloud: TestCloud, request: Example, credential: Headers) -> Answer:
    body = [request.body] if request.body else []
    return cloud.loopback.call(
        Call(request.method, request.path, request.all_headers, body, more_headers=credential)
    )


def comparable(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return a response without its request id."""
    identifier = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status, headers, answer.body.replace(identifier.encode(), b"*" * len(identifier))


def without_body(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return a response whose body is random without its body."""
    return comparable(replace(answer, body=b""))


def test_every_operation_has_an_example_and_no_other_has_one() -> None:
    assert set(EXAMPLES) == set(OPERATION)


@pytest.fixture(scope="module")
def refusal(cloud: TestCloud) -> Answer:
    """The response to a request without credentials."""
    return cloud.stranger.call("GET", "/v1/status")


@pytest.mark.parametrize("operation", PROTECTED, ids=name_of)
def test_a_bad_credential_has_no_effect_and_learns_nothing(
    cloud: TestCloud, tokens: Tokens, refusal: Answer, operation: Operation
) -> None:
    request = example(cloud, operation)
    requests = [request, request.at(ABSENT), request.at("nonsense")] if request.id else [request]
    before = cloud.stored()
    for name, credential in bad(tokens).items():
        for each in requests:
            answer = send(cloud, each, credential)
            assert answer.problem == "not-signed-in", (name, each.path)
            assert comparable(answer) == comparable(refusal), (name, each.path)
    assert cloud.stored() == before


@pytest.mark.parametrize("operation", PROTECTED, ids=name_of)
def test_a_token_in_the_query_is_ignored(cloud: TestCloud, tokens: Tokens, operation: Operation) -> None:
    request = example(cloud, operation)
    for query in (
        f"access_token={tokens.valid}",
        f"token={tokens.valid}",
        f"authorization=Bearer {tokens.valid}",
    ):
        there = Example(request.method, f"{request.path}?{query}", request.headers, request.body)
        assert send(cloud, there, []).problem == "not-signed-in"


@pytest.mark.parametrize("operation", PROTECTED, ids=name_of)
def test_a_bad_credential_is_refused_before_the_body_is_read(
    cloud: TestCloud, tokens: Tokens, operation: Operation
) -> None:
    request = example(cloud, operation)
    headers = {"Content-Type": request.headers.get("Content-Type", "application/json")}
    call = Call(request.method, request.path, headers, [b"{"], bad(tokens)["revoked"], stalls=True)
    assert cloud.loopback.call(call).problem == "not-signed-in"


@pytest.mark.parametrize("credential", [*good(Tokens(*"abcdef"))])
@pytest.mark.parametrize("operation", [each for each in PROTECTED if each.id not in ERASING], ids=name_of)
def test_a_good_credential_works(
    cloud: TestCloud, tokens: Tokens, operation: Operation, credential: str
) -> None:
    answer = send(cloud, example(cloud, operation), good(tokens)[credential])
    assert answer.status == status_of(operation), answer.body


@pytest.mark.parametrize("name", ERASING)
def test_a_good_credential_works_for_what_erases(tmp_path: Path, name: str) -> None:
    with cloud_in(tmp_path / "cloud") as cloud, cloud_in(tmp_path / "other") as other:
        tokens = tokens_of(cloud, other)
        answer = send(cloud, example(cloud, OPERATION[name]), good(tokens)["other device's"])
        assert answer.status == status_of(OPERATION[name])
        assert other.device.call("GET", "/v1/status").status == 200


@pytest.fixture(scope="module")
def public_credentials(tokens: Tokens) -> dict[str, Headers]:
    return {**bad(tokens), **good(tokens)}


@pytest.mark.parametrize("operation", PUBLIC, ids=name_of)
def test_a_public_operation_never_reads_credentials(
    cloud: TestCloud, public_credentials: dict[str, Headers], operation: Operation
) -> None:
    """The response is the same with every credential. One request is repeated, so it must not be used up."""
    request = repeatable(cloud, operation)
    compared = without_body if operation.id in RANDOM else comparable
    expected = compared(send(cloud, request, []))
    for name, credential in public_credentials.items():
        cloud.clock.advance(minutes=2)  # rate limits start afresh
        assert compared(send(cloud, request, credential)) == expected, name


def repeatable(cloud: TestCloud, operation: Operation) -> Example:
    """Return a request whose response stays the same: a code works once, and a share takes few reports."""
    request = example(cloud, operation)
    if operation.id == "report_share":
        return request.at(ABSENT)
    if operation.id == "sign_in":
        return Example(request.method, request.path, request.headers, b'{"id_token": "a.b.c", "nonce": "n"}')
    if operation.id == "pair":
        return Example(request.method, request.path, request.headers, json.dumps({"code": "0" * 12}).encode())
    return request


@pytest.mark.parametrize("operation", PUBLIC, ids=name_of)
def test_a_public_operation_works_without_credentials(cloud: TestCloud, operation: Operation) -> None:
    answer = send(cloud, example(cloud, operation), [])
    assert answer.status == status_of(operation), answer.body


def test_a_public_operation_does_not_count_as_a_sign_of_life(cloud: TestCloud, tokens: Tokens) -> None:
    requests = [repeatable(cloud, operation) for operation in PUBLIC]
    before = cloud.stored().rows["devices"]
    cloud.clock.advance(hours=3)
    for request in requests:
        send(cloud, request, good(tokens)["valid"])
    assert cloud.stored().rows["devices"] == before
