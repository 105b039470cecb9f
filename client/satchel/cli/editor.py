"""Opening a file in the owner's editor, waiting for it, and reading the result."""

import os
import shlex
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from satchel.cli.edits import EditorStillOpenError
from satchel.errors import SatchelError, UsageError
from satchel.pieces.fields import MAX_CONTENT_BYTES
from satchel.pieces.media import is_text, sniff

FALLBACKS: Final = ("sensible-editor", "nano", "vim", "vi")
_FOR_THE_EDITOR: Final = (signal.SIGINT, signal.SIGQUIT)  # the terminal sends them to both programs
_STOPPING: Final = (signal.SIGTERM, signal.SIGHUP)


def edit(path: Path, editor: str | None) -> bytes:
    """Open a file in the editor, wait for it, and return the file's new content.

    Raise UsageError if there is no editor or the result is no text, SatchelError if the editor fails.
    """
    command = editor_command(editor)
    with _signals():
        try:
            process = subprocess.Popen([*command, str(path)])
        except OSError as exc:
            reason = (exc.strerror or "unknown").lower()
            raise UsageError(
                f"cannot start the editor {command[0]!r}: {reason}", hint="set EDITOR to another editor"
            ) from exc
        code = process.wait()
    if code != 0:
        raise SatchelError(
            f"the editor {command[0]!r} {_ending(code)}; nothing was changed", hint="try again"
        )
    return check_edited(read_edited(path))


def editor_command(editor: str | None) -> list[str]:
    """Return the editor's command as words: the one from the environment, else the first fallback on PATH."""
    try:
        words = shlex.split(editor or "")
    except ValueError as exc:
        raise UsageError(
            f"the editor {editor!r} is not a command: a quotation mark or backslash is unbalanced",
            hint="set VISUAL or EDITOR to a command, such as 'code --wait'",
        ) from exc
    if words:
        return words
    found = next((path for name in FALLBACKS if (path := shutil.which(name))), None)
    if found is None:
        raise UsageError("no editor was found", hint="set EDITOR to your editor")
    return [found]


@contextmanager
def leaving_interrupts_to_the_child() -> Iterator[None]:
    r"""Leave Ctrl-C and Ctrl-\\ to the program that this process waits for."""
    with _handling(dict.fromkeys(_FOR_THE_EDITOR, _ignore)):
        yield


@contextmanager
def _signals() -> Iterator[None]:
    r"""Leave Ctrl-C and Ctrl-\\ to the editor, and stop with an error on SIGTERM and SIGHUP, so that the text is kept.

    A handler, unlike SIG_IGN, is not inherited by the editor. Signals that are ignored stay ignored.
    """
    with _handling({**dict.fromkeys(_FOR_THE_EDITOR, _ignore), **dict.fromkeys(_STOPPING, _stop)}):
        yield


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in handlers}
    handled = [number for number, handler in before.items() if handler not in {signal.SIG_IGN, None}]
    for number in handled:
        signal.signal(number, handlers[number])
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise EditorStillOpenError(
        f"{signal.Signals(number).name} stopped satchel while the editor was open", hint="nothing was changed"
    )


def _ending(code: int) -> str:
    """Describe how a process failed."""
    if code > 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def read_edited(path: Path) -> bytes:
    """Read what the editor saved, one byte beyond the limit. The editor may have replaced the file by anything."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            is_file = stat.S_ISREG(os.fstat(fd).st_mode)
            content = file.read(MAX_CONTENT_BYTES + 1) if is_file else b""
    except OSError as exc:
        reason = (exc.strerror or "unknown").lower()
        raise SatchelError(f"cannot read what the editor saved: {reason}; nothing was changed") from exc
    return content


def check_edited(content: bytes) -> bytes:
    """Return an edited text. SatchelError if it is empty, UsageError if it is too long or binary."""
    if not content.strip():
        raise SatchelError("the edited text is empty; nothing was changed", hint="satchel rm removes a Piece")
    if len(content) > MAX_CONTENT_BYTES:
        raise UsageError(
            f"the edited text is larger than {MAX_CONTENT_BYTES >> 20} MiB; nothing was changed",
            hint="Pieces are small",
        )
    if not is_text(sniff(content)):
        raise UsageError(
            "the edited text contains binary data; nothing was changed", hint="a Piece holds text or images"
        )
    return content
