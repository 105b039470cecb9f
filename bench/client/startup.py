"""Cold start: each offline command in its own process, on a store of 10,000 real snippets.

Every round runs every command once, so that a busy moment affects all of them. A bare `python -c pass` in the
same round is the lower bound. Modules are compiled in advance, as in an installation.
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
from satchel.suggest import fill_quickly

PIECES: Final = 10_000
SNIPPET_BYTES: Final = 200_000_000  # more than 10,000 snippets have
BUDGET_MS: Final = 150
PROGRAM: Final = Path(sys.executable).with_name("satchel")

# {piece} is an id, {new} the id of a Piece to remove, {file} a small file, {n} the number of the round.
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
# These read the whole store, so their cost grows with it.
WHOLE_STORE: Final[tuple[str, ...]] = ("list --all --json", "doctor", "export {file}.zip --force")
ON_A_TERMINAL: Final[tuple[str, ...]] = ("list", "show {piece}", "search http header")


class Cost(NamedTuple):
    """The wall time of a process from spawn to exit, and its processor time."""

    wall_ms: float
    cpu_ms: float


def run(rounds: int) -> list[Row]:
    """Return one row per command with medians. Processor time hardly depends on the machine's other load."""
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        bench = Bench(Path(name))
        bench.round(0)  # compile every module
        measured = [bench.round(number) for number in range(1, rounds + 1)]
    return [_row(command, [each[command] for each in measured]) for command in measured[0]]


def _row(command: str, costs: Sequence[Cost]) -> Row:
    median = statistics.median(each.wall_ms for each in costs)
    has_budget = command.startswith("satchel ") and command.removeprefix("satchel ") not in WHOLE_STORE
    verdict = "yes" if median <= BUDGET_MS else f"no, by {median - BUDGET_MS:.0f} ms"
    return {
        "command": f"`{command}`",
        "median": f"{median:.0f} ms",
        "fastest": f"{min(each.wall_ms for each in costs):.0f} ms",
        "slowest": f"{max(each.wall_ms for each in costs):.0f} ms",
        "processor": f"{statistics.median(each.cpu_ms for each in costs):.0f} ms",
        f"within {BUDGET_MS} ms": verdict if has_budget else "",
    }


class Bench:
    """A home of 10,000 Pieces, and the commands to run on it."""

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
        self.measure([PROGRAM, "init"])
        self.piece, self.spare = _fill(self.home)

    def round(self, number: int) -> dict[str, Cost]:
        """Run every command once."""
        (self.folder / "file.txt").write_text(f"a small file of round {number}")
        values: dict[str, object] = {
            "piece": self.piece,
            "new": self.spare.pop(),
            "file": self.folder / "file.txt",
            "n": number,
            "home": self.folder / f"home{number}",
        }
        costs = {"python -c pass": self.measure([sys.executable, "-c", "pass"])}
        for command in (*COMMANDS, *WHOLE_STORE):
            costs[f"satchel {command}"] = self.measure([PROGRAM, *command.format(**values).split()])
        for command in ON_A_TERMINAL:
            arguments: list[str | Path] = [PROGRAM, *command.format(**values).split()]
            costs[f"satchel {command} (terminal)"] = self.measure_on_terminal(arguments)
        return costs

    def measure(self, command: Sequence[str | Path]) -> Cost:
        """Run a command with a little standard input and its output in a file."""
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
            stdin.write(os.urandom(24).hex().encode())
            stdin.seek(0)
            started = time.perf_counter()
            process = subprocess.Popen(command, env=self.environ, stdin=stdin, stdout=stdout, stderr=stdout)
            return _wait(process, started)

    def measure_on_terminal(self, command: Sequence[str | Path]) -> Cost:
        """Run a command on a pseudo-terminal."""
        controller, terminal = pty.openpty()
        started = time.perf_counter()
        process = subprocess.Popen(command, env=self.environ, stdout=terminal, stderr=terminal)
        os.close(terminal)
        with suppress(OSError):  # the command closed the terminal
            while os.read(controller, 65_536):
                pass
        os.close(controller)
        return _wait(process, started)


def _wait(process: subprocess.Popen[bytes], started: float) -> Cost:
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} exited with {process.returncode}")
    return Cost(wall_s * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def _fill(home: Path) -> tuple[str, list[str]]:
    """Save and index the snippets; return one id, and other ids to remove."""
    with Store.open(home) as store:
        drafts = (
            fill_quickly(
                Draft(each.text.encode(), tags=("http",), source=Source("file", each.name, each.name))
            )
            for each in islice(snippets(SNIPPET_BYTES), PIECES)
        )
        ids = [piece.id for piece in store.add_many(drafts)]
        with Index.open(home, store) as index:
            index.update()
            return ids[len(ids) // 2], ids[:100]
