"""Two live instances on one store under load: one is fenced, answers 503 and exits; nothing acknowledged is lost."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3
from tests.support.service import ServiceProcess
from tests.support.storm import Ledger, Load, sending
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

FENCED = 3
EXIT_S = 20.0
MORE = 20

PLACES = pytest.mark.parametrize(
    "place", ["directory", "bucket", pytest.param("radosgw", marks=pytest.mark.tool("docker"))], indirect=True
)


@pytest.mark.slow
@PLACES
def test_of_two_live_instances_one_is_fenced_and_exits_and_nothing_is_lost(
    place: Mapping[str, str], tmp_path: Path, seed: int
) -> None:
    ledger = Ledger()
    former = ServiceProcess(tmp_path / "former", place)
    latter = ServiceProcess(tmp_path / "latter", place)
    with urllib3.PoolManager() as pool, former:
        device = WireDevice(sending(pool, former.url))
        assert device.pair(former.pairing_code).status == 201
        with Load([former.url, latter.url], device.token, ledger, seed, clients=6) as load:
            wait_until(lambda: ledger.size > MORE, patience_s=EXIT_S)
            try:
                latter.spawn()
                wait_until(lambda: former.has_exited or latter.has_exited, patience_s=EXIT_S)
                leaver, stayer = (former, latter) if former.has_exited else (latter, former)
                assert leaver.wait() == FENCED
                assert "another instance has taken over" in leaver.log()
                kept = ledger.size
                wait_until(lambda: ledger.size > kept + MORE, patience_s=EXIT_S)
                assert not stayer.has_exited
            finally:
                latter.kill()
        assert load.statuses[503]
        former.kill()
        with ServiceProcess(tmp_path / "last", place) as last:
            asking = WireDevice(sending(pool, last.url), device.token)
            ledger.check(asking)
            ledger.use_up(asking)


@PLACES
def test_an_instance_that_only_reads_learns_that_it_was_overtaken(
    place: Mapping[str, str], tmp_path: Path
) -> None:
    former = ServiceProcess(tmp_path / "former", place)
    latter = ServiceProcess(tmp_path / "latter", place)
    with urllib3.PoolManager() as pool, former:
        device = WireDevice(sending(pool, former.url))
        assert device.pair(former.pairing_code).status == 201
        share = device.share(views=5)
        with latter:
            other = WireDevice(sending(pool, latter.url), device.token)
            assert other.call("DELETE", f"/v1/shares/{share}").status == 204
            assert device.open(share).status == 503
            assert former.wait(EXIT_S) == FENCED
            assert other.open(share).problem == "revoked"
