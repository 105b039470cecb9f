"""`satchel status`, `satchel doctor` and `satchel settings`."""

import datetime as dt
import io
import json
from pathlib import Path

import msgspec
import pytest
from tests.cli.conftest import Cli

from satchel.backup.local.record import read_record, record_backup
from satchel.cli.app import App
from satchel.cli.arguments import DURATION, NEVER
from satchel.cli.diagnostics import run_checks
from satchel.cli.environment import Globals, Streams, read_environment
from satchel.cli.registry import COMMANDS
from satchel.cli.root import root
from satchel.cli.settings_file import SETTINGS


def test_status_shows_the_home(cli: Cli) -> None:
    cli.save("x")
    document = cli.json("status")
    assert document.keys() == {
        "home", "store_id", "pieces", "newest", "store_bytes", "keys", "memory", "cloud",
        "last_backup", "last_backup_age_s", "backups", "next_backup", "next_pruned", "next_displaced", "pending_deletions",
        "schedules", "proven", "proof", "words_confirmed", "disk_free_bytes", "interrupted_edits", "healthy", "attention",
    }  # fmt: skip
    assert (document["home"], document["pieces"], document["cloud"]) == (str(cli.home), 1, None)
    assert document["keys"]["kept"] == "file"
    assert "not connected" in cli.ok("status", terminal=True).text


def test_status_works_without_keys(cli: Cli) -> None:
    (cli.home / "keys" / "root.json").unlink()
    assert cli.json("status")["keys"] is None


def test_a_healthy_home_passes_every_check(cli: Cli) -> None:
    cli.save("x")
    document = cli.json("doctor")
    assert document["healthy"] is True
    assert [check["name"] for check in document["checks"]] == [
        "home", "permissions", "sqlite", "store", "index", "keys", "settings", "edits", "clock", "backup", "words", "disk",
    ]  # fmt: skip
    notable = [check["name"] for check in document["checks"] if check["verdict"] != "ok"]
    assert notable == ["backup"]  # a home without any place for backups gets one warning


def test_a_backup_to_a_file_is_known_to_status_and_doctor(cli: Cli, tmp_path: Path) -> None:
    cli.save("x")
    target = tmp_path / "backup.age"
    made = cli.json("backup", "--to", target)
    assert cli.run("status").code == 1  # nothing shows that the words were written down
    cli.ok("recovery", "check", stdin=cli.ok("recovery", "show").out)
    document = cli.json("status")
    assert document["healthy"] is True
    (last,) = document["backups"]
    assert (last["kind"], last["destination"], last["id"]) == ("file", str(target), made["id"])
    assert 0 <= document["last_backup_age_s"] < 60
    assert document["proven"] is None
    cli.ok("verify", "--from", target)
    assert cli.json("status")["proof"]["whole"] is True
    assert cli.json("doctor")["healthy"] is True


def test_a_backup_of_last_month_fails_status_and_doctor(cli: Cli, tmp_path: Path) -> None:
    cli.save("x")
    cli.ok("backup", "--to", tmp_path / "backup.age")
    cli.ok("recovery", "check", stdin=cli.ok("recovery", "show").out)
    (last,) = read_record(cli.home).backups
    record_backup(cli.home, msgspec.structs.replace(last, created=last.created - dt.timedelta(days=30)))
    answer = cli.run("status", "--json")
    assert answer.code == 1
    assert [each["name"] for each in answer.document["attention"]] == ["backup"]
    assert "30 d old" in answer.document["attention"][0]["detail"]
    assert cli.run("doctor").code == 1


def verdict(cli: Cli, name: str) -> tuple[int, dict[str, str]]:
    answer = cli.run("doctor", "--json")
    return answer.code, next(check for check in answer.document["checks"] if check["name"] == name)


def test_a_readable_home_is_a_warning_with_the_fix(cli: Cli) -> None:
    cli.home.chmod(0o755)
    code, check = verdict(cli, "permissions")
    assert (code, check["verdict"]) == (0, "warning")
    assert check["hint"] == f"chmod 700 {cli.home}"


def test_a_damaged_store_fails_with_5(cli: Cli) -> None:
    for number in range(200):
        cli.save(f"{number}" * 2000)
    store = cli.home / "store.db"
    data = bytearray(store.read_bytes())
    for page in range(8, len(data) // 4096, 3):
        data[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    store.write_bytes(bytes(data))
    code, check = verdict(cli, "store")
    assert (code, check["verdict"]) == (5, "failed")
    assert "restore" in check["hint"]


def test_drafts_of_the_window_are_counted_and_damaged_ones_named(cli: Cli) -> None:
    cli.save("something")
    drafts = cli.home / "window-drafts"
    drafts.mkdir(mode=0o700)
    (drafts / f"{'1' * 32}.json").write_bytes(b"{}")
    code, check = verdict(cli, "edits")
    assert (code, check["verdict"], check["detail"]) == (
        0,
        "ok",
        "1 draft in the window; satchel open shows them",
    )
    (drafts / f"{'2' * 32}.json.damaged").write_bytes(b"{}")
    _, check = verdict(cli, "edits")
    assert check["verdict"] == "warning"
    assert f"{'2' * 32}.json.damaged" in check["detail"]


def test_a_changed_content_is_found_with_deep(cli: Cli) -> None:
    piece = cli.save("the content " * 1000)
    cli.ok("list")
    store = cli.home / "store.db"
    data = store.read_bytes()
    assert b"the content the content" in data
    store.write_bytes(data.replace(b"the content the content", b"the comtent the content", 1))
    assert cli.json("doctor")["healthy"] is True
    answer = cli.run("doctor", "--deep", "--json")
    assert answer.code == 5
    check = next(check for check in answer.document["checks"] if check["name"] == "store")
    assert "content" in check["detail"]
    assert cli.run("show", piece).code == 5


def test_missing_keys_fail_with_a_hint(cli: Cli) -> None:
    (cli.home / "keys" / "root.json").unlink()
    code, check = verdict(cli, "keys")
    assert (code, check["verdict"]) == (3, "failed")
    assert "recovery use" in check["hint"]


def test_damaged_keys_fail_with_5(cli: Cli) -> None:
    (cli.home / "keys" / "root.json").write_text("{}")
    assert verdict(cli, "keys")[0] == 5


def test_a_damaged_index_is_rebuilt(cli: Cli) -> None:
    cli.save("x")
    (cli.home / "index.db").write_bytes(b"rubbish" * 999)
    assert verdict(cli, "index")[1]["verdict"] == "ok"


def test_without_a_home_only_that_check_runs(empty: Cli) -> None:
    answer = empty.run("doctor", "--json")
    assert answer.code == 3
    assert [check["name"] for check in answer.document["checks"]] == ["home"]


def test_hints_are_printed_as_notes(cli: Cli) -> None:
    cli.home.chmod(0o755)
    answer = cli.ok("doctor", terminal=True)
    assert f"chmod 700 {cli.home}" in answer.err


def test_a_clock_in_the_past_is_a_warning(cli: Cli) -> None:
    streams = Streams(io.BytesIO(), io.BytesIO(), io.StringIO(), False, False, False)
    app = App(Globals(read_environment(cli.variables), streams))
    found = {each.name: each for each in run_checks(app, dt.datetime(1999, 1, 1, tzinfo=dt.UTC))}
    assert found["clock"].verdict == "warning"


# -- settings -----------------------------------------------------------------------------------


def test_settings_change_defaults(cli: Cli) -> None:
    for number in range(3):
        cli.save(str(number))
    assert cli.json("settings", "set", "list.limit", "2") == {"name": "list.limit", "value": "2"}
    assert len(cli.json("list")["pieces"]) == 2
    assert len(cli.json("list", "--limit", "3")["pieces"]) == 3
    assert "default: 2" in cli.ok("list", "--help").text
    (setting,) = [each for each in cli.json("settings")["settings"] if each["name"] == "list.limit"]
    assert (setting["value"], setting["default"], setting["is_default"]) == ("2", "50", False)
    cli.ok("settings", "reset", "list.limit")
    assert len(cli.json("list")["pieces"]) == 3


def test_settings_are_read_from_the_home_option(cli: Cli, tmp_path: Path) -> None:
    cli.ok("settings", "set", "list.limit", "1")
    cli.save("a")
    cli.save("b")
    elsewhere = Cli(tmp_path / "unused")
    assert len(elsewhere.json("list", "--home", str(cli.home))["pieces"]) == 1


def test_an_invalid_value_is_refused(cli: Cli) -> None:
    for value in ("0", "many", "-1"):
        assert cli.run("settings", "set", "list.limit", "--", value).code == 2
    assert cli.run("settings", "set", "share.expires", "soon").code == 2
    assert not (cli.home / "settings.json").exists()


HUGE = ["9" * 20, "9" * 5_000, "1e3", "1_0", "٣", " 5", "+5", "0x10", ""]


@pytest.mark.parametrize("value", HUGE)
def test_a_number_out_of_range_is_refused_by_every_setting(cli: Cli, value: str) -> None:
    for name, setting in SETTINGS.items():
        given = f"{value}d" if setting.default.endswith("d") else value
        answer = cli.run("settings", "set", name, "--", given)
        assert (answer.code, "unexpected" in answer.err, len(answer.err) < 400) == (2, False, True), name


@pytest.mark.parametrize("value", HUGE)
@pytest.mark.parametrize(
    "command",
    [
        ("list", "--limit"), ("search", "x", "--limit"), ("show", "01", "--revision"), ("history", "01", "--restore"),
        ("share", "01", "--views"), ("share", "01", "--expires"), ("backup", "--keep-daily"), ("backup", "--expires"),
        ("backups", "ls", "--limit"), ("shares", "update", "01", "--views"), ("verify", "--sample"),
        ("list", "--since"),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_refused_by_every_option(
    cli: Cli, command: tuple[str, ...], value: str
) -> None:
    answer = cli.run(*command[:-1], f"{command[-1]}={value}")
    assert (answer.code, "unexpected" in answer.err, len(answer.err) < 400) == (2, False, True)


def test_huge_numbers_in_the_settings_file_are_refused(cli: Cli) -> None:
    (cli.home / "settings.json").write_text('{"list.limit": "' + "9" * 20 + '", "share.expires": 5}')
    answer = cli.run("list")
    assert (answer.code, "is not a number from 1 to 1,000,000" in answer.err) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_settings_edited_with_another_encoding_are_read(cli: Cli, encoding: str) -> None:
    (cli.home / "settings.json").write_bytes('{"list.limit": "1"}'.encode(encoding))
    assert cli.json("settings")["settings"][0]["value"] == "1"


def test_damaged_settings_are_an_error_and_can_be_reset(cli: Cli) -> None:
    (cli.home / "settings.json").write_text("{")
    answer = cli.run("list")
    assert answer.code == 5
    assert "settings reset --all" in answer.err
    assert cli.run("settings").code == 5
    cli.ok("settings", "reset", "--all")
    cli.ok("list")


def test_settings_of_another_version_are_ignored(cli: Cli) -> None:
    (cli.home / "settings.json").write_text(json.dumps({"future.thing": "1", "list.limit": 5}))
    cli.ok("list")


def test_reset_needs_a_name_or_all(cli: Cli) -> None:
    assert cli.run("settings", "reset").code == 2
    assert cli.run("settings", "reset", "list.limit", "--all").code == 2


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_an_option_of_its_command_with_this_default(cli: Cli, name: str) -> None:
    import click

    setting = SETTINGS[name]
    if setting.set_by:
        assert setting.command in COMMANDS
        assert setting.set_by in cli.run("settings", "set", name, "x").err
        return
    context = click.Context(root)
    found = root.get_command(context, setting.command) if setting.command else root
    assert found is not None
    option = next(param for param in found.params if param.name == setting.option)
    assert (
        option.type.convert(setting.default, option, context) == option.get_default(context)
        or str(option.default) == setting.default
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)]
)
def test_durations_are_parsed(text: str, seconds: int) -> None:
    assert DURATION.convert(text, None, None) == dt.timedelta(seconds=seconds)


def test_never_is_a_duration() -> None:
    assert DURATION.convert("never", None, None) is NEVER


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 d", "1y", "999999999w", "٣d"])
def test_invalid_durations_are_refused(text: str) -> None:
    import click

    with pytest.raises(click.BadParameter):
        DURATION.convert(text, None, None)
