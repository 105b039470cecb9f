"""Cold start: each offline command as a process of its own on a store of 10,000 real snippets.

Every round runs every command once, so that a busy moment of the machine touches all alike. Bare
`python -c pass` in the same round is the floor. Modules are compiled beforehand, as an installation does.
"""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from bench.corpus import snippets
from bench.report import Row
from satchel.index import Index
from satchel.store import Draft, Source, Store
from satchel.suggest import DEFAULT, fill

PIECES: Final = 10_000
SNIPPET_BYTES: Final = 200_000_000  # more than 10,000 snippets hold
BUDGET_MS: Final = 150
PROGRAM: Final = Path(sys.executable).with_name("satchel")

# What is run: {piece} an id, {new} another one that may go, {file} a small file, {n} the round.
COMMANDS: Final[tuple[str, ...]] = (
    "--help",
    "save - --title {n}",
    "list",
    "list --json",
    "list --language python --tag http",
    "show {piece}",
    "show {piece} --json",
    "search http header",
    "search pars* lang:python",
    "edit {piece} --title {n}",
    "tag {piece} tag-{n}",
    "history {piece}",
    "rm {new} --yes",
    "import {file}",
    "recovery show",
    "recovery show --age",
    "status",
    "settings",
    "completion bash",
    "init --home {home}",
)
# Their cost grows with the store by design: they read all of it.
WHOLE_STORE: Final[tuple[str, ...]] = ("list --all --json", "doctor", "export {file}.zip --force")
ON_A_TERMINAL: Final[tuple[str, ...]] = ("list", "show {piece}", "search http header")


class Spent(NamedTuple):
    """What one process took: from spawn to end, and of the processor."""

    wall_ms: float
    cpu_ms: float


def run(rounds: int) -> list[Row]:
    """One row a command, medians of the rounds; processor time hardly depends on what else the machine does."""
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        bench = Bench(Path(name))
        bench.round(0)  # compiles every module
        measured = [bench.round(number) for number in range(1, rounds + 1)]
    return [_row(command, [each[command] for each in measured]) for command in measured[0]]


def _row(command: str, spent: Sequence[Spent]) -> Row:
    median = statistics.median(each.wall_ms for each in spent)
    is_bound = command.startswith("satchel ") and command.removeprefix("satchel ") not in WHOLE_STORE
    verdict = "yes" if median <= BUDGET_MS else f"no, by {median - BUDGET_MS:.0f} ms"
    return {
        "command": f"`{command}`",
        "median": f"{median:.0f} ms",
        "fastest": f"{min(each.wall_ms for each in spent):.0f} ms",
        "slowest": f"{max(each.wall_ms for each in spent):.0f} ms",
        "processor": f"{statistics.median(each.cpu_ms for each in spent):.0f} ms",
        f"within {BUDGET_MS} ms": verdict if is_bound else "",
    }


class Bench:
    """A home of 10,000 Pieces and the commands that are run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("SATCHEL_", "PYTHON"))
            },
            "SATCHEL_HOME": str(self.home),
            "SATCHEL_KEYRING": "off",
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        }
        self.spend([PROGRAM, "init"])
        self.piece, self.spare = _fill(self.home)

    def round(self, number: int) -> dict[str, Spent]:
        """Run everything once."""
        (self.folder / "file.txt").write_text(f"a small file of round {number}")
        values: dict[str, object] = {
            "piece": self.piece,
            "new": self.spare.pop(),
            "file": self.folder / "file.txt",
            "n": number,
            "home": self.folder / f"home{number}",
        }
        spent = {"python -c pass": self.spend([sys.executable, "-c", "pass"])}
        for command in (*COMMANDS, *WHOLE_STORE):
            spent[f"satchel {command}"] = self.spend([PROGRAM, *command.format(**values).split()])
        for command in ON_A_TERMINAL:
            arguments: list[str | Path] = [PROGRAM, *command.format(**values).split()]
            spent[f"satchel {command} (terminal)"] = self.spend_on_terminal(arguments)
        return spent

    def spend(self, command: Sequence[str | Path]) -> Spent:
        """Run a command that reads a little from standard input and writes to a file."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(os.urandom(24).hex().encode())
            given.seek(0)
            started = time.perf_counter()
            process = subprocess.Popen(command, env=self.environ, stdin=given, stdout=said, stderr=said)
            return _wait(process, started)

    def spend_on_terminal(self, command: Sequence[str | Path]) -> Spent:
        """Run a command that writes to a pseudo-terminal."""
        controller, terminal = pty.openpty()
        started = time.perf_counter()
        process = subprocess.Popen(command, env=self.environ, stdout=terminal, stderr=terminal)
        os.close(terminal)
        with suppress(OSError):  # the command has closed the terminal
            while os.read(controller, 65_536):
                pass
        os.close(controller)
        return _wait(process, started)


def _wait(process: subprocess.Popen[bytes], started: float) -> Spent:
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return Spent(wall_s * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def _fill(home: Path) -> tuple[str, list[str]]:
    """Put the snippets into the store and index them; returns one id, and a list of others to remove."""
    with Store.open(home) as store:
        drafts = (
            fill(
                Draft(each.text.encode(), tags=("http",), source=Source("file", each.name, each.name)),
                DEFAULT,
            )
            for each in islice(snippets(SNIPPET_BYTES), PIECES)
        )
        ids = [piece.id for piece in store.add_many(drafts)]
        with Index.open(home, store) as index:
            index.update()
            return ids[len(ids) // 2], ids[:100]
