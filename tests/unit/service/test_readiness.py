"""The readiness check is public, cached and correct."""

import shutil

import pytest
from tests.support.asgi import Call
from tests.unit.service.conftest import InProcess

from satchel_service.lifecycle.readiness import CACHE_MS
from satchel_service.storage.directory import DirectoryStorage


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets one entry for each check of the storage."""
    seen: list[str] = []
    check = DirectoryStorage.check

    def counted(storage: DirectoryStorage) -> None:
        seen.append("check")
        check(storage)

    monkeypatch.setattr(DirectoryStorage, "check", counted)
    return seen


def test_repeated_requests_share_one_check_until_the_cache_expires(
    cloud: InProcess, checks: list[str]
) -> None:
    for _ in range(100):
        assert cloud.stranger.call("GET", "/ready").status == 200
    assert len(checks) == 1
    cloud.clock.ms += CACHE_MS
    assert cloud.stranger.call("GET", "/ready").status == 200
    assert len(checks) == 2


def test_concurrent_requests_share_one_check(cloud: InProcess, checks: list[str]) -> None:
    answers = cloud.loopback.race([Call("GET", "/ready")] * 50)
    assert {answer.status for answer in answers} == {200}
    assert len(checks) == 1


def test_a_failure_is_cached_no_longer_than_a_success(cloud: InProcess, checks: list[str]) -> None:
    shutil.move(cloud.folder / "staging", cloud.folder / "away")
    answers = [cloud.stranger.call("GET", "/ready") for _ in range(3)]
    assert [answer.problem for answer in answers] == ["unavailable"] * 3
    assert answers[0].headers["retry-after"] == "2"
    assert len(checks) == 1
    shutil.move(cloud.folder / "away", cloud.folder / "staging")
    cloud.clock.ms += CACHE_MS
    assert cloud.stranger.call("GET", "/ready").status == 200


def test_a_clock_set_back_does_not_extend_the_cache(cloud: InProcess, checks: list[str]) -> None:
    cloud.stranger.call("GET", "/ready")
    cloud.clock.advance(days=-1)
    cloud.stranger.call("GET", "/ready")
    assert len(checks) == 2
