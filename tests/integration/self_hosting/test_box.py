"""A cloud for each of many people: sign-in at a real provisioner on a real box, the demo's job, and the erasure.

Everything is real: systemd, Caddy with TLS, `satchel-infra serve`, a certified issuer behind TLS, and the installed
command. A proxy stands in for DNS: it leads every name of the box to its address.
"""

import ipaddress
import os
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.integration.self_hosting.conftest import do_the_demos_job
from tests.integration.signin.conftest import Desktop
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.box_machine import DATA, DOMAIN, SHARD, BoxMachine, box_machine
from tests.support.certificates import self_signed
from tests.support.device import Device
from tests.support.s3_servers import docker
from tests.support.service import free_port
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.tool("docker", "nsenter", "caddy", "node", "npm"),
]
URL: Final = f"https://{DOMAIN}"
FILES: Final = ("/etc/satchel/fullchain.pem", "/etc/satchel/privkey.pem")


@dataclass
class Provisioned:
    """A provisioner's address: every device signs in there."""

    url: str = URL

    def first_device(self) -> list[str]:
        """Return the options with which the first device connects: none."""
        return []

    def next_device(self, make_code: Callable[[], str]) -> list[str]:
        """Return the options for another device: none."""
        del make_code
        return []


@dataclass
class Town:
    """The box, and the variables with which a device reaches it and its issuer."""

    machine: BoxMachine
    variables: dict[str, str]
    desktop: Desktop


def make_certificate(folder: Path, address: str) -> Path:
    """Make a certificate for the names of the box and the address of the issuer."""
    folder.mkdir()
    return self_signed(DOMAIN, f"*.{SHARD}.{DOMAIN}", address).write_pair(folder)


@contextmanager
def signed_issuer(folder: Path, provider: Path, address: str, certificate: Path) -> Iterator[Issuer]:
    """Run an issuer behind TLS at an address that the box reaches too."""
    port = free_port()
    with Issuer(provider, f"https://{address}:{port}") as issuer:
        configuration = folder / "Caddyfile"
        configuration.write_text(
            "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n"
            f"https://{address}:{port} {{\n\tbind {address}\n"
            f"\ttls {certificate}/fullchain.pem {certificate}/privkey.pem\n"
            f"\treverse_proxy {issuer.address}\n}}\n"
        )
        environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": os.environ["PATH"]}
        command = [
            shutil.which("caddy") or "caddy",
            "run",
            "--config",
            str(configuration),
            "--adapter",
            "caddyfile",
        ]
        with (
            (folder / "caddy.log").open("wb") as log,
            subprocess.Popen(command, env=environ, stderr=log) as caddy,
        ):
            try:
                wait_until(lambda: _listens(address, port))
                yield issuer
            finally:
                caddy.terminate()


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


@contextmanager
def leading_to(address: str) -> Iterator[str]:
    """Run a proxy that connects every name to one address, and return its URL."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            with socket.create_connection((address, 443), timeout=60) as onward:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pump, args=(onward, self.connection), daemon=True)
                back.start()
                _pump(self.connection, onward)
                back.join(60)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def town(tmp_path: Path, provider_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    subnet = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}")
    gateway = str(next(ipaddress.ip_network(subnet).hosts()))
    certificate = make_certificate(tmp_path / "certificate", gateway)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "fullchain.pem"))
    (tmp_path / "machine").mkdir()
    with (
        signed_issuer(tmp_path, provider_folder, gateway, certificate) as issuer,
        box_machine(tmp_path / "machine") as machine,
    ):
        _install(machine, issuer, certificate)
        address = docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", machine.id)
        desktop = Desktop(tmp_path / "desktop", Person("ada"))
        with leading_to(address) as proxy:
            variables = {
                "BROWSER": desktop.command,
                "HTTPS_PROXY": proxy,
                "NO_PROXY": gateway,
                "SSL_CERT_FILE": str(certificate / "fullchain.pem"),
            }
            yield Town(machine, variables, desktop)
        desktop.close()


def _install(machine: BoxMachine, issuer: Issuer, certificate: Path) -> None:
    """Do what the guide says."""
    settings = {
        "SATCHEL_OIDC_ISSUER": issuer.url,
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OIDC_CA_BUNDLE": FILES[0],
    }
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    machine.install("--certificate", *FILES, *words)
    for file in FILES:
        docker("cp", str(certificate / Path(file).name), f"{machine.id}:{file}")
    machine.run(f"chmod 644 {' '.join(FILES)}")
    machine.run("(umask 077; head -c 32 /dev/urandom > /etc/satchel/name.key)")
    machine.run("chown satchel-infra /etc/satchel/name.key")
    machine.run("systemctl enable --now satchel-infra.service && systemctl restart caddy")
    try:
        wait_until(lambda: machine.holds(f"curl -ks --fail --resolve {DOMAIN}:443:127.0.0.1 {URL}/ready"))
    except AssertionError as exc:
        log = machine.run("journalctl --no-pager -u satchel-infra -u caddy | tail -n 30", code=None)
        raise AssertionError(log) from exc


def test_people_sign_in_work_and_erase_on_the_box(town: Town, tmp_path: Path) -> None:
    steps = do_the_demos_job(tmp_path / "job", Provisioned(), town.variables)
    laptop, other = tmp_path / "job" / "laptop", tmp_path / "job" / "new-laptop"
    account = steps.run(laptop, "account", show=False)
    assert account["provisioner"] == URL
    assert account["subject"] == "ada"
    assert account["url"].endswith(f".{SHARD}.{DOMAIN}")
    assert len(account["devices"]) == 2, "both devices joined the same cloud"
    name = account["url"].removeprefix("https://").partition(".")[0]
    assert town.machine.holds(f"test -d {DATA}/{name}")
    erased = steps.run(laptop, "disconnect", "--erase-cloud", "--yes", show=False)
    assert (erased["url"], erased["provisioner"]) == (account["url"], URL)
    assert not town.machine.holds(f"test -e {DATA}/{name}")
    gone = Device(other, environ={**steps.env, "SATCHEL_HOME": str(other)}).run("backups", code=6)
    assert "it is not a satchel cloud" in gone.said
    assert steps.run(laptop, "list", "--all", show=False)["pieces"], "the store stays"
    again = steps.run(laptop, "connect", URL, show=False)
    assert again["url"] == account["url"], "the same person gets the same name again"
    assert steps.run(laptop, "backups", show=False)["backups"] == []
