"""Kill a move, or its undoing, just before its n-th file system call. Run as a program:

    python -m tests.integration.moving.killed_moves CLOUD FOLDER STRIDE move|undo

For n = 1, 1 + STRIDE, …, copies CLOUD to FOLDER/<n>/old, moves it to FOLDER/<n>/new in a child process, and kills the
child before its n-th call. To be undone, the move first stops before the new log opens. Ends at the first n that the
operation survives and prints it.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.support.killing import kill_at
from tests.unit.moving.conftest import NEW_URL, OLD_URL, settings_of

from satchel_service.moving import MismatchError, move, undo
from satchel_service.moving.copying import Copier
from satchel_service.settings import Settings


def begin(old: Settings, new: Settings) -> None:
    """Move until the new log would open."""

    def stop(_: Copier) -> None:
        raise MismatchError("stopped")

    setattr(Copier, "verify", stop)  # noqa: B010  mypy refuses the assignment
    with suppress(MismatchError):
        move(old, new, url=NEW_URL)


def finish(old: Settings, new: Settings) -> None:
    """Move to the end."""
    move(old, new, url=NEW_URL)


def in_child(operation: Callable[[Settings, Settings], None], place: Path, number: int = 0) -> int:
    """Run an operation in a child process, killed at a call, and return its status."""
    child = os.fork()
    if not child:
        if number:
            kill_at(number)
        operation(settings_of(place / "old", OLD_URL), settings_of(place / "new", NEW_URL))
        os._exit(0)
    return os.waitpid(child, 0)[1]


def main() -> None:
    """Kill the operation at every few calls."""
    cloud, folder, stride, name = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    number = 1
    while True:
        place = folder / str(number)
        shutil.copytree(cloud, place / "old")
        if name == "undo" and in_child(begin, place):
            sys.exit("the move could not be begun")
        status = in_child(undo if name == "undo" else finish, place, number)
        if status == 0:
            break
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"the run killed at call {number} ended with status {status}")
        number += stride
    print(number)  # noqa: T201  the result


if __name__ == "__main__":
    main()
