"""A full-screen list, filtered as the owner types, from which the owner chooses one line.

    chosen = pick(find, "git st", views=("everywhere", "here"))      # None if it was left without a choice

It draws on the terminal itself (/dev/tty), so that standard output can go elsewhere. Every line is drawn with its
control characters as escapes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from satchel.cli.terminal.keyboard import WholeScreen, whole_screen
from satchel.cli.terminal.tables import fit
from satchel.cli.terminal.text import one_line, printable

Find = Callable[[str, str, int], Sequence[tuple[str, str]]]
"""Takes what was typed, the view and how many lines fit; returns lines, each with what stands before it."""

_KEYS: Final = {
    "\r": "accept", "\n": "accept", "\x1b[A": "up", "\x1bOA": "up", "\x10": "up", "\x1b[B": "down", "\x1bOB": "down",
    "\x0e": "down", "\x12": "view", "\t": "view", "\x7f": "erase", "\x08": "erase", "\x15": "clear", "\x17": "word",
    "\x1b": "leave", "\x03": "leave", "\x07": "leave", "\x04": "leave", "\x1b[5~": "page up", "\x1b[6~": "page down",
}  # fmt: skip


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
    with whole_screen() as terminal:
        return _choose(terminal, find, Screen(views, " ".join(text.split())))


def _choose(terminal: WholeScreen, find: Find, screen: Screen) -> str | None:
    outcome = "search"
    while True:
        columns, rows = terminal.size()
        if outcome == "search":
            screen.found, screen.selected = find(screen.text, screen.views[screen.view], rows - 1), 0
        terminal.write(screen.draw(columns, rows))
        outcome = screen.press(terminal.keys.next())
        if outcome == "accept":
            return screen.found[screen.selected][1] if screen.found else None
        if outcome == "leave":
            return None
