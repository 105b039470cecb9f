"""A machine with many clouds of the real service, behind its proxy."""

import re
import shlex
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest
from tests.support.asgi import Answer
from tests.support.box_machine import DOMAIN, RELEASES, SHARD, BoxMachine, box_machine
from tests.support.certificates import self_signed
from tests.support.s3_servers import docker
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

from satchel_infra.box.box import Box
from satchel_infra.box.layout import service_unit, socket_unit
from satchel_infra.box.records import Record
from satchel_infra.names import NameKey, identify
from satchel_infra.platform import CloudSpec

KEY: Final = NameKey(bytes(32))
CODE: Final = re.compile(r"pairing code: (\S+)")
PATIENCE_S: Final = 120.0
CERTIFICATE: Final = ("--certificate", "/etc/satchel/fullchain.pem", "/etc/satchel/privkey.pem")
COPY: Final = "/var/tmp/certificate"


class Connection(HTTPConnection):
    """HTTPS to an address under another host name."""

    def __init__(self, address: str, host: str, context: ssl.SSLContext) -> None:
        super().__init__(host, 443, timeout=PATIENCE_S)
        self.place, self.context = (address, 443), context

    def connect(self) -> None:
        plain = socket.create_connection(self.place, timeout=PATIENCE_S)
        try:
            self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise


@dataclass
class Town:
    """The machine, the platform on it, and the way in through the proxy."""

    machine: BoxMachine
    box: Box
    certificate: Path

    @property
    def address(self) -> str:
        """The machine's address."""
        return docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", self.machine.id)

    def spec(self, who: str, image: str = RELEASES[0], **settings: str) -> CloudSpec:
        """Return the spec of the cloud of an account."""
        owner = identify(KEY, issuer="https://issuer.example.org/", subject=who)
        return CloudSpec(owner, f"{owner.name}.{SHARD}.{DOMAIN}", image, settings)

    def register(self, *specs: CloudSpec) -> list[str]:
        """Register clouds without starting them, as after a restart of the machine. Return their names."""
        self.box.registry.prepare()
        for spec in specs:
            self.box.registry.write(spec.name, replace(Record.of(spec), is_complete=True))
        self.box.systemd.start(*(socket_unit(spec.name) for spec in specs))
        return [spec.name for spec in specs]

    def request(
        self,
        name: str,
        path: str = "/ready",
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        address: str = "",
    ) -> Answer:
        """Send one request through the proxy. `name` may be a whole host name."""
        host = name if "." in name else f"{name}.{SHARD}.{DOMAIN}"
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = Connection(address or self.address, host, context)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            found = {key.lower(): value for key, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def device(self, name: str) -> WireDevice:
        """Wake a cloud and pair a device with it."""
        assert self.request(name).status == 200
        journal = f"journalctl --sync && journalctl --no-pager -u {service_unit(name)}"
        code = CODE.findall(self.machine.run(journal))[-1]

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            path = path.removeprefix(f"https://{name}.{SHARD}.{DOMAIN}")
            return self.request(name, path, method=method, headers=headers, body=body)

        device = WireDevice(send)
        assert device.pair(code).status == 201
        return device

    def awake(self) -> set[str]:
        """Return the names of the clouds whose service runs."""
        states = self.box.systemd.states(service_unit("*"))
        return {unit.partition("@")[2].partition(".")[0] for unit, state in states.items() if state.is_active}

    def proxy(self, *options: str) -> None:
        """Install the configuration of a proxy and start it."""
        kind = "nginx" if "nginx" in options else "caddy"
        self.machine.run("systemctl stop caddy nginx")
        self.machine.install(*options)
        self.machine.run(f"systemctl enable {kind} && systemctl restart {kind}")
        wait_until(
            lambda: self.machine.holds("curl -ks --connect-timeout 1 https://127.0.0.1/ || [ $? = 35 ]")
        )


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wildcard certificate: `fullchain.pem` and `privkey.pem`."""
    return self_signed(DOMAIN, f"*.{SHARD}.{DOMAIN}").write_pair(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def running_town(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Town]:
    with box_machine(tmp_path_factory.mktemp("box")) as machine:
        docker("cp", str(certificate), f"{machine.id}:{COPY}")
        copy = f"install -D -m 0640 -g caddy {COPY}/fullchain.pem {COPY}/privkey.pem -t /etc/satchel"
        machine.run(shlex.join(shlex.split(copy)))
        made = Town(machine, machine.box(), certificate / "fullchain.pem")
        made.proxy(*CERTIFICATE)
        yield made


@pytest.fixture
def town(running_town: Town) -> Iterator[Town]:
    """A machine without clouds."""
    yield running_town
    running_town.machine.clear()
