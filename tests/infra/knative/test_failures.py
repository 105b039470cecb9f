"""Each refusal of the API server is one error of infra, with one line and a hint."""

import json

import pytest

from satchel_infra.errors import (
    MAX_LINE_CHARS,
    ConfigurationError,
    DeniedError,
    FailedError,
    InfraError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.knative.failures import (
    ConflictError,
    ExpiredError,
    Refusal,
    translate,
)

WHAT = "create services.serving.knative.dev 'c'"


def refuse(status: int, message: str = "", reason: str = "", **details: object) -> Refusal:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "details": details}
    return Refusal.parse(status, WHAT, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        pytest.param(refuse(401, "Unauthorized", "Unauthorized"), DeniedError, id="credentials"),
        pytest.param(refuse(403, 'cannot create resource "services"', "Forbidden"), DeniedError, id="right"),
        pytest.param(
            refuse(403, "forbidden: exceeded quota: satchel-clouds, requested: 1", "Forbidden"),
            QuotaError,
            id="quota",
        ),
        pytest.param(
            refuse(403, "is being terminated", "Forbidden", causes=[{"reason": "NamespaceTerminating"}]),
            FailedError,
            id="terminating",
        ),
        pytest.param(
            refuse(404, 'namespaces "x" not found', "NotFound", name="x", kind="namespaces"),
            ConfigurationError,
            id="namespace",
        ),
        pytest.param(
            Refusal.parse(404, WHAT, b"404 page not found"), ConfigurationError, id="no-such-resource"
        ),
        pytest.param(refuse(409, "the object has been modified", "Conflict"), ConflictError, id="conflict"),
        pytest.param(refuse(410, "too old", "Expired"), ExpiredError, id="expired"),
        pytest.param(refuse(400, "admission webhook denied", "BadRequest"), FailedError, id="webhook"),
        pytest.param(refuse(422, "spec is immutable", "Invalid"), FailedError, id="invalid"),
        pytest.param(refuse(413, "", "RequestEntityTooLarge"), FailedError, id="too-large"),
        pytest.param(refuse(429, "too many requests", "TooManyRequests"), UnavailableError, id="rate"),
        pytest.param(
            refuse(500, "etcdserver: request timed out", "InternalError"), UnavailableError, id="etcd"
        ),
        pytest.param(refuse(504, "timeout", "Timeout"), UnavailableError, id="timeout"),
        pytest.param(Refusal.parse(502, WHAT, b"<html>bad gateway"), UnavailableError, id="proxy"),
        pytest.param(Refusal.parse(302, WHAT, b""), FailedError, id="redirect"),
    ],
)
def test_a_refusal_is_one_kind_of_error(refusal: Refusal, error: type[InfraError]) -> None:
    translated = translate(refusal)
    assert type(translated) is error
    assert WHAT in str(translated)
    assert "\n" not in str(translated)
    assert translated.hint


def test_only_a_named_object_that_is_missing_counts_as_absent() -> None:
    assert refuse(404, "", "NotFound", name="c", kind="services").is_absent_object
    assert not refuse(404, "", "NotFound").is_absent_object
    assert not refuse(404, "", "NotFound", name="x", kind="namespaces").is_absent_object
    assert not Refusal.parse(404, WHAT, b"404 page not found").is_absent_object


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'"text"', b"{", b"\xff", b'{"kind":"Status","details":7,"metadata":[]}']
)
def test_a_response_of_any_shape_is_read(body: bytes) -> None:
    assert isinstance(translate(Refusal.parse(500, WHAT, body)), UnavailableError)


def test_a_message_is_one_line_of_bounded_length() -> None:
    refusal = refuse(400, "a\nb\x1b[31m" + "c" * 10_000)
    assert refusal.message.startswith("a b [31mccc")
    assert len(refusal.message) <= MAX_LINE_CHARS + 1
