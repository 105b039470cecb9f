"""Offline commands work in an empty network namespace, and never try to connect."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.cli.registry import COMMANDS
from satchel.memory import MemoryStore

# Commands that use the cloud. `backup`, `verify` and `restore` also work on files; test_backups.py covers that.
NEEDS_A_CLOUD: Final = {
    "connect", "disconnect", "devices", "backup", "backups", "verify", "restore", "sync", "share", "shares",
    "get", "login", "account", "logout", "audit", "request", "requests", "answer",
}  # fmt: skip

NEEDS_A_CLIPBOARD: Final = {"copy"}
NEEDS_A_TERMINAL: Final = {"pick"}  # its own test is below
NEEDS_A_BROWSER: Final = {
    "open"
}  # it listens on 127.0.0.1; tests/unit/window and tests/security/window use it

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
    "lsp",
    "telemetry",
    "telemetry on",
    "telemetry show",
    "crash list",
    "telemetry off",
    "recall what did I build last week",
    "standup",
    "rewind --agent x --since 1d",
    "memory on agents",
    "memory status",
    "memory pause 1h",
    "memory resume",
    "memory exclude ssh",
    "memory exclude",
    "memory on files {folder}",
    "memory collect",
    "memory commands make",
    "memory export",
    "memory forget --all --yes",
    "memory hook bash",
    "memory widget zsh",
    "memory off files --keep",
    "run {piece} --print --as-is --shell sh",
    "shell fish",
    "collection add release {piece}",
    "collection",
    "collection rename release next",
    "collection remove next {piece}",
    "completion bash",
    "rm {piece} --yes",
    "--version",
    "--help",
]


WAKES: Final = re.compile(
    r'sendto\(\d+, "\\0", 1, 0, NULL, 0(\)| <unfinished)'
)  # asyncio wakes its own loop through a socket pair
NEEDS_CONSENT: Final = {"telemetry on", "telemetry show"}


def run_all(cli: Cli, folder: Path, prefix: list[str], leave_out: Collection[str] = ()) -> list[str]:
    """Run every line with a prefix, and return the lines that failed with their errors."""
    folder.mkdir()
    (folder / "a.py").write_text("print('a')\n")
    cli.ok("init", "--home", str(folder / "keys"))
    words = cli.ok("recovery", "show", "--home", str(folder / "keys")).out
    shutil.rmtree(folder / "keys")
    MemoryStore.create(cli.home).close()
    failed, piece = [], ""
    for line in COMMAND_LINES:
        if line in leave_out:
            continue
        arguments = line.format(file=folder / "a.py", folder=folder, piece=piece, image=SCREENSHOT).split()
        done = subprocess.run(
            [*prefix, PROGRAM, *arguments],
            env={**os.environ, "CI": "", "DO_NOT_TRACK": "", **cli.variables}, input=words if arguments[0] == "recovery" else b"text", capture_output=True, check=False,
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


def reaching_out(calls: Sequence[str]) -> list[str]:
    """Return the traced system calls that use the internet, or send anything but asyncio's own wake-up."""
    return [
        call
        for call in calls
        if re.search(r"AF_INET6?\b", call)
        or (re.search(r"\b(connect|sendto|sendmsg)\(", call) and not WAKES.search(call))
    ]


@pytest.mark.tool("unshare")
def test_every_offline_command_works_without_any_network(empty: Cli, tmp_path: Path) -> None:
    if not can_unshare():
        pytest.skip("this user cannot create a network namespace")
    assert run_all(empty, tmp_path / "folder", ["unshare", "-n"]) == []


@pytest.mark.tool("strace")
def test_no_offline_command_connects_or_writes_telemetry_without_consent(empty: Cli, tmp_path: Path) -> None:
    """One session under strace, because it takes long: what it opens on the network, and below its home."""
    log = tmp_path / "trace"
    calls_of = "trace=%network,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
    trace = ["strace", "-f", "-qq", "-A", "--seccomp-bpf", "-o", str(log), "-e", calls_of, "--"]
    assert run_all(empty, tmp_path / "folder", trace, NEEDS_CONSENT) == []
    calls = log.read_text().splitlines()
    assert reaching_out(calls) == []
    at_home = [call for call in calls if f'"{empty.home}/' in call and " = -1 " not in call]
    assert len(at_home) > 100
    assert [
        call for call in at_home if re.search(r"telemetry|crash", call.partition(str(empty.home))[2])
    ] == []
    assert [path for path in empty.home.rglob("*") if re.search(r"telemetry|crash", path.name)] == []
    assert json.loads((empty.home / "settings.json").read_text()) == {"telemetry.asked": "yes"}


@pytest.mark.tool("strace")
def test_the_picker_works_without_any_network(empty: Cli, tmp_path: Path) -> None:
    if not can_unshare():
        pytest.skip("this user cannot create a network namespace")
    empty.ok("init")
    empty.save("tar -xf archive.tar", "--title", "unpack")
    log = tmp_path / "trace"
    prefix = ["unshare", "-n", "strace", "-f", "-qq", "-o", str(log), "-e", "trace=%network,openat", "--"]
    code, said = empty.converse(
        "pick", "--print", respond=lambda said: "" if "1 of 1" in said else None, prefix=prefix
    )
    assert code == 0, said
    assert "tar -xf archive.tar" in said
    calls = log.read_text().splitlines()
    assert [call for call in calls if f'"{empty.home}/' in call]
    assert reaching_out(calls) == []


def test_every_command_is_run_here_or_needs_a_cloud() -> None:
    run_here = {line.split()[0] for line in COMMAND_LINES}
    elsewhere = NEEDS_A_CLOUD | NEEDS_A_CLIPBOARD | NEEDS_A_TERMINAL | NEEDS_A_BROWSER
    assert set(COMMANDS) <= run_here | elsewhere
    assert not run_here & elsewhere
