"""Kills an operation at its n-th write, sync, rename, link or removal, for every n: run as a program.

    python -m tests.support.killing OPERATION TEMPLATE FOLDER

Copies the folder TEMPLATE to FOLDER/<n> for each n, runs OPERATION in it in a child process, and kills that
with SIGKILL just before its n-th step; a step that writes is done by half first. Ends with the first n that
the operation survives, and prints that number.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.support.archives import FolderDestination, back_up_into, context_of

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore.restore import restore, select_backup, select_file

WRITES: Final = ("write", "pwrite")
STEPS: Final = (*WRITES, "fsync", "replace", "rename", "link", "unlink", "mkdir", "open")


def _restore_file(folder: Path) -> None:
    with select_file(folder / "backup.age") as chosen:
        restore(context_of(folder / "home"), chosen)


def _restore_chain(folder: Path) -> None:
    context, destination = context_of(folder / "home"), FolderDestination(folder / "destination")
    newest = destination.inventory().backups[0].id
    with select_backup(destination, context, newest) as chosen:
        restore(context, chosen)


def _back_up(folder: Path) -> None:
    back_up_into(folder / "home", FolderDestination(folder / "destination"))


def _back_up_file(folder: Path) -> None:
    back_up_to_file(context_of(folder / "home"), folder / "backup.age", BackupOptions("laptop"))


OPERATIONS: Final[dict[str, Callable[[Path], None]]] = {
    "restore-file": _restore_file,
    "restore-chain": _restore_chain,
    "backup": _back_up,
    "backup-file": _back_up_file,
}


def _kill_at(number: int) -> None:
    """Let `os` count its steps, and end the process at the one with this number."""
    count = 0

    def counted(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  whatever the step takes
            nonlocal count
            count += 1
            if count == number:
                if name in WRITES:
                    descriptor, data, *rest = args
                    step(descriptor, memoryview(data)[: len(data) // 2], *rest)
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*args, **kwargs)

        return call

    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))


def main() -> None:
    """Kill at every step."""
    operation, template, folder = OPERATIONS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    number = 0
    while True:
        number += 1
        copy = folder / str(number)
        shutil.copytree(template, copy)
        child = os.fork()
        if not child:
            _kill_at(number)
            operation(copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            break
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"step {number} ended with status {status}")
    print(number)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
