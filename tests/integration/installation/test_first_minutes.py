"""The first five minutes on a clean machine: pipx, the README's commands, the service and its unit."""

import json
import re

import pytest
from tests.integration.installation.conftest import Machine
from tests.support.s3_servers import ROOT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
CODE = re.compile(r"pairing code: (\S+)")


def commands_of_the_readme() -> list[str]:
    """Return the commands in the README's console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return [
        line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")
    ]


def test_every_command_of_the_readme_works_as_written(machine: Machine) -> None:
    """As a user without satchel, in a checkout. Only output goes to a file where the line runs in the background."""
    machine.run("pipx uninstall satchel", user="ann")
    lines = commands_of_the_readme()
    assert len(lines) > 6
    for line in lines:
        if line.endswith("&"):
            machine.run(f"cd /checkout && exec >service.log 2>&1; {line}", user="ann")
            wait_until(lambda: machine.holds("curl -fs http://127.0.0.1:8080/ready"))
        elif line.startswith("satchel connect"):
            code = CODE.findall(machine.run("cat /checkout/service.log"))[-1]
            said = machine.type(f"cd /checkout && {line}", "pairing code: ", code, user="ann")
            assert "connected to" in said
        elif line.startswith("satchel search"):
            assert "recovery words" in machine.run(f"cd /checkout && {line}", user="ann")
        elif line == "satchel open":
            background = "exec >window.log 2>&1; {} & echo $! >window.pid"
            machine.run(f"cd /checkout && {background.format(line)}", user="ann")
            wait_until(lambda: ADDRESS.search(machine.run("cat /checkout/window.log")) is not None)
            address = ADDRESS.findall(machine.run("cat /checkout/window.log"))[-1]
            assert "<title>" in machine.run(f"curl -fs {address}")
            machine.run("kill $(cat /checkout/window.pid)")
        elif line == "satchel status":
            said = machine.run(f"cd /checkout && {line}", user="ann", code=1)
            assert "recovery words" in said
        else:
            machine.run(f"cd /checkout && {line}", user="ann")


def test_the_program_that_pipx_installed_keeps_and_finds_a_piece(machine: Machine) -> None:
    machine.run("satchel --home first init", user="ann")
    machine.run("printf 'def parseHttpHeader(line): pass\\n' > header.py", user="ann")
    machine.run("satchel --home first save header.py --tag work", user="ann")
    found = machine.run("satchel --home first search 'http header lang:python'", user="ann")
    assert "parseHttpHeader" in found


def test_without_the_extra_the_service_says_how_to_install_it(machine: Machine) -> None:
    machine.run(
        "python3 -m venv /home/ann/plain && /home/ann/plain/bin/pip install -q /wheel/*.whl", user="ann"
    )
    said = machine.run("SATCHEL_STORAGE=file:/tmp/x /home/ann/plain/bin/satchel-service", user="ann", code=1)
    assert "pipx install --force 'satchel[service]'" in said
    assert "Traceback" not in said
    machine.run('/home/ann/plain/bin/pip install -q "$(ls /wheel/*.whl)[service]"', user="ann")
    assert "pairing code" in machine.run(
        "SATCHEL_STORAGE=file:/tmp/x /home/ann/plain/bin/satchel-service pair", user="ann"
    )


@pytest.mark.parametrize("installed", ["by the user", "system-wide"])
def test_the_rendered_unit_serves_a_cloud(machine: Machine, installed: str) -> None:
    if installed == "system-wide":
        machine.run(
            'PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin pipx install "$(ls /wheel/*.whl)[service]"'
        )
    user = "ann" if installed == "by the user" else "root"
    machine.run("chmod 700 /home/ann; rm -rf /var/lib/private/satchel")
    unit = machine.run("satchel-infra render systemd --set PORT=8123", user=user)
    assert "/home/ann" in unit if user == "ann" else "/opt/pipx" in unit
    machine.write("/etc/systemd/system/satchel-service.service", unit)
    machine.run("systemctl daemon-reload && systemctl restart satchel-service")
    try:
        wait_until(lambda: machine.holds("curl -fs http://127.0.0.1:8123/ready"))
        assert "personal satchel cloud" in machine.run("curl -s http://127.0.0.1:8123/")
        code = CODE.findall(machine.run("journalctl --sync && journalctl -u satchel-service"))[-1]
        home = f"second-{user}"
        machine.run(f"satchel --home {home} init && echo x | satchel --home {home} save -", user="ann")
        machine.run(f"satchel --home {home} connect http://127.0.0.1:8123 --pair {code}", user="ann")
        machine.run(f"satchel --home {home} backup", user="ann")
        document = json.loads(machine.run(f"satchel --home {home} status --json", user="ann", code=1))
        assert document["cloud"]["backups"] == 1
    finally:
        machine.run("systemctl stop satchel-service")


def test_the_unit_hides_everything_else_in_the_home(machine: Machine) -> None:
    unit = machine.run("satchel-infra render systemd --command /usr/bin/env", user="ann")
    assert "ProtectHome=yes" in unit
    unit = machine.run("satchel-infra render systemd", user="ann")
    (visible,) = re.findall(r'BindReadOnlyPaths="(.*)"', unit)
    machine.run("echo private > /home/ann/secret.txt && chmod 644 secret.txt", user="ann")
    options = " ".join(
        f"-p {line}" for line in ("DynamicUser=yes", "ProtectHome=tmpfs", f"BindReadOnlyPaths={visible}")
    )
    seen = machine.run(f"systemd-run --quiet --pipe --wait {options} ls -A /home/ann")
    assert "secret.txt" not in seen


def test_by_default_the_service_listens_on_the_loopback_address_only(machine: Machine) -> None:
    service = (
        "--setenv=SATCHEL_STORAGE=file:/home/ann/y --setenv=PORT=8124 /home/ann/.local/bin/satchel-service"
    )
    machine.run(f"systemd-run --quiet --unit=loopback --uid=ann {service}")
    try:
        wait_until(lambda: machine.holds("curl -fs http://127.0.0.1:8124/ready"))
        assert not machine.holds("curl -fs http://$(hostname -i):8124/ready")
    finally:
        machine.run("systemctl stop loopback")
