"""Kill an operation just before its n-th file system call, for every n. Run as a program:

    python -m tests.support.killing OPERATION TEMPLATE FOLDER

For each n, copies TEMPLATE to FOLDER/<n>, runs OPERATION there in a child process, and kills the child with SIGKILL
just before its n-th call. A write is carried out by half first. Stops at the first n that the operation survives and
prints it.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from tests.support.archives import NOON, FolderDestination, back_up_into, context_of

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore.restore import restore, select_backup, select_file, undo_restore
from satchel.window.drafts import DraftFolder
from satchel.window.messages.unsaved import DraftFile, DraftVersion
from satchel.window.uploads import Uploads

WRITES: Final = ("write", "pwrite")
CALLS: Final = (*WRITES, "fsync", "replace", "rename", "link", "unlink", "mkdir", "open")


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


def _undo(folder: Path) -> None:
    undo_restore(folder / "home", clock=lambda: NOON)


def _go_on_with_draft(folder: Path) -> None:
    """Go on with a draft, as a form does: with another text and one more file."""
    uploads, drafts = Uploads(folder / "home"), DraftFolder(folder / "home")
    begun = uploads.begin()
    uploads.write(begun, b"second file")
    (before,) = drafts.all().drafts
    files = (
        *before.files,
        DraftFile(upload=uploads.end(begun).upload, name="2.png", size_bytes=11, is_image=True),
    )
    after = msgspec.structs.replace(before, id="2" * 32, title="after", files=files)
    drafts.keep(after, DraftVersion(id=before.id, version=before.version), uploads)


def _drop_draft(folder: Path) -> None:
    drafts = DraftFolder(folder / "home")
    (draft,) = drafts.all().drafts
    drafts.drop(draft.id, draft.version)


OPERATIONS: Final[dict[str, Callable[[Path], None]]] = {
    "restore-file": _restore_file,
    "restore-chain": _restore_chain,
    "undo": _undo,
    "backup": _back_up,
    "backup-file": _back_up_file,
    "go-on-with-draft": _go_on_with_draft,
    "drop-draft": _drop_draft,
}


def kill_at(number: int) -> None:
    """Make `os` count its calls and kill the process at this one."""
    count = 0

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  the arguments of any function
            nonlocal count
            count += 1
            if count == number:
                if name in WRITES:
                    descriptor, data, *rest = args
                    function(descriptor, memoryview(data)[: len(data) // 2], *rest)
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, counted(name, getattr(os, name)))


def main() -> None:
    """Kill the operation at every call."""
    operation, template, folder = OPERATIONS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    number = 0
    while True:
        number += 1
        copy = folder / str(number)
        shutil.copytree(template, copy)
        child = os.fork()
        if not child:
            kill_at(number)
            operation(copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            break
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"the run killed at call {number} ended with status {status}")
    print(number)  # noqa: T201  the result


if __name__ == "__main__":
    main()
