"""Whatever happens between service and bucket, a reported success is real and every read is whole.

A storage may always raise StorageError. It must never raise anything else, report a free key as taken, or accept a
truncated answer.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.fault.storage.conftest import Wired
from tests.support.fault_proxy import Fault

from satchel_service.storage import (
    AlreadyExistsError,
    BlobKey,
    NotFoundError,
    PartPlan,
    Storage,
    StorageError,
    blob_key,
)

KEY = blob_key("archives/one")
OTHER = blob_key("archives/two")
DATA = bytes(range(256)) * 400
PLAN = PartPlan(len(DATA), len(DATA))

PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<p>sign in</p"
FAULTS = [
    Fault("latency", delay_s=0.05, is_forwarded=True),
    Fault("internal error", status=500, code="InternalError"),
    Fault("slow down", status=503, code="SlowDown"),
    Fault("too many requests", status=429, code="TooManyRequests"),
    Fault("conflict", status=409, code="ConditionalRequestConflict"),
    Fault("gateway without a body", raw=b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
    Fault("error after the effect", status=500, code="InternalError", is_forwarded=True),
    Fault("slow down after the effect", status=503, code="SlowDown", is_forwarded=True),
    Fault("reset at once", is_reset=True),
    Fault("reset in the request's body", request_bytes=100),
    Fault("answer lost after the effect", is_reset=True, is_forwarded=True),
    Fault("answer cut short", keep_bytes=7, is_forwarded=True),
    Fault("answer reset", keep_bytes=7, is_forwarded=True, is_reset=True),
    Fault("answer without its end", keep_bytes=0, is_forwarded=True),
    Fault("not http", raw=b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"),
    Fault("a portal's page", raw=PORTAL),
    Fault("no such bucket", status=404, code="NoSuchBucket"),
    Fault("forbidden", status=403, code="AccessDenied"),
]
FOREVER = 1000


def outcome(call: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever it returns
    """The result of a call, or the StorageError it raised; any other exception fails the test."""
    try:
        return call()
    except StorageError as exc:
        return exc


def found(storage: Storage) -> bytes | None:
    """The bytes under the key; None if it is absent."""
    try:
        return storage.read(KEY)
    except NotFoundError:
        return None


faults = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
durations = pytest.mark.parametrize("times", [1, FOREVER], ids=["once", "forever"])


@faults
@durations
def test_a_create_is_sent_once_and_reports_nothing_false(wired: Wired, fault: Fault, times: int) -> None:
    wired.storage.check()
    wired.proxy.fail(fault, times=times, method=wired.write_method)
    result = outcome(lambda: wired.storage.create(KEY, DATA))
    assert wired.proxy.requests(wired.write_method) == 1
    assert not isinstance(result, AlreadyExistsError | NotFoundError)
    assert found(wired.truth) == DATA if result is None else found(wired.truth) in (None, DATA)


@faults
def test_a_create_of_a_taken_key_never_succeeds(wired: Wired, fault: Fault) -> None:
    wired.truth.create(KEY, b"another object")
    wired.proxy.fail(fault)
    assert isinstance(outcome(lambda: wired.storage.create(KEY, DATA)), StorageError)
    assert found(wired.truth) == b"another object"


@faults
@durations
@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda storage: storage.read(KEY), DATA),
        (lambda storage: storage.read(KEY, 1000, 5000), DATA[1000:6000]),
        (lambda storage: storage.size(KEY), len(DATA)),
        (lambda storage: b"".join(storage.stream(KEY, 100, 90_000, 4096)), DATA[100:90_100]),
        (lambda storage: [(info.key, info.size_bytes) for info in storage.list("")], [(KEY, len(DATA))]),
    ],
    ids=["read", "range", "size", "stream", "list"],
)
def test_a_read_is_whole_or_an_error(
    wired: Wired, fault: Fault, times: int, read: Callable[[Storage], Any], expected: object
) -> None:
    wired.truth.create(KEY, DATA)
    wired.proxy.fail(fault, times=times, method="GET")
    result = outcome(lambda: read(wired.storage))
    if isinstance(result, StorageError):
        assert not isinstance(result, AlreadyExistsError | NotFoundError)
    else:
        assert result == expected


@faults
def test_an_absent_object_is_never_read(wired: Wired, fault: Fault) -> None:
    wired.proxy.fail(fault, method="GET")
    assert isinstance(outcome(lambda: wired.storage.read(KEY)), StorageError)


@faults
@durations
def test_a_reported_delete_took_effect(wired: Wired, fault: Fault, times: int) -> None:
    wired.truth.create(KEY, DATA)
    wired.truth.create(OTHER, DATA)
    wired.proxy.fail(fault, times=times, method="DELETE")
    result = outcome(lambda: wired.storage.delete(KEY))
    assert result is None or not isinstance(result, AlreadyExistsError | NotFoundError)
    assert found(wired.truth) in ((None,) if result is None else (None, DATA))
    assert wired.truth.read(OTHER) == DATA


@faults
@durations
def test_a_reported_replace_took_effect(wired: Wired, fault: Fault, times: int) -> None:
    wired.proxy.fail(fault, times=times, method=wired.write_method)
    result = outcome(lambda: wired.storage.replace(KEY, DATA))
    assert result is None or not isinstance(result, AlreadyExistsError | NotFoundError)
    assert found(wired.truth) in ((DATA,) if result is None else (None, DATA))


@faults
def test_an_upload_makes_the_whole_object_or_none(wired: Wired, fault: Fault) -> None:
    """Each request of an upload fails once, each time in another upload."""
    wired.proxy.fail()
    upload(wired.storage, blob_key("archives/first"))
    for number in range(len(wired.proxy.seen)):
        key = blob_key(f"archives/upload-{number}")
        wired.proxy.behave = nth(number, fault)
        result = outcome(partial(upload, wired.storage, key))
        held = outcome(partial(wired.truth.read, key))
        assert not isinstance(result, AlreadyExistsError)
        assert held == DATA or (result is not None and isinstance(held, NotFoundError))


def upload(storage: Storage, key: BlobKey) -> None:
    """Send an object in one part through the service."""
    token = storage.begin_upload(key, PLAN)
    (part,) = PLAN.parts()
    sink = storage.part_sink(key, token, part)
    try:
        sink.write(DATA)
        sink.finish()
    finally:
        sink.discard()
    storage.complete_upload(key, token, PLAN)


def nth(number: int, fault: Fault) -> Callable[[object], Fault | None]:
    """Let one request fail, counted from 0."""
    left = [number]

    def behave(_: object) -> Fault | None:
        left[0] -= 1
        return fault if left[0] == -1 else None

    return behave
