"""The clipboard: reached through the system's own program, or through the terminal over SSH.

A program reads the text from its standard input, so that it never appears in the list of processes. Over SSH the
clipboard of this computer is of no use; the terminal is asked to set its own (OSC 52,
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). Terminals do not say whether they did.
"""

import base64
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.cli.environment import Desktop
from satchel.errors import SatchelError, UsageError

TIMEOUT_S: Final = 10.0
# The limit of hterm and others; xterm takes a little more: https://github.com/tmux/tmux/wiki/Clipboard
MAX_OSC_BYTES: Final = 74_994
TERMINAL: Final = Path("/dev/tty")
_OSC_52: Final = b"\x1b]52;c;%b\x07"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that reads the clipboard's new content from its standard input."""

    command: tuple[str, ...]
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """The program's name."""
        return self.command[0]


def programs(desktop: Desktop) -> list[Program]:
    """Return the programs to try, in order. Over SSH there are none."""
    if desktop.is_remote:
        return []
    found = []
    if desktop.is_mac:
        found.append(Program(("pbcopy",)))
    if desktop.has_wayland:
        found.append(Program(("wl-copy",)))
    if desktop.has_x11:
        found.append(Program(("xclip", "-selection", "clipboard", "-in")))
        found.append(Program(("xsel", "--clipboard", "--input")))
    if desktop.is_wsl:
        found.append(
            Program(("clip.exe",), "utf-16")
        )  # with a byte order mark, else it assumes the code page
    return found


def copy(
    text: str, desktop: Desktop, *, find: Callable[[str], str | None], terminal: Path | None = TERMINAL
) -> str:
    """Put text into the clipboard; return what did it. SatchelError if nothing can.

    `find` returns the path of a program; `terminal` is the owner's terminal, None if there is none.
    """
    tried = programs(desktop)
    for program in tried:
        path = find(program.name)
        if path is not None:
            _run(path, program, text)
            return program.name
    if terminal is not None:
        _ask_terminal(text, terminal)
        return "the terminal (OSC 52)"
    raise _no_clipboard(desktop, [program.name for program in tried])


def _run(path: str, program: Program, text: str) -> None:
    """Run a program with the text as its input. It may leave a process that serves the clipboard."""
    try:
        code = subprocess.run(
            [path, *program.command[1:]],
            input=text.encode(program.encoding),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise SatchelError(
            f"{program.name} did not take the text", hint="run it on its own to see why"
        ) from exc
    if code != 0:
        raise SatchelError(
            f"{program.name} failed with code {code}; nothing was copied", hint="run it on its own to see why"
        )


def _ask_terminal(text: str, terminal: Path) -> None:
    encoded = base64.b64encode(text.encode())
    if len(encoded) > MAX_OSC_BYTES:
        raise UsageError(
            f"the text has {len(text.encode()):,} bytes, more than a terminal takes for the clipboard "
            f"({MAX_OSC_BYTES * 3 // 4:,})",
            hint="write it to a file instead: satchel cat ID > FILE",
        )
    try:
        with terminal.open("wb", buffering=0) as file:
            file.write(_OSC_52 % encoded)
    except OSError as exc:
        raise SatchelError(
            "there is no clipboard: no display and no terminal", hint="satchel cat ID > FILE"
        ) from exc


def _no_clipboard(desktop: Desktop, tried: list[str]) -> SatchelError:
    if tried:
        return SatchelError("no program for the clipboard was found", hint=f"install {' or '.join(tried)}")
    where = "over SSH without a terminal" if desktop.is_remote else "no display and no terminal"
    return SatchelError(f"there is no clipboard: {where}", hint="satchel cat ID > FILE")
