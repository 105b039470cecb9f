"""A service that is killed again and again under load, each time on an empty disk: nothing that it said is lost.

Four storms, each a class of its own, so that they run beside each other (`--dist loadscope`): together at least 200
kills on buckets and some on a directory, in every run. SATCHEL_STORM_KILLS gives every storm so many.
"""

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

ON_BUCKETS: Final = 200
"""How many kills the storms on moto's server are together; those on radosgw, which may be missing, come on top."""
SHORT_LIFE_S: Final = 0.3
LONG_LIFE_S: Final = 1.5  # an upload to a bucket needs boto3, whose import alone outlasts a short life
LONG: Final = 0.2  # of the lives
EARLY: Final = 0.2  # of the kills come while it starts, before its first answer perhaps
STARTING_S: Final = 0.3  # about what a start takes
FIRST: Final = 20
OVERTAKEN: Final = 3


def started(service: ServiceProcess) -> None:
    """Start it; a late request of a killed one may overtake it, and then it ends and is started again."""
    service.spawn()
    wait_until(lambda: service.is_ready() or service.has_exited)
    if service.has_exited:
        assert service.wait() == OVERTAKEN, service.log()
        started(service)


def outlive(service: ServiceProcess, rng: random.Random) -> None:
    """Start it with nothing of its own, and kill it at a random moment."""
    if rng.random() < EARLY:
        service.spawn()
        threading.Event().wait(rng.uniform(0, STARTING_S))
    else:
        started(service)
        threading.Event().wait(rng.uniform(0, LONG_LIFE_S if rng.random() < LONG else SHORT_LIFE_S))
    service.kill()


class Storm:
    """Any storm."""

    kills: int

    @pytest.mark.slow
    @pytest.mark.timeout(1200)
    def test_whatever_was_acknowledged_survives_every_kill(
        self, place: Mapping[str, str], tmp_path: Path, seed: int
    ) -> None:
        rng, ledger = random.Random(seed), Ledger()
        kills = int(os.environ.get("SATCHEL_STORM_KILLS", self.kills))
        service = ServiceProcess(tmp_path / "cloud", place)
        with urllib3.PoolManager() as pool, service:
            device = WireDevice(sending(pool, service.url))
            assert device.pair(service.pairing_code).status == 201
            with Load([service.url], device.token, ledger, seed):
                wait_until(lambda: bool(ledger.size > FIRST and ledger.backups and ledger.revoked))
                before = ledger.size
                for life in range(kills):
                    service.kill()
                    service.use_local(tmp_path / f"disk-{life}")
                    outlive(service, rng)
            service.use_local(tmp_path / "disk-last")
            started(service)
            ledger.check(device)
            ledger.use_up(device)
        assert ledger.size > before + kills
        assert ledger.views
        assert ledger.revoked
        assert ledger.backups


@pytest.mark.parametrize("place", ["bucket"], indirect=True)
class TestOnABucket(Storm):
    kills = ON_BUCKETS // 2


@pytest.mark.parametrize("place", ["bucket"], indirect=True)
class TestOnAnotherBucket(Storm):
    kills = ON_BUCKETS // 2


@pytest.mark.parametrize("place", ["directory"], indirect=True)
class TestOnADirectory(Storm):
    kills = 60


@pytest.mark.tool("docker")
@pytest.mark.parametrize("place", ["radosgw"], indirect=True)
class TestOnRadosgw(Storm):
    kills = 40
