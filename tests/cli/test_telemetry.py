"""`satchel telemetry` and `satchel crash`: asked once, counted with consent only, and sent by hand only."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from tests.cli import conftest
from tests.cli.conftest import Answer, Cli

from satchel.cli.consent_question import QUESTION, REAL_USE_PIECES
from satchel.cli.environment import Streams, read_environment
from satchel.cli.running import run
from satchel.store import Store
from satchel.telemetry.counting import COUNTS_FILE
from satchel_wire.telemetry import CrashReport

SECRET = "Zq-hunter2-Zq"
ALLOWED = {"DO_NOT_TRACK": "", "CI": ""}


@pytest.fixture
def used(cli: Cli) -> Cli:
    """A store that is really used."""
    folder = cli.home.parent / "folder"
    folder.mkdir()
    for number in range(REAL_USE_PIECES):
        (folder / f"{number}.txt").write_text(f"content {number}\n")
    cli.ok("import", folder)
    return cli


@pytest.fixture
def agreed(cli: Cli) -> Cli:
    cli.ok("telemetry", "on")
    return cli


def written(cli: Cli) -> list[str]:
    """Return the paths of telemetry in the home."""
    return sorted(
        str(path.relative_to(cli.home))
        for path in cli.home.rglob("*")
        if "telemetry" in str(path.relative_to(cli.home))
    )


# -- the question -------------------------------------------------------------------------------------------


def asked(cli: Cli, *arguments: str, answer: str = "", variables: dict[str, str] | None = None) -> str:
    """Run a command on a terminal, and return what it said."""
    code, said = cli.talk(
        *arguments, answers=[("[y/N] ", answer)], variables={**ALLOWED, **(variables or {})}
    )
    assert code == 0
    return re.sub(r"\s+", " ", said)


@pytest.mark.parametrize(("answer", "is_on"), [("y", True), ("", False)])
def test_the_question_comes_once_and_only_yes_agrees(used: Cli, answer: str, is_on: bool) -> None:
    assert QUESTION in asked(used, "list", answer=answer)
    assert used.json("telemetry")["is_on"] is is_on
    assert bool(written(used)) is is_on
    assert QUESTION not in asked(used, "list")
    used.ok("telemetry", "off")
    assert QUESTION not in asked(used, "list")


def test_the_question_has_two_sentences() -> None:
    assert len(re.findall(r"[.?](?= |$)", QUESTION)) == 2


def said_in(
    cli: Cli, *arguments: str, stdin: bytes = b"", variables: dict[str, str] | None = None, missing: str = ""
) -> str:
    """Run a command in this process as if on a terminal, with one thing missing, and return its messages."""
    err = io.StringIO()
    made = Streams(
        stdin=io.BytesIO(stdin),
        stdout=io.BytesIO(),
        stderr=err,
        stdin_is_terminal=missing != "stdin",
        stdout_is_terminal=missing != "stdout",
        stderr_is_terminal=missing != "stderr",
        is_own_job=missing != "own job",
    )
    run(list(arguments), read_environment({**cli.variables, **(variables or {})}), made)
    return err.getvalue()


@pytest.mark.parametrize("answer", [b"n\n", b"no, yes\n", b"\xff\n", b"ya\n", b""])
def test_any_answer_but_yes_is_no(used: Cli, answer: bytes) -> None:
    assert QUESTION in said_in(used, "list", stdin=answer)
    assert written(used) == []
    assert QUESTION not in said_in(used, "list")


def test_yes_may_be_written_out(used: Cli) -> None:
    assert QUESTION in said_in(used, "show", "@last", stdin=b"Yes\n")
    assert used.json("telemetry")["is_on"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--quiet"],
        ["--json", "list"],
        ["status"],
        ["--help"],
        ["tag", "@last", "x"],
        ["telemetry"],
        ["show", "zzzz"],
    ],
    ids=" ".join,
)
def test_other_commands_do_not_ask(used: Cli, arguments: list[str]) -> None:
    assert QUESTION not in said_in(used, *arguments, stdin=b"y\n")
    assert not (used.home / "settings.json").exists()


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr", "own job"])
def test_pipes_and_scripts_are_not_asked(used: Cli, missing: str) -> None:
    assert QUESTION not in said_in(used, "list", stdin=b"y\n", missing=missing)
    assert not (used.home / "settings.json").exists()


@pytest.mark.parametrize("variables", [{"CI": "true"}, {"DO_NOT_TRACK": "1"}], ids=str)
def test_variables_forbid_the_question(used: Cli, variables: dict[str, str]) -> None:
    assert QUESTION not in said_in(used, "list", stdin=b"y\n", variables=variables)
    for name in variables:
        assert QUESTION in said_in(used, "list", variables={name: "0"})


def test_a_new_store_is_not_asked(cli: Cli) -> None:
    cli.save("one")
    assert QUESTION not in said_in(cli, "list")


def test_a_script_on_a_terminal_is_not_asked(used: Cli) -> None:
    """A script runs commands in its own process group, and a shell runs those that are typed in one each."""
    script = used.home.parent / "script"
    script.write_text(f'#!/bin/sh\n"{conftest.PROGRAM}" list\n')
    script.chmod(0o755)
    with mock.patch.object(conftest, "PROGRAM", script):
        assert QUESTION not in asked(used, "list")


def test_ctrl_c_at_the_question_is_a_no_and_the_command_has_succeeded(used: Cli) -> None:
    code, said = used.talk("list", answers=[("[y/N] ", "\x03")], variables=ALLOWED)
    assert (code, "interrupted" in said) == (0, False)
    assert written(used) == []
    assert QUESTION not in asked(used, "list")


# -- counting -----------------------------------------------------------------------------------------------


def test_nothing_is_written_before_and_everything_is_deleted_after(cli: Cli) -> None:
    cli.ok("list")
    assert written(cli) == []
    assert cli.ok("telemetry", "on").text == "telemetry is on: commands are counted on this device\n"
    assert cli.ok("telemetry", "on").text == "telemetry was on already\n"
    cli.ok("list")
    cli.ok("telemetry", "show")
    assert written(cli) == ["telemetry", "telemetry/counts", "telemetry/id.json"]
    cli.ok("telemetry", "off")
    cli.ok("list")
    assert written(cli) == []
    assert cli.ok("telemetry", "off").text == "telemetry was off already\n"


def test_names_and_codes_are_counted_and_nothing_that_was_typed(agreed: Cli) -> None:
    agreed.ok("add", "-", "--title", SECRET, "--no-suggest", stdin=SECRET.encode())
    agreed.run("search", SECRET)
    agreed.run("show", f"no {SECRET}")
    agreed.run(SECRET)
    agreed.run("list", f"--{SECRET}")
    agreed.ok("ledger")
    agreed.ok("--version")
    shown = agreed.ok("telemetry", "show").text
    assert SECRET not in shown + (agreed.home / COUNTS_FILE).read_text()
    document = json.loads(shown)
    assert document["commands"] == {"ledger": 1, "save": 1, "search": 1, "show": 1}
    assert document["outcomes"] == {"0": 2, "3": 1}
    assert document["sizes"]["pieces"] == 1


@pytest.mark.parametrize("name", ["CI", "DO_NOT_TRACK"])
def test_variables_stop_counting_and_consent(agreed: Cli, name: str) -> None:
    forbidden = Cli(agreed.home, {name: "1"})
    forbidden.ok("list")
    assert not (agreed.home / COUNTS_FILE).exists()
    assert f"{name} is set" in forbidden.ok("telemetry").text
    agreed.ok("telemetry", "off")
    answer = forbidden.run("telemetry", "on")
    assert (answer.code, name in answer.err) == (4, True)
    assert written(agreed) == []


def test_show_needs_consent(cli: Cli) -> None:
    assert cli.run("telemetry", "show").code == 4
    assert cli.run("telemetry", "show", "--json").out == b""


def test_a_home_that_does_not_exist_cannot_agree(empty: Cli) -> None:
    assert empty.run("telemetry", "on").code == 3
    empty.ok("telemetry", "off")
    assert not empty.home.exists()


def test_a_damaged_settings_file_neither_agrees_nor_asks(used: Cli) -> None:
    (used.home / "settings.json").write_text("{")
    assert used.run("list").code == 5
    assert written(used) == []


# -- sending ------------------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_sent(agreed: Cli) -> None:
    agreed.ok("telemetry", "endpoint", "https://telemetry.example.org")
    for command in ("telemetry", "crash"):
        answer = agreed.run(command, "send")
        assert answer.code == 4
        assert "never a script or a scheduled task" in answer.err
    assert not (agreed.home / "ledger.db").exists()


def test_without_consent_or_endpoint_nothing_is_sent(cli: Cli) -> None:
    assert "telemetry is off" in cli.run("telemetry", "send", terminal=True).err
    cli.ok("telemetry", "on")
    answer = cli.run("telemetry", "send", terminal=True)
    assert (answer.code, "there is no endpoint" in answer.err) == (2, True)
    assert not (cli.home / "ledger.db").exists()


def test_no_schedule_can_send(agreed: Cli) -> None:
    for line in (["schedule", "telemetry"], ["schedule", "crash"], ["schedule", "run", "telemetry-send"]):
        assert agreed.run(*line).code in {2, 3}


def test_the_endpoint_is_shown_set_and_reset(cli: Cli) -> None:
    assert cli.json("telemetry", "endpoint") == {"endpoint": None}
    cli.ok("settings", "set", "list.limit", "5")
    assert (
        cli.ok("telemetry", "endpoint", "https://Telemetry.example.org/").text
        == "https://telemetry.example.org\n"
    )
    assert cli.json("telemetry")["endpoint"] == "https://telemetry.example.org"
    [setting] = [each for each in cli.json("settings")["settings"] if each["name"] == "telemetry.endpoint"]
    assert (setting["value"], setting["default"]) == ("https://telemetry.example.org", "none")
    for wrong in ("telemetry", "http://telemetry.example.org", "https://a/b", ""):
        assert cli.run("telemetry", "endpoint", wrong).code == 2
    cli.ok("telemetry", "endpoint", "none")
    assert cli.json("telemetry", "endpoint") == {"endpoint": None}
    assert cli.json("settings")["settings"][0]["value"] == "5"


# -- crashes ------------------------------------------------------------------------------------------------


def crashed(cli: Cli, error: BaseException, *arguments: str) -> Answer:
    with mock.patch.object(Store, "count", side_effect=error):
        return cli.run("status", *arguments)


@pytest.fixture
def with_report(agreed: Cli) -> Cli:
    answer = crashed(agreed, ValueError(SECRET))
    assert answer.code == 1
    assert answer.err.splitlines() == [
        "satchel: unexpected ValueError; the command stopped",
        "hint: a report without your texts was kept: satchel crash show",
    ]
    return agreed


def test_a_crash_leaves_a_report_without_the_message(with_report: Cli) -> None:
    [listed] = with_report.json("crash", "list")["reports"]
    assert (listed["number"], listed["command"], listed["exception"]) == (1, "status", "ValueError")
    assert listed["at"].startswith("satchel.")
    text = with_report.ok("crash", "show").text
    assert text == with_report.ok("crash", "show", "1").text
    assert text.encode() == (with_report.home / "telemetry/crashes/1.json").read_bytes()
    assert "satchel.cli.commands.home.status:" in text
    assert not re.search(rf"{SECRET}|{re.escape(str(with_report.home))}|/home|site-packages", text)


def test_reports_are_cleared_and_missing_ones_are_told(with_report: Cli) -> None:
    assert with_report.run("crash", "show", "2").code == 3
    assert with_report.ok("crash", "clear").text == "deleted 1 report\n"
    assert with_report.run("crash", "show").code == 3
    assert with_report.json("crash", "list") == {"reports": []}


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_without_consent_a_crash_writes_nothing(cli: Cli, options: list[str]) -> None:
    before = sorted(cli.home.rglob("*"))
    answer = crashed(cli, ValueError(SECRET), *options)
    assert (answer.code, SECRET in answer.err) == (1, False)
    assert sorted(cli.home.rglob("*")) == before


def test_expected_errors_and_those_of_the_system_are_no_crash(agreed: Cli) -> None:
    agreed.run("show", "zzzz")
    crashed(agreed, OSError(28, SECRET, "/x/store.db"))
    assert agreed.json("crash", "list") == {"reports": []}


class HostileError(Exception):
    """Answers every question with an exception that has a secret in its message."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(SECRET)


HOSTILE: dict[str, Callable[[], Exception]] = {
    "it raises when it is asked": lambda: HostileError(SECRET),
    "its class is named after a secret": lambda: type(SECRET, (Exception,), {})(SECRET),
    "memory is missing": lambda: MemoryError(SECRET),
    "recursion": lambda: RecursionError(SECRET),
    "a text of the system": lambda: OSError(SECRET),
    "a number of the system": lambda: OSError(5, SECRET),
    "a group": lambda: ExceptionGroup(SECRET, [ValueError(SECRET)]),
    "it quotes a text": lambda: UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("options", [[], ["--debug"], ["--json"]], ids=str)
def test_no_exception_leaks_its_message_or_changes_the_exit_code(
    agreed: Cli, make: Callable[[], Exception], options: list[str]
) -> None:
    answer = crashed(agreed, make(), *options)
    assert answer.code == 1
    assert SECRET not in answer.err + answer.text
    assert all(SECRET.encode() not in path.read_bytes() for path in agreed.home.rglob("*.json"))


def test_a_note_that_is_not_satchels_is_not_printed(agreed: Cli) -> None:
    error = ValueError()
    error.add_note(SECRET)
    assert SECRET not in crashed(agreed, error).err


def test_a_report_that_cannot_be_written_does_not_hide_the_error(agreed: Cli) -> None:
    (agreed.home / "telemetry" / "crashes").write_bytes(b"a file in its place")
    answer = crashed(agreed, ValueError(SECRET))
    assert (answer.code, answer.err.splitlines()[0]) == (
        1,
        "satchel: unexpected ValueError; the command stopped",
    )
    assert "--debug" in answer.err


def test_the_golden_report_can_be_shown(agreed: Cli) -> None:
    golden = Path(__file__).parents[1] / "golden/telemetry/crash-1.json"
    folder = agreed.home / "telemetry/crashes"
    folder.mkdir()
    (folder / "7.json").write_bytes(golden.read_bytes())
    assert agreed.ok("crash", "show", "7").out == golden.read_bytes()
    assert agreed.json("crash", "list")["reports"][0]["exception"] == "apsw.SQLError"
    assert CrashReport.__struct_fields__[0] == "format"


def telemetry_modules(cli: Cli, *arguments: str) -> set[str]:
    """Return the modules of telemetry that a command imports."""
    script = "import sys; from satchel.cli.main import main; main(); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={"PATH": "", **cli.variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in done.stderr.split() if "telemetry" in name or name.endswith("consent_question")}


def test_counting_imports_one_module_and_only_with_consent(cli: Cli) -> None:
    assert telemetry_modules(cli, "list") == set()
    cli.ok("telemetry", "on")
    assert telemetry_modules(cli, "list") == {"satchel.telemetry", "satchel.telemetry.counting"}
    assert (cli.home / COUNTS_FILE).read_text().split()[1:] == ["list", "0"]
