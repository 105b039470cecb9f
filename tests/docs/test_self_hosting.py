"""docs/guides/self-hosting.md: both proxies take their configuration and serve a cloud over TLS."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.certificates import self_signed
from tests.support.device import Device
from tests.support.service import ServiceProcess, free_port
from tests.support.waiting import wait_until

from satchel.keys import RootSecret

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "self-hosting.md"
NAME = "cloud.example.com"


def block(kind: str) -> str:
    """Return the only block of a kind on the page."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, `fullchain.pem`, and its key, `privkey.pem`."""
    return self_signed("localhost", "127.0.0.1").write_pair(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path / "cloud") as running:
        yield running


def serves_a_cloud(service: ServiceProcess, certificate: Path, port: int, folder: Path) -> None:
    """Back up a file larger than a part through the proxy, and restore it."""
    trusted = {"SSL_CERT_FILE": str(certificate / "fullchain.pem")}
    device = Device(folder / "home", RootSecret.generate(), trusted)
    device.save(bytes(range(256)) * 90_000)
    device.run("connect", f"https://localhost:{port}", "--pair", service.pairing_code)
    device.run("backup")
    device.run("verify")


@pytest.mark.tool("nginx")
def test_nginx_serves_a_cloud_with_the_configuration_shown(
    service: ServiceProcess, certificate: Path, tmp_path: Path
) -> None:
    port = free_port()
    server = (
        block("nginx")
        .replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
        .replace("    listen [::]:443 ssl;\n", "")
        .replace("http://127.0.0.1:8080", service.url)
        .replace(f"/etc/letsencrypt/live/{NAME}", str(certificate))
        .replace(NAME, "localhost")
    )
    paths = "\n".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}\n{server}\n}}\n"
    )
    configuration.parent.chmod(0o755)
    command = ["nginx", "-c", str(configuration), "-e", str(tmp_path / "start.log")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with subprocess.Popen(command) as running:
        try:
            wait_until(lambda: (tmp_path / "pid").read_text() != "")  # the check of the file made it, empty
            serves_a_cloud(service, certificate, port, tmp_path)
        finally:
            running.terminate()


@pytest.mark.tool("caddy")
def test_caddy_serves_a_cloud_with_the_configuration_shown(
    service: ServiceProcess, certificate: Path, tmp_path: Path
) -> None:
    port = free_port()
    files = f"tls {certificate / 'fullchain.pem'} {certificate / 'privkey.pem'}"
    site = (
        block("caddy")
        .replace(f"{NAME} {{", f"https://localhost:{port} {{\n\t{files}")
        .replace("127.0.0.1:8080", service.url.removeprefix("http://"))
    )
    configuration = tmp_path / "Caddyfile"
    configuration.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + site)
    environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    program = shutil.which("caddy") or "caddy"
    options = ["--config", str(configuration), "--adapter", "caddyfile"]
    subprocess.run([program, "validate", *options], check=True, capture_output=True, env=environ)
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen([program, "run", *options], env=environ, stderr=log) as running,
    ):
        try:
            wait_until(lambda: "serving initial configuration" in (tmp_path / "log").read_text())
            serves_a_cloud(service, certificate, port, tmp_path)
        finally:
            running.terminate()


def test_each_command_of_the_page_exists() -> None:
    from satchel.cli.registry import COMMANDS

    named = re.findall(r"^\$ satchel ([a-z]+)", PAGE.read_text(), re.MULTILINE)
    assert named
    assert [name for name in named if name not in COMMANDS] == []
