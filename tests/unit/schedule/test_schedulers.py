"""What each scheduler is given: quoted for its own syntax, whatever the paths contain."""

import datetime as dt
import os
import plistlib
import shlex
import subprocess
from pathlib import Path

import pytest

from satchel.errors import SatchelError, UsageError
from satchel.schedule.crontab import Crontab
from satchel.schedule.jobs import Job, Manager
from satchel.schedule.launchd import Launchd
from satchel.schedule.schedules import ManagerName, Schedule
from satchel.schedule.systemd import Systemd

# Everything that one of the three syntaxes treats specially.
HOMES = [
    "/home/ann/.local/share/satchel",
    "/home/ann/with space",
    "/home/ann/100%h %% %n",
    "/home/ann/$HOME ${PATH} $$",
    '/home/ann/it\'s "quoted"',
    "/home/ann/back\\slash \\x41 \\%",
    "/home/ann/&<tag>;|#comment",
    "/home/ann/ümläut 日本",
    "/home/ann/-dash ~ * ?",
]
# The keys that launchd.plist(5) documents and satchel uses.
LAUNCHD_KEYS = {
    "Label", "ProgramArguments", "StartCalendarInterval", "ProcessType", "LowPriorityIO", "Nice",
}  # fmt: skip


def job(
    home: str, manager: ManagerName, *, program: str = "/usr/bin/satchel", on_battery: bool = True
) -> Job:
    schedule = Schedule(
        name="backup",
        arguments=("backup",),
        every_s=86_400,
        on_battery=on_battery,
        manager=manager,
        created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        home=home,
        environment={"HTTPS_PROXY": "http://user:secret@proxy"},
    )
    return Job.of(schedule, Path(program))


@pytest.mark.parametrize("home", HOMES)
def test_launchd_gets_the_exact_arguments(home: str, tmp_path: Path) -> None:
    plan = Launchd(tmp_path, 501).plan(job(home, "launchd"))
    ((path, content),) = plan.files.items()
    document = plistlib.loads(content.encode())
    assert path == tmp_path / f"{plan.job_id}.plist"
    assert document.keys() <= LAUNCHD_KEYS
    assert document["Label"] == plan.job_id
    assert document["ProgramArguments"] == [
        "/usr/bin/satchel", "--home", home, "schedule", "run", "backup", "--if-due",
    ]  # fmt: skip
    assert all(0 <= each["Minute"] < 60 for each in document["StartCalendarInterval"])


@pytest.mark.parametrize("home", HOMES)
def test_a_shell_that_cron_starts_gets_the_exact_arguments(home: str) -> None:
    (line,) = Crontab().plan(job(home, "cron")).lines
    minute, *stars, command = line.split(" ", 5)
    assert stars == ["*"] * 4
    assert 0 <= int(minute) < 60
    # crontab(5): an unescaped % ends the command, and the backslash before a % is removed
    assert "%" not in command.replace("\\%", "")
    assert shlex.split(command.replace("\\%", "%"), comments=True) == [
        "/usr/bin/satchel", "--home", home, "schedule", "run", "backup", "--if-due",
    ]  # fmt: skip


@pytest.mark.tool("systemd-analyze")
@pytest.mark.parametrize("home", HOMES)
def test_systemd_accepts_the_units(home: str, tmp_path: Path) -> None:
    plan = Systemd(tmp_path, {}).plan(job(home, "systemd", program="/bin/true", on_battery=False))
    for path, content in plan.files.items():
        path.write_text(content)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *plan.files], capture_output=True, text=True, check=False
    )
    assert "satchel-backup" not in found.stderr, found.stderr
    assert "ConditionACPower=true" in "".join(plan.files.values())


@pytest.mark.parametrize("manager", ["systemd", "launchd", "cron"])
def test_nothing_installed_holds_a_variable_of_the_environment(manager: ManagerName, tmp_path: Path) -> None:
    managers: dict[str, Manager] = {
        "systemd": Systemd(tmp_path, {}),
        "launchd": Launchd(tmp_path, 1),
        "cron": Crontab(),
    }
    plan = managers[manager].plan(job("/home/ann/x", manager))
    assert "secret" not in str(plan)


@pytest.mark.parametrize("home", ["/home/ann/new\nline", "/home/ann/\x1b[2J", "/home/ann/\x00"])
def test_paths_with_control_characters_are_refused(home: str) -> None:
    with pytest.raises(UsageError):
        job(home, "cron")


def test_a_line_too_long_for_cron_is_refused() -> None:
    with pytest.raises(UsageError):
        Crontab().plan(job("/home/" + "a" * 1000, "cron"))


# -- the crontab ------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `crontab` with the interface of the real one, on a file."""
    program, file = tmp_path / "crontab", tmp_path / "table"
    program.write_text(
        f"""#!/bin/sh
case "$1" in
-l) [ -e '{file}' ] || {{ echo "no crontab for ann" >&2; exit 1; }}; cat '{file}' ;;
-r) rm '{file}' ;;
-) cat > '{file}' ;;
esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return file


def test_other_lines_of_the_crontab_are_kept(table: Path) -> None:
    others = "MAILTO=ann\n# a comment\n5 4 * * * /bin/true # satchel-backup-elsewhere\n"
    table.write_text(others)
    plan = Crontab().plan(job("/home/ann/x", "cron"))
    Crontab().install(plan)
    Crontab().install(plan)
    assert table.read_text() == others + plan.lines[0] + "\n"
    assert Crontab().is_installed(plan.job_id)
    Crontab().remove(plan.job_id)
    assert table.read_text() == others
    assert not Crontab().is_installed(plan.job_id)


def test_without_a_crontab_one_is_made_and_removed_again(table: Path) -> None:
    plan = Crontab().plan(job("/home/ann/x", "cron"))
    assert not Crontab().is_installed(plan.job_id)
    Crontab().install(plan)
    assert table.read_text() == plan.lines[0] + "\n"
    Crontab().remove(plan.job_id)
    assert not table.exists()


def test_a_crontab_that_cannot_be_read_is_not_overwritten(table: Path) -> None:
    table.with_name("crontab").write_text("#!/bin/sh\necho 'you are not allowed to use this' >&2\nexit 1\n")
    with pytest.raises(SatchelError, match="not allowed"):
        Crontab().install(Crontab().plan(job("/home/ann/x", "cron")))


def test_a_failed_installation_with_systemd_leaves_no_files(tmp_path: Path) -> None:
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
    program.chmod(0o755)
    units = tmp_path / "units"
    manager = Systemd(units, {"PATH": str(tmp_path)})
    plan = manager.plan(job("/home/ann/x", "systemd"))
    with pytest.raises(SatchelError, match="connect to bus"):
        manager.install(plan)
    assert list(units.iterdir()) == []
