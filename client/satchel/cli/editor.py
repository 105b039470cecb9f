"""A person's editor on a private file: what it held and what came back."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError, UsageError

FALLBACKS: Final = ("sensible-editor", "nano", "vim", "vi")


@contextmanager
def private_file(folder: Path, name: str, content: bytes) -> Iterator[Path]:
    """Make a file that only its owner can read, named `edit-….NAME`, and remove it afterwards."""
    handle, path = tempfile.mkstemp(prefix="edit-", suffix=f"-{name}", dir=folder)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        yield Path(path)
    finally:
        Path(path).unlink(missing_ok=True)


def edit(path: Path, editor: str | None) -> bytes:
    """Open a file in the editor, wait for it, and return what the file then holds.

    No editor: UsageError. The editor fails: SatchelError.
    """
    command = [*_command(editor), str(path)]
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as exc:
        raise UsageError(
            f"the editor {command[0]!r} cannot be started", hint="set EDITOR to another one"
        ) from exc
    if code != 0:
        raise SatchelError(f"the editor ended with exit code {code}; nothing was changed")
    return path.read_bytes()


def _command(editor: str | None) -> list[str]:
    if editor:
        return shlex.split(editor)
    found = next((path for name in FALLBACKS if (path := shutil.which(name))), None)
    if found is None:
        raise UsageError("no editor was found", hint="set EDITOR to the one that you use")
    return [found]
