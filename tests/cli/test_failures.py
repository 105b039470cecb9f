"""Every failure is one line, a hint and an exit code, and contains nothing of a Piece."""

import io
import json
import os
import signal
import subprocess
from pathlib import Path
from unittest import mock

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.cli.environment import Streams
from satchel.cli.options import GlobalOption
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError
from satchel.store import Store


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lst"], 2, "no such command 'lst'"),
        (["list", "--limt", "3"], 2, "no such option '--limt'"),
        (["list", "--limit", "0"], 2, "invalid value for '--limit'"),
        (["list", "--limit", "many"], 2, "invalid value for '--limit'"),
        (["show"], 2, "missing argument 'ID'"),
        (["show", "01", "02"], 2, "unexpected extra argument"),
        (["show", "zzzz"], 3, "no Piece"),
        (["tag", "zzzz", "x"], 3, "no Piece"),
        (["rm", "zzzz", "--yes"], 3, "no Piece"),
        (["edit", "zzzz", "--title", "x"], 3, "no Piece"),
        (["history", "zzzz"], 3, "no Piece"),
        (["save", "/does/not/exist"], 3, "no file"),
        (["save", "/"], 2, "is a folder"),
        (["import", "/does/not/exist"], 3, "no file or folder"),
        (["import", "/etc/hostname", "--from", "folder"], 2, "is a file"),
        (["search", ""], 2, ""),
        (["search", "--limti", "3"], 2, "no such option '--limti'"),
        (["export", "/does/not/exist/x.zip"], 3, "no folder"),
        (["recovery", "shwo"], 2, "no such command 'shwo'"),
        (["settings", "set", "nothing", "1"], 3, "no setting"),
        (["completion", "tcsh"], 2, "invalid value"),
    ],
)
def test_a_wrong_request_prints_one_line_and_a_hint(
    cli: Cli, arguments: list[str], code: int, said: str
) -> None:
    answer = cli.run(*arguments)
    assert answer.code == code
    assert answer.out == b""
    first, *rest = answer.err.splitlines()
    assert first.startswith("satchel: ")
    assert said in first
    assert not first.endswith(".")
    assert len(rest) <= 1
    assert all(line.startswith("hint: ") for line in rest)


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"], ["show", "01"], ["save", "-"], ["edit", "01", "--title", "x"], ["tag", "01"], ["search", "x"],
        ["rm", "01", "--yes"], ["history", "01"], ["status"], ["export", "x.zip"], ["import", "/etc"],
    ],
)  # fmt: skip
def test_without_a_store_the_hint_is_to_create_one(empty: Cli, arguments: list[str]) -> None:
    answer = empty.run(*arguments, stdin=b"x")
    assert answer.code == 3
    assert "satchel init" in answer.err
    assert not empty.home.exists()


def test_with_json_a_failure_is_one_document_on_standard_error(cli: Cli) -> None:
    for arguments in (["show", "zzzz", "--json"], ["--json", "lst"], ["list", "--wrong", "--json"]):
        answer = cli.run(*arguments)
        assert answer.out == b""
        error = json.loads(answer.err)["error"]
        assert error.keys() == {"message", "hint", "exit_code"}
        assert error["exit_code"] == answer.code


def test_a_similar_command_is_suggested(cli: Cli) -> None:
    assert "did you mean search?" in cli.run("serach").err
    assert "did you mean --title?" in cli.run("save", "--titel", "x").err


def test_an_unexpected_error_is_one_line_without_its_message(cli: Cli) -> None:
    secret = "the text of a Piece"
    with mock.patch.object(Store, "count", side_effect=ValueError(secret)):
        answer = cli.run("status")
        traced = cli.run("status", "--debug")
    assert answer.code == traced.code == 1
    assert answer.err.splitlines() == [
        "satchel: unexpected ValueError; the command stopped",
        "hint: run it again with --debug to see where",
    ]
    assert secret not in answer.err + traced.err
    assert "commands/home/status.py" in traced.err


def test_debug_prints_a_traceback_for_any_error(cli: Cli) -> None:
    answer = cli.run("show", "zzzz", "--debug")
    assert answer.code == 3
    assert "commands/pieces/show.py" in answer.err


def test_a_system_error_is_one_line(cli: Cli) -> None:
    with mock.patch.object(Store, "count", side_effect=OSError(28, "No space left on device", "/x/store.db")):
        answer = cli.run("status")
    assert answer.code == 1
    assert answer.err == "satchel: the system reports: no space left on device ('/x/store.db')\n"


def is_asleep(pid: int) -> bool:
    """Tell whether a process waits in the kernel."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_ctrl_c_ends_with_130_and_one_line(cli: Cli, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with subprocess.Popen(
        [PROGRAM, "save", fifo],
        env={**os.environ, **cli.variables},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        writer = os.open(fifo, os.O_WRONLY)  # returns when satchel has opened the pipe
        # A signal just before the command waits for content would be handled only after it.
        while process.poll() is None and not is_asleep(process.pid):
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
            os.close(writer)
    assert (process.returncode, out, err) == (130, b"", b"satchel: interrupted\n")


def test_a_closed_pipe_prints_no_error(cli: Cli) -> None:
    cli.save("x" * 4_000_000, "--title", "long")
    with subprocess.Popen(
        [PROGRAM, "show", cli.json("list")["pieces"][0]["id"]],
        env={**os.environ, **cli.variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10) == b"x" * 10
        process.stdout.close()
        assert process.wait(timeout=20) == 141
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["list", "--json"], ["--help"], ["recovery"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_writing_to_a_full_disk_is_an_error(cli: Cli, arguments: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [PROGRAM, *arguments],
            env={**os.environ, **cli.variables, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"no space left" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_note_follows_the_answer(cli: Cli, unbuffered: str) -> None:
    for number in range(3):
        cli.save(str(number))
    done = subprocess.run(
        [PROGRAM, "list", "--limit", "2"],
        env={**os.environ, **cli.variables, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[2] == "only the newest 2; --all lists all"


def test_closed_standard_streams_are_tolerated(cli: Cli) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "{PROGRAM}" list <&- 2>&-'],
        env={**os.environ, **cli.variables},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


def test_output_is_utf_8_in_every_locale(cli: Cli) -> None:
    cli.save("é", "--title", "Grüße ☕")
    answer = cli.process("list", variables={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    assert "Grüße ☕" in answer.text


def test_the_global_options_are_unique() -> None:
    from satchel.cli.options import global_options

    names = [option.name for option in global_options()]
    assert names == ["home", "json", "offline", "quiet", "no_pager", "debug"]
    assert all(isinstance(option, GlobalOption) for option in global_options())


def test_untrusted_text_in_an_error_stays_one_line_and_valid_json() -> None:
    said = SatchelError("no\nhint: run  this\x1b[2J\x9b31m", hint="look")
    for as_json in (False, True):
        err = io.StringIO()
        streams = Streams(io.BytesIO(), io.BytesIO(), err, True, True, True)
        Output(streams, as_json=as_json, quiet=False, color=True).error(said)
        assert not set("\x1b\x9b") & set(err.getvalue())
        lines = err.getvalue().splitlines()
        if as_json:
            assert json.loads(err.getvalue())["error"]["message"] == said.message
        else:
            assert lines == [r"satchel: no hint: run  this\x1b[2J\x9b31m", "hint: look"]
