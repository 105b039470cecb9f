"""Signing in costs other commands nothing: its modules are imported by the commands that sign in, and by no other."""

import json
import subprocess
import sys
from typing import Final

import pytest
from tests.cli.conftest import Cli

LISTING: Final = """
import json, sys
from satchel.cli.environment import process_environment, process_streams
from satchel.cli.running import run
code = run(sys.argv[1:], process_environment(), process_streams())
names = [name for name in sys.modules if name.startswith("satchel.signin") or name in {"webbrowser", "http.server"}]
print(json.dumps([code, names]), file=sys.stderr)
"""


def imported_by(cli: Cli, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *arguments],
        env=cli.variables,
        capture_output=True,
        check=True,
        input=b"text",
    )
    names: list[str] = json.loads(done.stderr.splitlines()[-1])[1]
    return names


@pytest.mark.parametrize(
    "line",
    [
        "save -", "list", "search text", "status --offline", "doctor --offline", "settings", "schedule list",
        "recovery show", "connect --help", "devices --help", "backups --help", "backup --to {home}.age",
        "connect http://127.0.0.1:9 --pair CODE", "devices", "backups",
    ],
)  # fmt: skip
def test_no_other_command_imports_it(cli: Cli, line: str) -> None:
    assert imported_by(cli, *line.format(home=cli.home).split()) == []


def test_the_commands_that_sign_in_do_import_it(cli: Cli) -> None:
    assert "satchel.signin.account" in imported_by(cli, "account")
