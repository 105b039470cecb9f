"""The image in containers: its contents, its user, stopping, and killing it without losing data."""

import json
import re

import pytest
import urllib3
from tests.integration.image.conftest import CODE, Container
from tests.support.s3_servers import ROOT, docker
from tests.support.storm import sender
from tests.support.wire_device import WireDevice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STOP_TIMEOUT_S = "10"
BUCKET = pytest.mark.parametrize("container", ["bucket"], indirect=True)
DIRECTORY = pytest.mark.parametrize("container", ["directory"], indirect=True)
INSTALLED = """
import importlib.metadata as m, importlib.util as u, json
print(json.dumps({
    "packages": sorted(f"{d.name}=={d.version}".lower().replace("_", "-") for d in m.distributions()),
    "foreign": [n for n in ("satchel", "satchel_infra", "pyrage", "pip", "setuptools") if u.find_spec(n)],
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


def kill_and_replace(container: Container) -> None:
    """Kill the container, remove it with its volumes, and start a new one."""
    old_id = container.id
    docker("kill", old_id)
    container.compose("rm", "--force", "-v", container.name)
    container.compose("up", "--detach", container.name)
    container.wait_until_ready()
    assert container.id != old_id


@DIRECTORY
def test_the_image_contains_exactly_the_locked_packages(container: Container) -> None:
    found = json.loads(container.run("/opt/satchel/bin/python", "-c", INSTALLED))
    locked = re.findall(
        r"^([a-z0-9.-]+==[^ ;\\]+)", (ROOT / "lock" / "service.txt").read_text(), re.MULTILINE
    )
    assert found == {"packages": sorted(locked), "foreign": []}
    container.run("/opt/satchel/bin/python", "-c", "import satchel_service.tokens.signatures")


@DIRECTORY
def test_the_service_runs_unprivileged_on_a_read_only_root(container: Container) -> None:
    assert container.run("id", "-u") == "65532"
    container.run("/opt/satchel/bin/python", "-c", WRITABLE)
    assert docker("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", container.id) == "true"


def test_the_first_start_prints_a_pairing_code_and_a_device_connects(
    container: Container, pool: urllib3.PoolManager
) -> None:
    assert CODE.search(container.log())
    assert container.device(pool).call("GET", "/v1/status").status == 200


@DIRECTORY
def test_the_container_stops_gracefully_within_the_time_of_platforms(container: Container) -> None:
    """After that time the engine kills it, which gives another exit code."""
    stopped = container.id
    container.compose("stop", "--timeout", STOP_TIMEOUT_S, container.name)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", stopped) == "0"


@BUCKET
def test_a_container_that_replaces_a_killed_one_has_all_data(
    container: Container, pool: urllib3.PoolManager
) -> None:
    device = container.device(pool)
    backup, share = device.backup(b"sealed" * 1000), device.share(b"body", views=2)
    revoked = device.share(b"other", views=5)
    assert device.open(share).status == 200
    assert device.call("DELETE", f"/v1/shares/{revoked}").status == 204
    kill_and_replace(container)
    restarted = WireDevice(sender(pool, f"http://127.0.0.1:{container.port}"), device.token)
    assert restarted.call("GET", f"/v1/archives/{backup}").body == b"sealed" * 1000
    assert restarted.open(share).body == b"body"
    assert restarted.open(share).problem == "used-up"
    assert restarted.open(revoked).problem == "revoked"
