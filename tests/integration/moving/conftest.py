"""Two clouds, an old one with data and an empty new one, and the command that moves one to the other."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import urllib3
from tests.golden.clouds.make import BACKUP, BODY, fill
from tests.integration.service.conftest import Connect, connecting
from tests.support.service import PROGRAM, ServiceProcess
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

LARGE = bytes(range(256)) * 24 * 1024  # 6 MiB: copied in parts


@dataclass
class Move:
    """A running old service, a new one that is not started, and a device with data in the old one."""

    old: ServiceProcess
    new: ServiceProcess
    device: WireDevice
    ids: Mapping[str, str]
    connect: Connect
    options: list[str] = field(default_factory=list)

    def run(self, *options: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `satchel-service move` with the settings of the old cloud, and expect this exit code."""
        words = ["move", "--to", self.new.environ["SATCHEL_STORAGE"], "--url", self.new.url]
        done = subprocess.run(
            [PROGRAM, *words, *self.options, *options],
            env=self.old.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    def restart_old(self) -> None:
        """Send requests to the old service until it notices that its log is closed and ends; then start it again."""

        def has_ended() -> bool:
            if not self.old.has_exited:
                with suppress(urllib3.exceptions.HTTPError):
                    assert self.device.call("POST", "/v1/pairings").status == 503, "it acknowledges nothing"
            return self.old.has_exited

        wait_until(has_ended, timeout_s=30)
        self.old.start()

    def at(self, service: ServiceProcess) -> WireDevice:
        """The same device, talking to one of the services."""
        device = self.connect(service)
        device.token, device.id = self.device.token, self.device.id
        return device

    def check_contents(self, service: ServiceProcess) -> None:
        """Check that a service has everything that the old one had acknowledged, and takes more."""
        device = self.at(service)
        assert device.call("GET", f"/v1/archives/{self.ids['backup']}").body == BACKUP
        assert device.call("GET", f"/v1/archives/{self.ids['large']}").body == LARGE
        assert device.open(self.ids["live"]).body == BODY
        states = {share["id"]: share["state"] for share in device.call("GET", "/v1/shares").json()["shares"]}
        assert states[self.ids["used-up"]] == "used-up"
        assert states[self.ids["revoked"]] == "revoked"
        assert device.open(device.share(BODY)).body == BODY


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Move]:
    """Start the old cloud and fill it."""
    old, new = ServiceProcess(tmp_path / "old"), ServiceProcess(tmp_path / "new")
    with connecting() as connect:
        try:
            old.start()
            device = connect(old)
            assert device.pair(old.pairing_code).status == 201
            ids = {**fill(device), "large": device.backup(LARGE)}
            yield Move(old, new, device, ids, connect)
        finally:
            old.kill()
            new.kill()
