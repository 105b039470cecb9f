"""The provisioner as the unit runs it: in its sandbox, as its own user, behind Caddy, with a sign-in at an issuer."""

import ctypes
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from tests.integration.box.conftest import CERTIFICATE, Town
from tests.support.asgi import Answer
from tests.support.box_machine import DOMAIN
from tests.support.loopback_issuer import CLIENT_ID, LoopbackIssuer
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice, b64

from satchel_wire.binding import bind_nonce

pytestmark = [pytest.mark.slow, pytest.mark.tool("docker"), pytest.mark.timeout(600)]

NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET
MOST: Final = 60
ALLOWED: Final = "/etc/systemd/system/satchel-cloud@.service.d"
"""Changes of the operator. Here, clouds may reach the loopback address, where this issuer listens."""


def issuer_inside(process: str) -> LoopbackIssuer:
    """Return an issuer that listens on the loopback address of the machine, seen from the outside."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/proc/{process}/ns/net").open("rb") as network:
        assert libc.setns(network.fileno(), NEW_NETWORK) == 0, ctypes.get_errno()
    return LoopbackIssuer()


@pytest.fixture
def issuer(town: Town) -> Iterator[LoopbackIssuer]:
    """An issuer that the provisioner and the clouds reach, and the provisioner configured for it."""
    with ThreadPoolExecutor(1) as inside:  # only this thread enters the machine's network
        made = inside.submit(issuer_inside, town.machine.process).result()
    with made:
        settings = (
            "--set",
            f"SATCHEL_OIDC_ISSUER={made.url}",
            "--set",
            f"SATCHEL_OIDC_CLIENT_ID={CLIENT_ID}",
        )
        town.proxy(*CERTIFICATE, *settings)
        town.machine.run("head -c 32 /dev/urandom > /etc/satchel/name.key && chmod 600 /etc/satchel/name.key")
        town.machine.run("chown satchel-infra /etc/satchel/name.key && systemctl restart satchel-infra")
        wait_until(lambda: town.machine.holds("curl -fs http://127.0.0.1:8090/ready"))
        town.machine.write(f"{ALLOWED}/issuer.conf", "[Service]\nIPAddressAllow=localhost\n")
        town.machine.run("systemctl daemon-reload")
        yield made
        town.machine.run(f"rm -r {ALLOWED} && systemctl daemon-reload")
    town.machine.run("systemctl stop satchel-infra")


def send(town: Town, host: str, path: str, message: Mapping[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json"}
    return town.request(host, path, method="POST", headers=headers, body=json.dumps(message).encode())


def proof(town: Town, issuer: LoopbackIssuer, host: str) -> dict[str, str]:
    nonce = send(town, host, "/v1/sign-in/nonce", {}).json()["nonce"]
    bound = bind_nonce(f"https://{host}", nonce)
    return {"id_token": issuer.id_token(nonce=bound, sub="auth0|ada"), "nonce": nonce}


def follow(town: Town, answer: Answer) -> dict[str, Any]:
    """Advance until the state is a final one."""
    assert answer.status == 202, answer.body
    progress: dict[str, Any] = answer.json()
    for _ in range(MOST):
        if progress["state"] not in ("creating", "removing"):
            return progress
        answer = send(town, DOMAIN, "/v1/clouds/advance", {"ticket": progress["ticket"]})
        assert answer.status == 200, answer.body
        progress = answer.json()
    raise AssertionError(f"it does not end: {progress}")


def test_signing_in_makes_a_cloud_that_stores_shares_and_is_taken_down(
    town: Town, issuer: LoopbackIssuer
) -> None:
    made = follow(town, send(town, DOMAIN, "/v1/clouds", proof(town, issuer, DOMAIN)))
    again = follow(town, send(town, DOMAIN, "/v1/clouds", proof(town, issuer, DOMAIN)))
    assert (made["state"], again["name"], again["url"]) == ("ready", made["name"], made["url"])
    host = made["url"].removeprefix("https://")
    signed = send(town, host, "/v1/sign-in", {**proof(town, issuer, host), "label": b64(b"sealed")})
    assert signed.status == 201, signed.body

    def ask(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        return town.request(host, path.removeprefix(made["url"]), method=method, headers=headers, body=body)

    device = WireDevice(ask, signed.json()["token"])
    device.backup(bytes(range(256)) * 1_000)
    assert device.open(device.share(b"sealed")).body == b"sealed"
    gone = follow(town, send(town, DOMAIN, "/v1/clouds/removal", proof(town, issuer, DOMAIN)))
    assert gone["state"] == "gone"
    assert town.request(host).status == 404
    assert list(town.machine.data.iterdir()) == []
    assert list(town.box.list()) == []
