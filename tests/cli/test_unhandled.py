"""Exceptions that nobody handles, in threads, at the exit and in odd places: no message, and the same exit code."""

import subprocess
import sys
from typing import Final

import pytest
from tests.cli.conftest import Cli

SECRET: Final = "Zq-hunter2-Zq"
# Each runs the command `status` after a fault is planted; `secret` is its text.
SCRIPT: Final = """\
import atexit, os, sys, threading
from satchel.cli import main
from satchel.cli.commands.home import status
from satchel.store import Store
secret = sys.argv.pop(1)
class Leaking:
    def __del__(self): raise ValueError(secret)
    def __repr__(self): return secret
def fail(*_): raise ValueError(secret)
{planted}
sys.exit(main.main())
"""
PLANTED: Final = {
    "a thread": (
        "def count(_):\n    thread = threading.Thread(target=fail); thread.start(); thread.join(); return 0\nStore.count = count",
        0,
        "satchel: unexpected ValueError; a part of the command stopped",
    ),
    "an object that is collected": (
        "def count(_):\n    Leaking(); return 0\nStore.count = count",
        0,
        "satchel: unexpected ValueError; it was ignored",
    ),
    "the exit": ("atexit.register(fail)", 0, "satchel: unexpected ValueError; it was ignored"),
    "a command": ("Store.count = fail", 1, "satchel: unexpected ValueError; the command stopped"),
    "an exception that is none": (
        "def count(_): raise type(secret, (BaseException,), {})(secret)\nStore.count = count",
        1,
        "satchel: unexpected BaseException; the command stopped",
    ),
    "a broken standard output": (
        "def count(_):\n    os.close(1); fail()\nStore.count = count",
        1,
        "satchel: unexpected ValueError; the command stopped",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_nothing_leaks_and_the_exit_code_stays(cli: Cli, name: str) -> None:
    planted, code, line = PLANTED[name]
    cli.ok("telemetry", "on")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(planted=planted), SECRET, "status"],
        env={"PATH": "", **cli.variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, line in done.stderr) == (code, True), done.stderr
    assert SECRET not in done.stdout + done.stderr
    kept = [path.read_text() for path in cli.home.rglob("crashes/*")]
    assert SECRET not in "".join(kept)
    assert ('"in_thread": true' in "".join(kept)) == (name == "a thread")
    assert kept
