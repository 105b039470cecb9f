"""Running a Piece's command in a shell without showing its text in the list of processes.

The shell reads the text from a file without a name, so that standard input stays the terminal's.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from satchel.cli.editor import leaving_interrupts_to_the_child
from satchel.errors import SatchelError, UsageError
from satchel.placeholders import Dialect

POSIX_SHELLS: Final = ("bash", "zsh", "ksh", "dash", "sh")
SHELLS: Final = (*POSIX_SHELLS, "fish")
_SIGNAL_BASE: Final = 128  # as shells report a signal


def shell_for(language: str | None, wanted: str | None, variables: Mapping[str, str]) -> str:
    """Return the name of the shell that runs a Piece in this language.

    The one that is wanted; fish for fish; for a command of a POSIX shell, and for a Piece without a language, the
    owner's own shell if it is one, else bash or sh. UsageError for any other language.
    """
    if wanted is not None:
        return wanted
    if language == "fish":
        return "fish"
    if language not in {None, "bash", "text"}:
        raise UsageError(
            f"the Piece is in {language}, which no shell runs", hint="if it is a command: --shell bash"
        )
    own = Path(variables.get("SHELL", "")).name
    if own in POSIX_SHELLS:
        return own
    return "bash" if shutil.which("bash") else "sh"


def dialect_of(shell: str) -> Dialect:
    """Return how a shell quotes."""
    return "fish" if shell == "fish" else "posix"


def run_in_shell(shell: str, text: str) -> int:
    """Run a text in a shell on this terminal. Return its exit code; 128 and the number for a signal."""
    program = shutil.which(shell)
    if program is None:
        raise UsageError(
            f"the shell '{shell}' is not installed", hint=f"install it, or name another: {', '.join(SHELLS)}"
        )
    with _unnamed_file(text.encode()) as descriptor, leaving_interrupts_to_the_child():
        try:
            process = subprocess.Popen([program, f"/dev/fd/{descriptor}"], pass_fds=(descriptor,))
        except OSError as exc:
            reason = (exc.strerror or "unknown").lower()
            raise SatchelError(f"cannot start '{shell}': {reason}") from exc
        code = process.wait()
    return code if code >= 0 else _SIGNAL_BASE - code


@contextmanager
def _unnamed_file(data: bytes) -> Iterator[int]:
    """Yield a descriptor of a file that has no name and holds the data, open for reading from its start."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield os.dup(file.fileno()) if file.fileno() <= 2 else file.fileno()
