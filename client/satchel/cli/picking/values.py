"""Asking for the values of placeholders on the whole screen: the command above, one question at a time below."""

from collections.abc import Sequence
from typing import Final

from satchel.cli.command_values import refusal
from satchel.cli.terminal.keyboard import WholeScreen
from satchel.cli.terminal.tables import cell_width, fit
from satchel.cli.terminal.text import one_line, printable
from satchel.placeholders import Placeholder

_UP: Final = frozenset({"\x1b[A", "\x1bOA", "\x10", "\x1b[Z"})
_DOWN: Final = frozenset({"\x1b[B", "\x1bOB", "\x0e", "\t"})
_LEAVE: Final = frozenset({"\x1b", "\x03", "\x07", "\x04"})
_ENTER: Final = frozenset({"\r", "\n"})
_ERASE: Final = frozenset({"\x7f", "\x08"})
_MAX_COMMAND_LINES: Final = 6


def ask_on_screen(
    terminal: WholeScreen, command: str, placeholders: Sequence[Placeholder]
) -> dict[str, str] | None:
    """Return a value for each placeholder; None if the owner went back with Escape."""
    values: dict[str, str] = {}
    for one in placeholders:
        value = _ask(terminal, command, one)
        if value is None:
            return None
        values[one.name] = value
    return values


def _ask(terminal: WholeScreen, command: str, placeholder: Placeholder) -> str | None:
    question = Question(placeholder)
    while True:
        terminal.write(question.draw(command, *terminal.size()))
        outcome = question.press(terminal.keys.next())
        if outcome == "leave":
            return None
        if outcome == "accept":
            return question.value


class Question:
    """One question: what was typed, or which choice is selected."""

    def __init__(self, placeholder: Placeholder) -> None:
        self._placeholder = placeholder
        self._typed = ""
        self._selected = 0
        self._reason = ""

    @property
    def value(self) -> str:
        """The value as it stands."""
        choices = self._matching()
        if self._placeholder.choices:
            return choices[self._selected] if choices else self._typed
        return self._typed or self._placeholder.default or ""

    def press(self, key: str) -> str:
        """Apply a key. Return "accept", "leave" or nothing."""
        self._reason = ""
        if key in _LEAVE:
            return "leave"
        if key in _ENTER:
            self._reason = refusal(self._placeholder, self.value)
            return "" if self._reason else "accept"
        if key in _UP or key in _DOWN:
            step = -1 if key in _UP else 1
            self._selected = min(max(self._selected + step, 0), max(len(self._matching()) - 1, 0))
            return ""
        if key in _ERASE:
            self._typed = self._typed[:-1]
        elif key == "\x15":
            self._typed = ""
        elif not key.startswith("\x1b"):
            self._typed += "".join(char for char in key if char.isprintable())
        self._selected = 0
        return ""

    def draw(self, command: str, columns: int, lines: int) -> str:
        """Return the whole screen."""
        width = columns - 1
        shown = [
            fit(printable(line.expandtabs(4)), width) for line in command.split("\n")[:_MAX_COMMAND_LINES]
        ]
        default = self._placeholder.default
        hint = f" [{one_line(default)}]" if default else ""
        prompt = fit(f"{self._placeholder.name}{hint}: {printable(self._typed)}", width)
        choices = [
            fit(one_line(each) or "(empty)", width)
            for each in self._matching()[: max(lines - len(shown) - 4, 0)]
        ]
        marked = [
            f"\x1b[7m{text}\x1b[0m" if at == self._selected else text for at, text in enumerate(choices)
        ]
        below = [self._reason] if self._reason else []
        rows = [*(f"\x1b[2m{line}\x1b[0m" for line in shown), "", prompt, *marked, *below]
        row = len(shown) + 2
        drawn = "\r\n".join(f"{each}\x1b[K" for each in rows)
        return f"\x1b[H{drawn}\x1b[J\x1b[{row};{cell_width(prompt) + 1}H"

    def _matching(self) -> list[str]:
        typed = self._typed.casefold()
        return [each for each in self._placeholder.choices if typed in each.casefold()]
