"""`satchel schedule`: what it shows, installs, records and refuses. tests/integration/installation runs real schedulers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli
from tests.support.crontab import write_programs

from satchel.schedule.runs import read_run
from satchel.schedule.schedules import read_schedules


@pytest.fixture
def table(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without systemd whose `crontab` works on this file, and a `notify-send` that writes what it shows."""
    table = tmp_path / "table"
    notify = f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{tmp_path / 'notified'}'\n"
    programs = write_programs(tmp_path / "programs", table, **{"notify-send": notify})
    path = f"{programs}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    cli.variables |= {"PATH": path}
    return table


def backup_target(tmp_path: Path) -> list[str]:
    return ["backup", "--to", str(tmp_path / "backup.age")]


def test_a_dry_run_shows_exactly_what_would_be_installed_and_installs_nothing(
    cli: Cli, table: Path, tmp_path: Path
) -> None:
    shown = cli.ok("schedule", *backup_target(tmp_path), "--dry-run").text
    assert not table.exists()
    assert read_schedules(cli.home) == ()
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    assert table.read_text().strip() in shown
    assert f"{PROGRAM} --home {cli.home} schedule run backup-backup-age --if-due" in table.read_text()


@pytest.mark.parametrize("using", ["systemd", "launchd", "cron"])
def test_every_scheduler_can_be_shown_anywhere(cli: Cli, tmp_path: Path, using: str) -> None:
    document = cli.json("schedule", *backup_target(tmp_path), "--dry-run", "--using", using)
    assert (document["using"], document["installed"]) == (using, False)
    assert bool(document["files"]) is (using != "cron")
    assert bool(document["lines"]) is (using == "cron")


def test_installing_off_a_terminal_needs_yes(cli: Cli, table: Path, tmp_path: Path) -> None:
    answer = cli.run("schedule", *backup_target(tmp_path))
    assert (answer.code, "--yes" in answer.err) == (2, True)
    assert not table.exists()


def test_on_a_terminal_it_is_shown_before_it_asks(cli: Cli, table: Path, tmp_path: Path) -> None:
    code, said = cli.talk("schedule", *backup_target(tmp_path), answers=[("[y/N] ", "n")])
    assert code == 2
    assert said.index("schedule run backup-backup-age") < said.index("[y/N]")
    assert not table.exists()
    assert cli.talk("schedule", *backup_target(tmp_path), answers=[("[y/N] ", "y")])[0] == 0
    assert table.exists()


def test_a_schedule_is_listed_replaced_and_removed(cli: Cli, table: Path, tmp_path: Path) -> None:
    target = backup_target(tmp_path)
    cli.ok("schedule", *target, "--yes", "--every", "6h", "--on-battery", "no")
    cli.ok("schedule", *target, "--yes", "--every", "1w")
    assert table.read_text().count("\n") == 1
    (listed,) = cli.json("schedule", "list")["schedules"]
    assert (listed["every_s"], listed["using"], listed["installed"], listed["last_run"]) == (
        604_800, "cron", True, None,
    )  # fmt: skip
    assert [each["name"] for each in cli.json("schedule")["schedules"]] == [listed["name"]]
    assert cli.json("schedule", "remove", listed["name"]) == {"removed": [listed["name"]]}
    assert not table.exists()
    assert cli.json("schedule", "list")["schedules"] == []
    assert cli.run("schedule", "remove", listed["name"]).code == 3


def test_several_files_have_schedules_of_their_own(cli: Cli, table: Path, tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        cli.ok("schedule", "backup", "--to", str(tmp_path / folder / "backup.age"), "--yes")
    names = [each["name"] for each in cli.json("schedule", "list")["schedules"]]
    assert len(set(names)) == 3
    assert len(cli.json("schedule", "remove", "--all")["removed"]) == 3
    assert not table.exists()


def test_a_run_makes_the_backup_and_is_recorded(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.save("x")
    cli.ok("recovery", "check", stdin=cli.ok("recovery", "show").out)
    name = cli.json("schedule", *backup_target(tmp_path), "--yes")["name"]
    assert cli.process("schedule", "run", name).code == 0
    assert (tmp_path / "backup.age").exists()
    document = cli.json("status")
    assert document["schedules"][0]["exit_code"] == 0
    assert document["next_backup"] > document["last_backup"]
    assert not (tmp_path / "notified").exists()


def test_a_run_that_is_not_due_does_nothing(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.save("x")
    name = cli.json("schedule", *backup_target(tmp_path), "--yes")["name"]
    assert cli.process("schedule", "run", name, "--if-due").code == 0
    first = read_run(cli.home, name)
    assert cli.process("schedule", "run", name, "--if-due").code == 0
    assert read_run(cli.home, name) == first
    assert cli.process("schedule", "run", name).code == 0
    assert read_run(cli.home, name) != first


def test_a_failed_run_is_recorded_shown_and_notified_once(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.save("x")
    name = cli.json("schedule", "backup", "--to", str(tmp_path / "gone" / "b.age"), "--yes")["name"]
    for _ in range(2):
        answer = cli.process("schedule", "run", name, "--if-due")
        assert answer.code == 3
        assert "there is no directory" in answer.err
    assert (tmp_path / "notified").read_text().count("satchel backup failed") == 1
    answer = cli.run("status", "--json")
    assert answer.code == 1
    (found,) = [each for each in answer.document["attention"] if each["name"] == "schedule"]
    assert "there is no directory" in found["detail"]
    (tmp_path / "gone").mkdir()
    assert cli.process("schedule", "run", name).code == 0
    assert "schedule" not in [each["name"] for each in cli.run("status", "--json").document["attention"]]


def test_a_run_without_its_schedule_says_what_to_do(cli: Cli) -> None:
    answer = cli.run("schedule", "run", "backup")
    assert answer.code == 3
    assert str(cli.home) in answer.err


def test_a_schedule_that_left_the_crontab_is_shown(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    table.unlink()
    assert cli.json("schedule", "list")["schedules"][0]["installed"] is False
    assert "schedule" in [each["name"] for each in cli.run("status", "--json").document["attention"]]
    cli.ok("schedule", "remove", "--all")


def test_the_cloud_must_be_connected_before_it_is_scheduled(cli: Cli, table: Path) -> None:
    answer = cli.run("schedule", "backup", "--yes")
    assert (answer.code, "satchel connect" in answer.err) == (4, True)


def with_passphrase(empty: Cli, tmp_path: Path) -> Mapping[str, str]:
    (tmp_path / "passphrase").write_text("open sesame\n")
    empty.variables |= {"SATCHEL_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    empty.ok("init", "--passphrase")
    return {"SATCHEL_PASSPHRASE_FILE": empty.variables.pop("SATCHEL_PASSPHRASE_FILE")}


def test_a_passphrase_that_nobody_types_is_refused_and_a_file_accepted(empty: Cli, tmp_path: Path) -> None:
    variables = with_passphrase(empty, tmp_path)
    arguments = ["schedule", *backup_target(tmp_path), "--dry-run", "--using", "cron"]
    answer = empty.run(*arguments)
    assert (answer.code, "SATCHEL_PASSPHRASE_FILE" in answer.err) == (4, True)
    empty.variables |= variables
    empty.ok(*arguments)


def test_variables_that_a_run_needs_stay_in_the_home(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.variables |= {
        "HTTPS_PROXY": "http://user:secret@proxy:3128",
        "DBUS_SESSION_BUS_ADDRESS": "unix:abstract=/tmp/dbus-a1",
        "IRRELEVANT": "1",
    }
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    (schedule,) = read_schedules(cli.home)
    assert schedule.environment == {"HTTPS_PROXY": "http://user:secret@proxy:3128", "SATCHEL_KEYRING": "off"}
    assert "secret" not in table.read_text()
    assert (cli.home / "schedules.json").stat().st_mode & 0o777 == 0o600


def test_a_copied_home_has_no_schedules(cli: Cli, table: Path, tmp_path: Path, another: object) -> None:
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    copy = Cli(tmp_path / "copy", cli.variables)
    copy.home.mkdir()
    (copy.home / "schedules.json").write_bytes((cli.home / "schedules.json").read_bytes())
    assert read_schedules(copy.home) == ()


def test_damaged_schedules_are_an_error(cli: Cli) -> None:
    (cli.home / "schedules.json").write_text("{")
    answer = cli.run("schedule", "list")
    assert answer.code == 5
    assert str(cli.home / "schedules.json") in answer.err


@pytest.mark.parametrize("every", ["1m", "45m", "90m", "never", "2000d", "0d"])
def test_periods_that_no_scheduler_can_do_are_refused(cli: Cli, tmp_path: Path, every: str) -> None:
    assert cli.run("schedule", *backup_target(tmp_path), "--dry-run", "--every", every).code == 2


def test_the_record_is_stable(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    record = json.loads((cli.home / "schedules.json").read_text())
    assert record["format"] == "satchel-schedules/1"
    assert record["schedules"][0].keys() == {
        "name", "arguments", "every_s", "on_battery", "manager", "created", "home", "environment",
    }  # fmt: skip


def test_a_proof_can_be_scheduled(cli: Cli) -> None:
    (cli.home / "cloud.json").write_text("{}")  # only its presence is checked: nothing is contacted
    document = cli.json(
        "schedule", "verify", "--sample", "1%", "--every", "1w", "--dry-run", "--using", "cron"
    )
    assert document["command"] == ["satchel", "verify", "--sample", "1%"]
    assert cli.run("schedule", "verify", "--sample", "200%", "--dry-run").code == 2
    assert cli.json("schedule", "sync", "--dry-run", "--using", "cron")["command"] == ["satchel", "sync"]


def test_a_scheduler_that_does_not_answer_is_not_taken_for_a_missing_job(
    cli: Cli, table: Path, tmp_path: Path
) -> None:
    cli.ok("schedule", *backup_target(tmp_path), "--yes")
    (tmp_path / "programs/crontab").write_text(
        "#!/bin/sh\necho 'cannot chdir(/var/spool/cron)' >&2\nexit 1\n"
    )
    assert cli.json("schedule", "list")["schedules"][0]["installed"] is None
    said = [each["detail"] for each in cli.run("status", "--json").document["attention"]]
    assert "backup-backup-age: cron does not say whether it is still installed" in said


def test_a_failed_replacement_keeps_the_earlier_schedule(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.ok("schedule", *backup_target(tmp_path), "--every", "1d", "--yes")
    before, lines = read_schedules(cli.home), table.read_text()
    script = (tmp_path / "programs/crontab").read_text()
    refusing = script.replace(
        "-) cat >", f"-) [ -e '{tmp_path}/tried' ] || {{ touch '{tmp_path}/tried'; exit 1; }}; cat >"
    )
    (tmp_path / "programs/crontab").write_text(refusing)
    assert cli.run("schedule", *backup_target(tmp_path), "--every", "2d", "--yes").code == 1
    assert read_schedules(cli.home) == before
    assert table.read_text() == lines
