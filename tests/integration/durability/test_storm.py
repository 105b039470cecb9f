"""A service is killed repeatedly under load, each time on an empty disk, and loses nothing it acknowledged.

The four storms are separate classes, so they run in parallel (`--dist loadscope`). `make test` makes a third of the
kills that `make storm` makes. SATCHEL_STORM_KILLS overrides the number of kills per storm.
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
from tests.support.storm import Ledger, Load, sender
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

SHARE: Final = 1 if os.environ.get("SATCHEL_STORM") == "all" else 3
SHORT_RUN_S: Final = 0.3
LONG_RUNS: Final = (
    0.25  # share of the runs that last until clients have made progress, however slow the machine is
)
LONG_RUN_ENTRIES: Final = 20
EARLY_KILLS: Final = 0.2  # share of the kills that come during start-up
START_S: Final = 0.3  # about the time of a start
MIN_ENTRIES: Final = 20
FENCED: Final = 3


def start(service: ServiceProcess) -> None:
    """Start the service. If a late request of a killed instance fences it, start it again."""
    service.spawn()
    wait_until(lambda: service.is_ready() or service.has_exited)
    if service.has_exited:
        assert service.wait() == FENCED, service.log()
        start(service)


def run_and_kill(service: ServiceProcess, rng: random.Random, ledger: Ledger) -> None:
    """Start the service and kill it at a random moment."""
    if rng.random() < EARLY_KILLS:
        service.spawn()
        threading.Event().wait(rng.uniform(0, START_S))
    else:
        start(service)
        if rng.random() < LONG_RUNS:
            enough = ledger.size + LONG_RUN_ENTRIES
            wait_until(lambda: ledger.size >= enough or service.has_exited)
        threading.Event().wait(rng.uniform(0, SHORT_RUN_S))
    service.kill()


class Storm:
    """Base class of all storms."""

    kills: int

    @pytest.mark.slow
    @pytest.mark.timeout(1200)
    def test_everything_acknowledged_survives_every_kill(
        self, storage_environ: Mapping[str, str], tmp_path: Path, seed: int
    ) -> None:
        rng, ledger = random.Random(seed), Ledger()
        kills = int(os.environ.get("SATCHEL_STORM_KILLS", self.kills))
        service = ServiceProcess(tmp_path / "cloud", storage_environ)
        with urllib3.PoolManager() as pool, service:
            device = WireDevice(sender(pool, service.url))
            assert device.pair(service.pairing_code).status == 201
            with Load([service.url], device.token, ledger, seed):
                wait_until(lambda: bool(ledger.size > MIN_ENTRIES and ledger.backups and ledger.revoked))
                before = ledger.size
                for run in range(kills):
                    service.kill()
                    service.use_local(tmp_path / f"disk-{run}")
                    run_and_kill(service, rng, ledger)
                start(service)
                wait_until(lambda: ledger.size > before + kills)
            service.kill()
            service.use_local(tmp_path / "disk-last")
            start(service)
            ledger.check(device)
            ledger.use_up(device)
        assert ledger.views
        assert ledger.revoked
        assert ledger.backups


@pytest.mark.parametrize("storage_environ", ["bucket"], indirect=True)
class TestOnABucket(Storm):
    kills = 100 // SHARE


@pytest.mark.parametrize("storage_environ", ["bucket"], indirect=True)
class TestOnAnotherBucket(Storm):
    kills = 100 // SHARE


@pytest.mark.parametrize("storage_environ", ["directory"], indirect=True)
class TestOnADirectory(Storm):
    kills = 60 // SHARE


@pytest.mark.tool("docker")
@pytest.mark.parametrize("storage_environ", ["radosgw"], indirect=True)
class TestOnRadosgw(Storm):
    kills = 40 // SHARE
