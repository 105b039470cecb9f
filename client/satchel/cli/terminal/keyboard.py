r"""The owner's terminal as a full screen: raw mode, its size, and single keys.

    with whole_screen() as screen:
        screen.write(drawn)
        key = screen.keys.next()              # "a", "\x1b[A", or everything that was pasted

It is /dev/tty, so that standard input and output can go elsewhere, as in the widgets of shells.
"""

import os
import select
import shutil
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

TERMINAL: Final = "/dev/tty"
_ENTER_SCREEN: Final = "\x1b[?1049h\x1b[?2004h"
_LEAVE_SCREEN: Final = "\x1b[?2004l\x1b[?1049l"
_PASTE: Final = ("\x1b[200~", "\x1b[201~")
_ESCAPE_S: Final = 0.05
"""How long the rest of a key's sequence may take after its escape character."""


@dataclass(frozen=True, slots=True)
class WholeScreen:
    """A terminal that shows nothing else."""

    descriptor: int
    keys: "Keyboard"

    def size(self) -> os.terminal_size:
        """Return its columns and lines."""
        with suppress(OSError):
            size = os.get_terminal_size(self.descriptor)
            if size.columns > 10 and size.lines > 2:
                return size
        return shutil.get_terminal_size()

    def write(self, text: str) -> None:
        """Write text as UTF-8."""
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self.descriptor, data) :]


@contextmanager
def whole_screen() -> Iterator[WholeScreen]:
    """Take the whole screen of the terminal, and give it back as it was. Raise OSError if there is no terminal."""
    descriptor = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(descriptor)
        screen = WholeScreen(descriptor, Keyboard(descriptor))
        tty.setraw(descriptor)
        screen.write(_ENTER_SCREEN)
        try:
            yield screen
        finally:
            screen.write(_LEAVE_SCREEN)
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    finally:
        os.close(descriptor)


class Keyboard:
    """Reads keys from a terminal in raw mode: a character, the sequence of a key, or everything that was pasted."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = b""

    @property
    def has_more(self) -> bool:
        """Whether a key was read already."""
        return bool(self._left)

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
