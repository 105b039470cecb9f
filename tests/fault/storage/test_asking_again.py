"""What is asked again, how often and after what wait; what is not; and connections that ended meanwhile."""

import pytest
from tests.fault.storage.conftest import Wired
from tests.support.fault_proxy import Fault

from satchel_service.storage import AlreadyExistsError, NotFoundError, StorageError, TransientError, blob_key
from satchel_service.storage.buckets import ATTEMPTS, MOST_PAUSE_S

KEY = blob_key("log/0000000000000001")
BUSY = Fault("busy", status=503, code="SlowDown")


def test_a_read_is_asked_again_until_an_answer_comes(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=ATTEMPTS - 1, method="GET")
    assert wired.storage.read(KEY) == b"entry"
    assert wired.proxy.requests("GET") == ATTEMPTS
    assert len(wired.pauses) == ATTEMPTS - 1


def test_asking_again_ends(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=100, method="GET")
    with pytest.raises(TransientError):
        wired.storage.read(KEY)
    assert wired.proxy.requests("GET") == ATTEMPTS


def test_waits_grow_and_follow_what_the_store_asks_for_within_reason(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(BUSY, times=ATTEMPTS - 1, method="GET")
    wired.storage.read(KEY)
    assert wired.pauses == [0.05, 0.1, 0.2]
    wired.pauses.clear()
    told = Fault("told", status=503, code="SlowDown", header="Retry-After: 1")
    rude = Fault("rude", status=503, code="SlowDown", header="Retry-After: 3600")
    wired.proxy.fail(told, rude, method="GET")
    wired.storage.read(KEY)
    assert wired.pauses == [1.0, MOST_PAUSE_S]


def test_a_refusal_is_not_asked_again(wired: Wired) -> None:
    wired.truth.create(KEY, b"entry")
    wired.proxy.fail(Fault("forbidden", status=403, code="AccessDenied"), times=100, method="GET")
    with pytest.raises(StorageError) as refused:
        wired.storage.read(KEY)
    assert wired.proxy.requests("GET") == 1
    assert not isinstance(refused.value, NotFoundError | TransientError)
    assert "403" in str(refused.value)


def test_an_answer_that_never_comes_is_not_waited_for(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel_service.storage.http.READ_TIMEOUT_S", 0.2)
    wired.storage.check()
    wired.proxy.cut_idle()  # so that a connection with the short patience is made
    wired.proxy.fail(Fault("silence", is_forwarded=True, is_silent=True), method=wired.write_method)
    with pytest.raises(TransientError) as unanswered:
        wired.storage.create(KEY, b"entry")
    assert "TimeoutError" in str(unanswered.value)
    assert wired.truth.read(KEY) == b"entry"
    with pytest.raises(AlreadyExistsError):  # and who asks by itself again is told so
        wired.storage.create(KEY, b"entry")


def test_a_connection_that_the_store_has_ended_is_not_used_for_a_create(wired: Wired) -> None:
    for number in range(1, 6):
        wired.storage.create(blob_key(f"log/{number:016d}"), b"entry")
        wired.proxy.cut_idle()
    assert len(list(wired.truth.list("log/"))) == 5


def test_no_error_repeats_what_an_answer_said(wired: Wired) -> None:
    for call in (lambda: wired.storage.create(KEY, b"entry"), lambda: wired.storage.read(KEY)):
        wired.proxy.fail(
            Fault("chatty", raw=b"HTTP/1.1 400 Bad\r\nContent-Length: 15\r\n\r\nhunter2 token=x"), times=9
        )
        with pytest.raises(StorageError) as refused:
            call()
        assert "hunter2" not in str(refused.value)
