"""A service that is killed again and again under load, each time on an empty disk: nothing that it said is lost."""

import os
import random
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import urllib3
from tests.support.service import ServiceProcess
from tests.support.storm import Ledger, Load, sending
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

KILLS: Final = int(os.environ.get("SATCHEL_STORM_KILLS", "30"))
SHORT_LIFE_S: Final = 0.3
LONG_LIFE_S: Final = 1.5  # an upload to a bucket needs boto3, whose import alone outlasts a short life
LONG: Final = 0.2  # of the lives
FIRST: Final = 20
OVERTAKEN: Final = 3
STARTING_S: Final = 0.3  # about what a start takes: some kills come before the first answer


def started(service: ServiceProcess) -> None:
    """Start it; a late request of a killed one may overtake it, and then it ends and is started again."""
    service.spawn()
    while not service.is_ready():
        if service.has_exited:
            assert service.wait() == OVERTAKEN, service.log()
            service.spawn()


def outlive(service: ServiceProcess, rng: random.Random) -> None:
    """Start it with nothing of its own, and kill it at a random moment, before its first answer perhaps."""
    if rng.random() < 0.2:
        service.spawn()
        threading.Event().wait(rng.uniform(0, STARTING_S))
    else:
        started(service)
        life_s = LONG_LIFE_S if rng.random() < LONG else SHORT_LIFE_S
        threading.Event().wait(rng.uniform(0, life_s))
    service.kill()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_whatever_was_acknowledged_survives_every_kill(
    place: Mapping[str, str], tmp_path: Path, seed: int
) -> None:
    rng, ledger = random.Random(seed), Ledger()
    service = ServiceProcess(tmp_path / "cloud", place)
    with urllib3.PoolManager() as pool, service:
        device = WireDevice(sending(pool, service.url))
        assert device.pair(service.pairing_code).status == 201
        with Load([service.url], device.token, ledger, seed):
            wait_until(lambda: bool(ledger.size > FIRST and ledger.backups and ledger.revoked))
            for life in range(KILLS):
                service.kill()
                service.use_local(tmp_path / f"disk-{life}")
                outlive(service, rng)
        service.use_local(tmp_path / "disk-last")
        started(service)
        ledger.check(device)
        ledger.use_up(device)
    assert ledger.size > KILLS
    assert ledger.views
    assert ledger.revoked
    assert ledger.backups
