"""Sweeping during requests does not affect their answers."""

import pytest
from tests.unit.service.conftest import InProcess

from satchel_service.database import DatabaseError
from satchel_service.lifecycle.sweeping import Sweeper


def test_a_completed_request_is_answered_even_if_the_sweep_fails(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []

    async def fail(_: Sweeper, now: int) -> None:
        swept.append(now)
        raise DatabaseError("the store of the log does not answer")

    cloud.device.call("POST", "/v1/pairings")  # a code that will have expired
    cloud.clock.advance(minutes=20)
    monkeypatch.setattr(Sweeper, "sweep", fail)
    assert cloud.device.call("GET", "/v1/backups").status == 200
    assert swept == [cloud.clock.ms]
