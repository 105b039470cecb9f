"""A full-screen list to choose one line of, filtered by what is typed.

    chosen = pick(find, "git st", views=("everywhere", "here"))      # None if it was left without a choice

It draws on the terminal itself (/dev/tty), so that standard output can go elsewhere. Every line is drawn with its
control characters as escapes.
"""

import os
import select
import shutil
import termios
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from satchel.cli.terminal.tables import fit
from satchel.cli.terminal.text import one_line, printable

Find = Callable[[str, str, int], Sequence[tuple[str, str]]]
"""Takes what was typed, the view and how many lines fit; returns lines, each with what stands before it."""

TERMINAL: Final = "/dev/tty"
_ENTER_SCREEN: Final = "\x1b[?1049h\x1b[?2004h"
_LEAVE_SCREEN: Final = "\x1b[?2004l\x1b[?1049l"
_KEYS: Final = {
    "\r": "accept", "\n": "accept", "\x1b[A": "up", "\x1bOA": "up", "\x10": "up", "\x1b[B": "down", "\x1bOB": "down",
    "\x0e": "down", "\x12": "view", "\t": "view", "\x7f": "erase", "\x08": "erase", "\x15": "clear", "\x17": "word",
    "\x1b": "leave", "\x03": "leave", "\x07": "leave", "\x04": "leave", "\x1b[5~": "page up", "\x1b[6~": "page down",
}  # fmt: skip
_PASTE: Final = ("\x1b[200~", "\x1b[201~")
_ESCAPE_S: Final = 0.05
"""How long the rest of a key's sequence may take after its escape character."""


@dataclass(slots=True)
class Screen:
    """What is shown: the text typed, the view, the lines found, and which of them is selected."""

    views: Sequence[str]
    text: str = ""
    view: int = 0
    selected: int = 0
    found: Sequence[tuple[str, str]] = field(default=(), repr=False)

    def press(self, key: str) -> str:
        """Apply a key. Return "search" if the lines must be found anew, "accept", "leave" or nothing."""
        action = _KEYS.get(key)
        if action is None:
            typed = "".join(char for char in key if char.isprintable())
            self.text += typed if not key.startswith("\x1b") else ""
            return "search"
        if action in {"up", "down", "page up", "page down"}:
            step = {"up": -1, "down": 1, "page up": -10, "page down": 10}[action]
            self.selected = min(max(self.selected + step, 0), max(len(self.found) - 1, 0))
            return ""
        if action == "view":
            self.view = (self.view + 1) % len(self.views)
        elif action in {"erase", "clear", "word"}:
            kept = {"erase": self.text[:-1], "clear": "", "word": self.text.rstrip().rpartition(" ")[0]}
            self.text = kept[action]
        else:
            return action
        return "search"

    def draw(self, columns: int, rows: int) -> str:
        """Return the whole screen: the text typed above, then the lines, the selected one in reverse."""
        top = max(0, self.selected - (rows - 2))
        shown = [f"\x1b[2m{self.views[self.view]}\x1b[0m > {printable(self.text)}"]
        for number, (before, line) in enumerate(self.found[top : top + rows - 1], top):
            drawn = fit(f"{before}{one_line(line)}", columns - 1)
            shown.append(f"\x1b[7m{drawn}\x1b[0m" if number == self.selected else drawn)
        typed = len(self.views[self.view]) + 3 + len(printable(self.text))
        return "\x1b[H\x1b[2J" + "\r\n".join(shown) + f"\x1b[1;{min(typed + 1, columns)}H"


def pick(find: Find, text: str = "", *, views: Sequence[str] = ("everywhere",)) -> str | None:
    """Let a person choose a line. Raise OSError if there is no terminal."""
    descriptor = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(descriptor)
        tty.setraw(descriptor)
        _write(descriptor, _ENTER_SCREEN)
        try:
            return _choose(descriptor, find, Screen(views, " ".join(text.split())))
        finally:
            _write(descriptor, _LEAVE_SCREEN)
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    finally:
        os.close(descriptor)


def _choose(descriptor: int, find: Find, screen: Screen) -> str | None:
    outcome, keys = "search", _Keys(descriptor)
    while True:
        columns, rows = _size(descriptor)
        if outcome == "search":
            screen.found, screen.selected = find(screen.text, screen.views[screen.view], rows - 1), 0
        _write(descriptor, screen.draw(columns, rows))
        outcome = screen.press(keys.next())
        if outcome == "accept":
            return screen.found[screen.selected][1] if screen.found else None
        if outcome == "leave":
            return None


def _size(descriptor: int) -> os.terminal_size:
    with suppress(OSError):
        size = os.get_terminal_size(descriptor)
        if size.columns > 10 and size.lines > 2:
            return size
    return shutil.get_terminal_size()


def _write(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(descriptor, data) :]


class _Keys:
    """Reads keys from a terminal in raw mode: a character, the sequence of a key, or everything that was pasted."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = b""

    def next(self) -> str:
        """Return the next key; "leave" at the end of input."""
        if not self._left and not self._read():
            return "\x04"
        if self._left[:1] != b"\x1b":
            return self._character()
        while not _is_whole(self._left) and select.select([self._descriptor], [], [], _ESCAPE_S)[0]:
            if not self._read():
                break
        text = self._left.decode("utf-8", "replace")
        if text.startswith(_PASTE[0]):
            pasted, _, rest = text.removeprefix(_PASTE[0]).partition(_PASTE[1])
            self._left = rest.encode()
            return " ".join(pasted.split())
        length = _sequence_length(text)
        self._left = self._left[length:]
        return text[:length]

    def _character(self) -> str:
        for length in range(1, 5):
            while len(self._left) < length:
                if not self._read():
                    break
            with suppress(UnicodeDecodeError):
                char = self._left[:length].decode()
                self._left = self._left[length:]
                return char
        self._left = self._left[1:]
        return ""

    def _read(self) -> bool:
        data = os.read(self._descriptor, 4096)
        self._left += data
        return bool(data)


def _sequence_length(text: str) -> int:
    """Return the length of the key sequence at the start of a text."""
    if text[1:2] == "O":
        return 3
    if text[1:2] != "[":
        return 1
    return next((at + 1 for at, char in enumerate(text[2:], 2) if "@" <= char <= "~"), len(text))


def _is_whole(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    if text.startswith(_PASTE[0]):
        return _PASTE[1] in text
    if text[1:2] == "[":
        return any("@" <= char <= "~" for char in text[2:])
    return len(text) > (2 if text[1:2] == "O" else 1)
