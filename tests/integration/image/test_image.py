"""The image in containers: what it holds, as whom it runs, how it stops, and that killing it loses nothing."""

import json
import re
import time

import pytest
import urllib3
from tests.integration.image.conftest import CODE, Container
from tests.support.s3_servers import ROOT, docker
from tests.support.storm import sending
from tests.support.wire_device import WireDevice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STOP_S = 10.0
BUCKET = pytest.mark.parametrize("container", ["bucket"], indirect=True)
DIRECTORY = pytest.mark.parametrize("container", ["directory"], indirect=True)
INSTALLED = """
import importlib.metadata as m, importlib.util as u, json
print(json.dumps({
    "packages": sorted(f"{d.name}=={d.version}".lower().replace("_", "-") for d in m.distributions()),
    "foreign": [n for n in ("satchel", "satchel_infra", "cryptography", "pyrage", "pip", "setuptools") if u.find_spec(n)],
}))
"""
WRITABLE = """
import os
for folder in ("/", "/opt/satchel", "/etc", "/usr"):
    try:
        open(os.path.join(folder, "written"), "w").close()
    except OSError:
        continue
    raise SystemExit(f"{folder} can be written to")
"""


def killed_and_replaced(container: Container) -> None:
    """SIGKILL, the container and everything in it removed, a fresh one in its place."""
    former = container.id
    docker("kill", former)
    container.compose("rm", "--force", "-v", container.name)
    container.compose("up", "--detach", container.name)
    container.wait_until_ready()
    assert container.id != former


@DIRECTORY
def test_it_holds_what_is_locked_and_nothing_else(container: Container) -> None:
    found = json.loads(container.run("/opt/satchel/bin/python", "-c", INSTALLED))
    locked = re.findall(
        r"^([a-z0-9.-]+==[^ ;\\]+)", (ROOT / "lock" / "service.txt").read_text(), re.MULTILINE
    )
    assert found == {"packages": sorted(locked), "foreign": []}


@DIRECTORY
def test_it_runs_as_nobody_on_a_root_that_cannot_be_written_to(container: Container) -> None:
    assert container.run("id", "-u") == "65532"
    container.run("/opt/satchel/bin/python", "-c", WRITABLE)
    assert docker("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", container.id) == "true"


def test_its_first_start_prints_a_code_and_a_device_connects(
    container: Container, pool: urllib3.PoolManager
) -> None:
    assert CODE.search(container.log())
    assert CODE.search(container.log())
    assert container.device(pool).call("GET", "/v1/status").status == 200


@DIRECTORY
def test_it_stops_gracefully_within_what_platforms_give(container: Container) -> None:
    stopped, began = container.id, time.monotonic()
    container.compose("stop", "--timeout", "30", container.name)
    assert time.monotonic() - began < STOP_S
    assert docker("inspect", "--format", "{{.State.ExitCode}}", stopped) == "0"


@BUCKET
def test_a_killed_container_without_a_volume_is_replaced_by_one_that_has_everything(
    container: Container, pool: urllib3.PoolManager
) -> None:
    device = container.device(pool)
    backup, share = device.backup(b"sealed" * 1000), device.share(b"body", views=2)
    revoked = device.share(b"other", views=5)
    assert device.open(share).status == 200
    assert device.call("DELETE", f"/v1/shares/{revoked}").status == 204
    killed_and_replaced(container)
    woken = WireDevice(sending(pool, f"http://127.0.0.1:{container.port}"), device.token)
    assert woken.call("GET", f"/v1/archives/{backup}").body == b"sealed" * 1000
    assert woken.open(share).body == b"body"
    assert woken.open(share).problem == "used-up"
    assert woken.open(revoked).problem == "revoked"
