"""Schedules on a real systemd and a real cron."""

import json
import re

import pytest
from tests.integration.installation.conftest import Machine
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# What systemd, a shell and cron treat specially
HOME = "/home/ann/my %h $HOME 'store' \"x\" \\n;#&"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.fixture
def home(machine: Machine) -> str:
    """A home with a difficult name and a Piece."""
    machine.run(f"rm -rf {quoted(HOME)}; satchel --home {quoted(HOME)} init --quiet", user="ann")
    machine.run(f"echo x | satchel --home {quoted(HOME)} save - --quiet", user="ann")
    return f"--home {quoted(HOME)}"


def test_a_systemd_timer_runs_a_backup(machine: Machine, home: str) -> None:
    shown = machine.run(
        f"satchel {home} schedule backup --every 1h --to '/home/ann/a b%.age' --yes", user="ann"
    )
    assert "systemd" in machine.run(f"satchel {home} schedule list --json", user="ann")
    (timer,) = set(re.findall(r"satchel-backup-\S+?\.timer", shown))
    user = "XDG_RUNTIME_DIR=/run/user/1000 systemctl --user"
    assert timer in machine.run(f"{user} list-timers --all", user="ann")
    machine.run(f"{user} start {timer.replace('.timer', '.service')}", user="ann")
    assert machine.holds("test -s '/home/ann/a b%.age'")
    state = json.loads(machine.run(f"satchel {home} schedule list --json", user="ann"))["schedules"][0]
    assert (state["exit_code"], state["installed"]) == (0, True)
    machine.run(f"satchel {home} schedule remove --all", user="ann")
    assert timer not in machine.run(f"{user} list-timers --all", user="ann")
    assert not machine.holds("ls /home/ann/.config/systemd/user/satchel-*")


def test_a_failed_run_is_a_failed_unit_and_shows_in_status(machine: Machine, home: str) -> None:
    shown = machine.run(f"satchel {home} schedule backup --to /home/ann/gone/b.age --yes", user="ann")
    (timer,) = set(re.findall(r"satchel-backup-\S+?\.timer", shown))
    service = timer.replace(".timer", ".service")
    user = "XDG_RUNTIME_DIR=/run/user/1000 systemctl --user"
    machine.run(f"{user} start {service}", user="ann", code=1)
    assert machine.run(f"{user} is-failed {service}", user="ann").strip() == "failed"
    document = json.loads(machine.run(f"satchel {home} status --json", user="ann", code=1))
    assert "schedule" in [each["name"] for each in document["attention"]]
    machine.run(f"satchel {home} schedule remove --all", user="ann")


def test_a_systemd_timer_survives_a_restart_of_the_manager(machine: Machine, home: str) -> None:
    machine.run(f"satchel {home} schedule backup --to /home/ann/c.age --yes", user="ann")
    machine.run("systemctl restart user@1000.service")
    user = "XDG_RUNTIME_DIR=/run/user/1000 systemctl --user"
    wait_until(lambda: machine.holds(f"{user} list-timers --all | grep satchel-backup", user="ann"))
    machine.run(f"satchel {home} schedule remove --all", user="ann")


def test_a_crontab_line_runs_a_backup(machine: Machine, home: str) -> None:
    """The real crontab takes the line, and the real cron runs it: the line's minutes are widened to every one."""
    machine.run("printf 'MAILTO=\"\"\\n# mine\\n' | crontab -", user="ann")
    machine.run(
        f"satchel {home} schedule backup --every 1h --to '/home/ann/c d%.age' --using cron --yes", user="ann"
    )
    assert machine.run("crontab -l", user="ann").startswith('MAILTO=""\n# mine\n')
    machine.run("crontab -l | sed -E 's/^[0-9]+ \\*/* */' | crontab -", user="ann")
    machine.run("systemctl start cron")
    wait_until(lambda: machine.holds("test -s '/home/ann/c d%.age'"), timeout_s=120)
    document = json.loads(machine.run(f"satchel {home} schedule list --json", user="ann"))
    assert document["schedules"][0]["exit_code"] == 0
    machine.run(f"satchel {home} schedule remove --all", user="ann")
    assert machine.run("crontab -l", user="ann") == 'MAILTO=""\n# mine\n'
