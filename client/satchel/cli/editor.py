"""Editing a private file in the owner's editor."""

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
    """Create a file `edit-…-NAME` that only its owner can read, and remove it at the end."""
    handle, path = tempfile.mkstemp(prefix="edit-", suffix=f"-{name}", dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        yield Path(path)
    finally:
        Path(path).unlink(missing_ok=True)


def edit(path: Path, editor: str | None) -> bytes:
    """Open a file in the editor, wait for it, and return the file's new content.

    Raise UsageError if there is no editor, SatchelError if it fails.
    """
    command = [*_command(editor), str(path)]
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as exc:
        raise UsageError(
            f"cannot start the editor {command[0]!r}", hint="set EDITOR to another editor"
        ) from exc
    if code != 0:
        raise SatchelError(
            f"the editor {command[0]!r} exited with code {code}; nothing was changed", hint="try again"
        )
    return path.read_bytes()


def _command(editor: str | None) -> list[str]:
    if editor:
        return shlex.split(editor)
    found = next((path for name in FALLBACKS if (path := shutil.which(name))), None)
    if found is None:
        raise UsageError("no editor was found", hint="set EDITOR to your editor")
    return [found]
