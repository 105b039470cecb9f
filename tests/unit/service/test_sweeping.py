"""Sweeping goes along with requests, and is not their concern."""

import pytest
from tests.unit.service.conftest import InProcess

from satchel_service.database import DatabaseError
from satchel_service.lifecycle.sweeping import Sweeper


def test_a_request_that_is_done_is_answered_though_the_sweep_after_it_fails(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []

    async def fail(_: Sweeper, now: int) -> None:
        swept.append(now)
        raise DatabaseError("the store of the log does not answer")

    cloud.device.call("POST", "/v1/pairings")  # a code that will have ended
    cloud.clock.go_on(minutes=20)
    monkeypatch.setattr(Sweeper, "sweep", fail)
    assert cloud.device.call("GET", "/v1/backups").status == 200
    assert swept == [cloud.clock.ms]
