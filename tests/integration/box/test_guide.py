"""docs/guides/box.md: every command runs as written, on the machine of the tests."""

import re
from typing import Final

import pytest
from tests.integration.box.conftest import Town
from tests.support.box_machine import DOMAIN, RELEASES
from tests.support.guide_examples import examples
from tests.support.s3_servers import ROOT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.tool("docker"), pytest.mark.timeout(600)]

BUILT: Final = ("apt-get install", "python3 -m venv", "pip install")
"""What the image already has, from the same wheel."""

ELSEWHERE: Final = ("satchel connect",)
"""What people run on their own devices."""

SUDO: Final = """\
#!/bin/sh
if [ "$1" = -u ]; then user=$2; shift 2; exec runuser -u "$user" -- "$@"; fi
exec "$@"
"""


def test_every_command_of_the_guide_works_as_written(town: Town) -> None:
    machine = town.machine
    machine.write("/usr/local/bin/sudo", SUDO)
    machine.run(
        "chmod 755 /usr/local/bin/sudo; rm -f /usr/local/bin/satchel-infra; rm -rf /root/guide /etc/satchel/name.key"
    )
    said: dict[str, str] = {}
    shown = [line for line, _ in examples((ROOT / "docs" / "guides" / "box.md").read_text())]
    assert len(shown) > 15
    for line in shown:
        if any(words in line for words in (*BUILT, *ELSEWHERE)):
            continue
        said[line] = machine.run(f"mkdir -p /root/guide && cd /root/guide && {line}")
        if "enable --now" in line:
            wait_until(lambda: machine.holds("curl -fs http://127.0.0.1:8090/ready"))
        if "satchel-infra list" in line:
            check_made(town, said[line])
        if "rollout" in line:
            assert [cloud.image for cloud in town.box.list()] == [RELEASES[1]]
    assert list(town.box.list()) == []
    assert list(machine.data.iterdir()) == []


def check_made(town: Town, listed: str) -> None:
    """The cloud that was made by hand is listed and answers, and Caddy sends the domain to the provisioner."""
    (cloud,) = town.box.list()
    assert re.search(cloud.name, listed)
    town.proxy(*("--certificate", "/etc/satchel/fullchain.pem", "/etc/satchel/privkey.pem"))
    assert town.request(cloud.name).status == 200
    assert town.request(DOMAIN).status == 200
    assert town.request(DOMAIN, "/v1/capabilities").json()
