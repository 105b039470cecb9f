"""What a sign-in sends to the issuer and the cloud is in the ledger, and nothing else is sent."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.integration.signin.conftest import SignedDevice
from tests.oidc.issuer import Issuer
from tests.support.service import ServiceProcess
from tests.support.traced import connections, dialed, traced

from satchel.ledger import Ledger


@pytest.mark.tool("strace")
def test_every_connection_of_a_sign_in_has_an_entry(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer, tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    for line in (["connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code], ["account"], ["logout"]):
        done = subprocess.run(
            [*traced(log), *line], env={**os.environ, **alone.variables}, capture_output=True, timeout=120, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    with Ledger.open(alone.home) as ledger:
        ledger.verify()
        entries = ledger.entries()
    assert dialed(entries) == connections(log)
    to_issuer = [entry.sent for entry in entries if entry.sent.origin == provider.url]
    assert to_issuer
    assert {sent.kind for sent in to_issuer} == {"sign-in"}
    assert {entry.sent.why for entry in entries} == {"satchel connect", "satchel account"}
    assert {entry.sent.origin for entry in entries} == {provider.url, cloud.url}
