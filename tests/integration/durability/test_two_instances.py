"""Two live instances on one store under load: one is fenced, answers 503 and exits; nothing acknowledged is lost."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3
from tests.support.service import ServiceProcess
from tests.support.storm import Ledger, Load, sender
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

FENCED = 3
TIMEOUT_S = 20.0
NEW_ENTRIES = 20

PLACES = pytest.mark.parametrize(
    "storage_environ",
    ["directory", "bucket", pytest.param("radosgw", marks=pytest.mark.tool("docker"))],
    indirect=True,
)


@pytest.mark.slow
@PLACES
def test_one_of_two_live_instances_is_fenced_and_nothing_is_lost(
    storage_environ: Mapping[str, str], tmp_path: Path, seed: int
) -> None:
    ledger = Ledger()
    first = ServiceProcess(tmp_path / "first", storage_environ)
    second = ServiceProcess(tmp_path / "second", storage_environ)
    with urllib3.PoolManager() as pool, first:
        device = WireDevice(sender(pool, first.url))
        assert device.pair(first.pairing_code).status == 201
        with Load([first.url, second.url], device.token, ledger, seed, clients=6) as load:
            wait_until(lambda: ledger.size > NEW_ENTRIES, timeout_s=TIMEOUT_S)
            try:
                second.spawn()
                wait_until(lambda: first.has_exited or second.has_exited, timeout_s=TIMEOUT_S)
                fenced, remaining = (first, second) if first.has_exited else (second, first)
                assert fenced.wait() == FENCED
                assert "another instance has taken over" in fenced.log()
                size = ledger.size
                wait_until(lambda: ledger.size > size + NEW_ENTRIES, timeout_s=TIMEOUT_S)
                assert not remaining.has_exited
            finally:
                second.kill()
        assert load.statuses[503]
        first.kill()
        with ServiceProcess(tmp_path / "last", storage_environ) as last:
            device = WireDevice(sender(pool, last.url), device.token)
            ledger.check(device)
            ledger.use_up(device)


@PLACES
def test_an_instance_that_only_reads_detects_its_successor(
    storage_environ: Mapping[str, str], tmp_path: Path
) -> None:
    first = ServiceProcess(tmp_path / "first", storage_environ)
    second = ServiceProcess(tmp_path / "second", storage_environ)
    with urllib3.PoolManager() as pool, first:
        device = WireDevice(sender(pool, first.url))
        assert device.pair(first.pairing_code).status == 201
        share = device.share(views=5)
        with second:
            other = WireDevice(sender(pool, second.url), device.token)
            assert other.call("DELETE", f"/v1/shares/{share}").status == 204
            assert device.open(share).status == 503
            assert first.wait(TIMEOUT_S) == FENCED
            assert other.open(share).problem == "revoked"
