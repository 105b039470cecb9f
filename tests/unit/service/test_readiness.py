"""Whether the cloud is ready: asked by anybody, looked at seldom, told as it is."""

import shutil

import pytest
from tests.support.asgi import Call
from tests.unit.service.conftest import InProcess

from satchel_service.lifecycle.readiness import CACHE_MS
from satchel_service.storage.directory import DirectoryStorage


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each look at the storage."""
    seen: list[str] = []
    check = DirectoryStorage.check

    def counted(storage: DirectoryStorage) -> None:
        seen.append("look")
        check(storage)

    monkeypatch.setattr(DirectoryStorage, "check", counted)
    return seen


def test_whoever_asks_again_and_again_costs_one_look_in_a_while(cloud: InProcess, looks: list[str]) -> None:
    for _ in range(100):
        assert cloud.stranger.call("GET", "/ready").status == 200
    assert len(looks) == 1
    cloud.clock.ms += CACHE_MS
    assert cloud.stranger.call("GET", "/ready").status == 200
    assert len(looks) == 2


def test_all_who_ask_at_once_share_a_look(cloud: InProcess, looks: list[str]) -> None:
    answers = cloud.loopback.race([Call("GET", "/ready")] * 50)
    assert {answer.status for answer in answers} == {200}
    assert len(looks) == 1


def test_what_fails_is_told_for_as_long_and_no_longer(cloud: InProcess, looks: list[str]) -> None:
    shutil.move(cloud.folder / "staging", cloud.folder / "away")
    answers = [cloud.stranger.call("GET", "/ready") for _ in range(3)]
    assert [answer.problem for answer in answers] == ["unavailable"] * 3
    assert answers[0].headers["retry-after"] == "2"
    assert len(looks) == 1
    shutil.move(cloud.folder / "away", cloud.folder / "staging")
    cloud.clock.ms += CACHE_MS
    assert cloud.stranger.call("GET", "/ready").status == 200


def test_a_clock_that_was_set_back_does_not_keep_an_old_look(cloud: InProcess, looks: list[str]) -> None:
    cloud.stranger.call("GET", "/ready")
    cloud.clock.go_on(days=-1)
    cloud.stranger.call("GET", "/ready")
    assert len(looks) == 2
