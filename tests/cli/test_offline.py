"""Offline commands work in an empty network namespace, and never try to connect."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.cli.registry import COMMANDS
from satchel.memory import MemoryStore

# Commands that use the cloud. `backup`, `verify` and `restore` also work on files; test_backups.py covers that.
NEEDS_A_CLOUD: Final = {
    "connect", "disconnect", "devices", "backup", "backups", "verify", "restore", "sync", "share", "shares",
    "get", "login", "account", "logout", "audit",
}  # fmt: skip

NEEDS_A_CLIPBOARD: Final = {"copy"}

SCREENSHOT: Final = Path(__file__).parents[1] / "unit" / "models" / "ocr" / "images" / "plain.jpg"

# Every offline command, in an order that gives each something to do.
COMMAND_LINES: Final = [
    "init",
    "save {file} --tag t",
    "save -",
    "read {image}",
    "import {folder}",
    "list",
    "list --json --all",
    "search print",
    "show {piece}",
    "cat {piece}",
    "history {piece} --diff",
    "search prnt OR prin --sort newest --since 1d",
    "edit {piece} --title new",
    "tag {piece} http",
    "history {piece}",
    "history {piece} --restore 1",
    "export {folder}/out.zip",
    "export {folder}/out.age --sealed",
    "import {folder}/out.zip",
    "import {folder}/out.age",
    "recovery show",
    "recovery show --age",
    "recovery use --replace",
    "recovery check",
    "schedule list",
    "status",
    "doctor",
    "settings",
    "settings set list.limit 5",
    "settings reset list.limit",
    "models",
    "similar {piece}",
    "related {piece}",
    "discover {folder}",
    "secrets --all",
    "suggest --all",
    "suggest save {folder}",
    "ask how does it work --save",
    "processing",
    "endpoint set ollama --model m",
    "processing set titles blended",
    "endpoint show",
    "endpoint remove",
    "ledger",
    "mcp",
    "telemetry",
    "telemetry on",
    "telemetry show",
    "crash list",
    "telemetry off",
    "recall what did I build last week",
    "standup",
    "rewind --agent x --since 1d",
    "completion bash",
    "rm {piece} --yes",
    "--version",
    "--help",
]


def run_all(cli: Cli, folder: Path, prefix: list[str]) -> list[str]:
    """Run every line with a prefix, and return the lines that failed with their errors."""
    folder.mkdir()
    (folder / "a.py").write_text("print('a')\n")
    cli.ok("init", "--home", str(folder / "keys"))
    words = cli.ok("recovery", "show", "--home", str(folder / "keys")).out
    shutil.rmtree(folder / "keys")
    MemoryStore.create(cli.home).close()
    failed, piece = [], ""
    for line in COMMAND_LINES:
        arguments = line.format(file=folder / "a.py", folder=folder, piece=piece, image=SCREENSHOT).split()
        done = subprocess.run(
            [*prefix, PROGRAM, *arguments],
            env={**os.environ, **cli.variables}, input=words if arguments[0] == "recovery" else b"text", capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            failed.append(f"{line}: {done.stderr.decode()}")
        if line.startswith("save {file}"):
            piece = done.stdout.decode().strip()
    return failed


def can_unshare() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(["unshare", "-n", "true"], check=False).returncode
    )


@pytest.mark.tool("unshare")
def test_every_offline_command_works_without_any_network(empty: Cli, tmp_path: Path) -> None:
    if not can_unshare():
        pytest.skip("this user cannot create a network namespace")
    assert run_all(empty, tmp_path / "folder", ["unshare", "-n"]) == []


@pytest.mark.tool("strace")
def test_no_offline_command_tries_to_connect(empty: Cli, tmp_path: Path) -> None:
    log = tmp_path / "trace"
    trace = ["strace", "-f", "-qq", "-A", "-o", str(log), "-e", "trace=%network", "--"]
    assert run_all(empty, tmp_path / "folder", trace) == []
    calls = log.read_text().splitlines()
    internet = [call for call in calls if re.search(r"AF_INET6?\b", call)]
    sent = [call for call in calls if re.search(r"\b(connect|sendto|sendmsg)\(", call)]
    assert internet == []
    assert sent == []


def test_every_command_is_run_here_or_needs_a_cloud() -> None:
    run_here = {line.split()[0] for line in COMMAND_LINES}
    assert set(COMMANDS) <= run_here | NEEDS_A_CLOUD | NEEDS_A_CLIPBOARD
    assert not run_here & NEEDS_A_CLOUD
