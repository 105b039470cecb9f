"""Which calls are retried, how often and after which pauses, and what happens to stale connections."""

import pytest
from tests.fault.storage.conftest import Wired
from tests.support.fault_proxy import Fault
from tests.support.waiting import wait_until

from satchel_service.storage import AlreadyExistsError, NotFoundError, StorageError, TransientError, blob_key
from satchel_service.storage.buckets import ATTEMPTS, MOST_PAUSE_S

KEY = blob_key("log/0000000000000001")
BUSY = Fault("busy", status=503, code="SlowDown")


def test_a_read_is_retried_until_the_store_answers(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=ATTEMPTS - 1, method="GET")
    assert wired.storage.read(KEY) == b"entry"
    assert wired.proxy.requests("GET") == ATTEMPTS
    assert len(wired.pauses) == ATTEMPTS - 1


def test_retries_are_limited(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=100, method="GET")
    with pytest.raises(TransientError):
        wired.storage.read(KEY)
    assert wired.proxy.requests("GET") == ATTEMPTS


def test_pauses_grow_and_respect_retry_after_within_reason(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=ATTEMPTS - 1, method="GET")
    wired.storage.read(KEY)
    assert wired.pauses == [0.05, 0.1, 0.2]
    wired.pauses.clear()
    soon = Fault("soon", status=503, code="SlowDown", header="Retry-After: 1")
    late = Fault("late", status=503, code="SlowDown", header="Retry-After: 3600")
    wired.proxy.fail(soon, late, method="GET")
    wired.storage.read(KEY)
    assert wired.pauses == [1.0, MOST_PAUSE_S]


def test_a_refusal_is_not_retried(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(Fault("forbidden", status=403, code="AccessDenied"), times=100, method="GET")
    with pytest.raises(StorageError) as refused:
        wired.storage.read(KEY)
    assert wired.proxy.requests("GET") == 1
    assert not isinstance(refused.value, NotFoundError | TransientError)
    assert "403" in str(refused.value)


def test_a_silent_store_is_not_waited_for(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    wired.storage.check()
    wired.proxy.cut_idle()  # so that a connection with the short timeout is opened
    wired.proxy.fail(Fault("silence", is_forwarded=True, is_silent=True), method=wired.write_method)
    with monkeypatch.context() as short:  # for this request alone: a busy store answers the others later
        short.setattr("satchel_service.storage.http.READ_TIMEOUT_S", 0.2)
        with pytest.raises(TransientError) as unanswered:
            wired.storage.create(KEY, b"entry")
    assert "TimeoutError" in str(unanswered.value)
    wait_until(lambda: [info.key for info in wired.truth.list("log/")] == [KEY])
    assert wired.truth.read(KEY) == b"entry"
    with pytest.raises(AlreadyExistsError):  # a caller that repeats the create learns so
        wired.storage.create(KEY, b"entry")


def test_a_connection_closed_by_the_store_is_not_used_for_a_create(wired: Wired) -> None:
    for number in range(1, 6):
        wired.storage.create(blob_key(f"log/{number:016d}"), b"entry")
        wired.proxy.cut_idle()
    assert len(list(wired.truth.list("log/"))) == 5


def test_no_error_repeats_the_text_of_an_answer(wired: Wired) -> None:
    for call in (lambda: wired.storage.create(KEY, b"entry"), lambda: wired.storage.read(KEY)):
        wired.proxy.fail(
            Fault("chatty", raw=b"HTTP/1.1 400 Bad\r\nContent-Length: 15\r\n\r\nhunter2 token=x"), times=9
        )
        with pytest.raises(StorageError) as refused:
            call()
        assert "hunter2" not in str(refused.value)
