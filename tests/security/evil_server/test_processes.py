"""Real processes against the largest answers: bounded memory, and the same promises as in process."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from tests.security.evil_server.answers import KINDS
from tests.security.evil_server.mutations import apply, example, fields_of, mutations_of
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS, Scenario
from tests.security.evil_server.server import Attack, Raw, Seen
from tests.security.evil_server.world import VARIABLES
from tests.support.asgi import Answer

from satchel_wire.messages import BackupList, ShareList

PROGRAM: Final = Path(sys.executable).with_name("satchel")
ADDRESS_SPACE_BYTES: Final = 1 << 30
"""What a process may reserve: modules, stacks of threads, and the answer. An answer without a bound exceeds it."""


def scenario(name: str) -> Scenario:
    """Return the command of the table with this name."""
    return next(each for each in SCENARIOS if each.name == name)


def limited() -> None:
    """Limit the memory of the process that is about to start."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))


def as_process(arguments: list[str], variables: dict[str, str]) -> tuple[int, str, str]:
    """Run the installed program with bounded memory."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, **VARIABLES, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=200,
        check=False,
        preexec_fn=limited,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def huge(message: type[BackupList | ShareList], list_name: str) -> bytes:
    """Return a list with as many entries as a response can hold."""
    field = next(each for each in fields_of(message) if each.steps == (list_name,))
    change = next(each for each in mutations_of(field) if each.kind == "too many entries")
    return apply(example(field.root), field, change)


def kind(name: str) -> Callable[[Seen, Answer], Answer | Raw]:
    """Return a kind of whole answer."""
    return next(each.change for each in KINDS if each.name == name)


CASES: Final = (
    ("devices", "list_devices", "an endless body"),
    ("devices", "list_devices", "chunks without end"),
    ("devices", "list_devices", "an endless header"),
    ("devices", "list_devices", "a gzip bomb"),
    ("get", "open_share", "an endless body"),
    ("get", "open_share", "a gzip bomb"),
    ("verify", "download_archive", "an endless body"),
)


@pytest.mark.parametrize(("name", "operation", "answer"), CASES)
def test_a_process_has_bounded_memory(runner: Runner, name: str, operation: str, answer: str) -> None:
    outcome = runner.run(scenario(name), Attack(operation, kind(answer)), by=as_process)
    codes = {5, 6} if answer == "a gzip bomb" else {6}
    assert runner.faults(scenario(name), outcome, codes, operation) == []


@pytest.mark.parametrize(
    ("name", "operation", "body"),
    [
        ("backups", "list_backups", lambda: huge(BackupList, "backups")),
        ("backups", "list_backups", lambda: huge(BackupList, "archives")),
        ("shares", "list_shares", lambda: huge(ShareList, "shares")),
    ],
    ids=["backups", "archives", "shares"],
)
def test_a_process_reads_a_long_list_in_bounded_memory(
    runner: Runner, name: str, operation: str, body: Callable[[], bytes]
) -> None:
    data = body()
    attack = Attack(operation, lambda _, answer: Answer(200, answer.headers, data))
    outcome = runner.run(scenario(name), attack, by=as_process)
    assert runner.faults(scenario(name), outcome, {0, 6}, operation) == []
