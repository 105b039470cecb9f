"""The picker's screen: the input line, the matching Pieces, the preview of the selected one, and the keys."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from satchel.cli.picking.results import Results
from satchel.cli.terminal.tables import cell_width, fit
from satchel.cli.terminal.text import format_size, one_line, printable
from satchel.cli.views import title_of
from satchel.pieces.collections import PINNED, collections_of, plain_tags
from satchel.store import Piece, is_text

_KEYS: Final = {
    "\r": "accept", "\n": "accept", "\x1b[A": "up", "\x1bOA": "up", "\x10": "up", "\x1b[B": "down", "\x1bOB": "down",
    "\x0e": "down", "\x0f": "open", "\x7f": "erase", "\x08": "erase", "\x15": "clear", "\x17": "word", "\t": "down",
    "\x1b[Z": "up", "\x1b": "leave", "\x03": "leave", "\x07": "leave", "\x04": "leave", "\x1b[5~": "page up",
    "\x1b[6~": "page down", "\x0c": "",
}  # fmt: skip
_COLOR: Final = re.compile(r"(\x1b\[[0-9;]*m)")
_BESIDE_COLUMNS: Final = 90  # from this width on, the preview is beside the list
_BELOW_LINES: Final = 14  # from this height on, it is below the list
_PAGE: Final = 10
_REVERSE: Final = "\x1b[7m"
_DIM: Final = "\x1b[2m"
_PLAIN: Final = "\x1b[0m"
MAX_TYPED: Final = 1_000


@dataclass(slots=True)
class Screen:
    """The state of the screen. `preview` is the text of the selected Piece, with colours if they are known."""

    accepts: str
    typed: str = ""
    selected: int = 0
    pieces: Sequence[Piece] = field(default=(), repr=False)
    total: int | None = None
    error: str = ""
    preview: str = field(default="", repr=False)

    @property
    def piece(self) -> Piece | None:
        """The selected Piece."""
        return self.pieces[self.selected] if self.selected < len(self.pieces) else None

    def take(self, results: Results) -> None:
        """Show what was found, and keep the selected Piece if nothing else was typed since."""
        before = self.piece if self.selected else None
        self.pieces, self.total = results.pieces, results.total
        self.error = results.error or (
            f"nothing found; try: {' · '.join(results.nearby)}" if results.nearby else ""
        )
        ids = [piece.id for piece in self.pieces]
        self.selected = ids.index(before.id) if before is not None and before.id in ids else 0

    def press(self, key: str) -> str:
        """Apply a key. Return "search" if something else was typed, "accept", "open", "leave" or nothing."""
        action = _KEYS.get(key)
        if action is None:
            typed = "" if key.startswith("\x1b") else "".join(char for char in key if char.isprintable())
            return self._type(self.typed + typed)
        if action in {"up", "down", "page up", "page down"}:
            step = {"up": -1, "down": 1, "page up": -_PAGE, "page down": _PAGE}[action]
            self.selected = min(max(self.selected + step, 0), max(len(self.pieces) - 1, 0))
            return ""
        if action in {"erase", "clear", "word"}:
            left = self.typed.rstrip().rpartition(" ")
            return self._type({"erase": self.typed[:-1], "clear": "", "word": f"{left[0]} ".lstrip()}[action])
        return action

    def _type(self, text: str) -> str:
        if text == self.typed:
            return ""
        self.typed, self.selected = text[:MAX_TYPED], 0
        return "search"

    def draw(self, columns: int, lines: int) -> str:
        """Return the whole screen."""
        body = lines - 2
        if columns >= _BESIDE_COLUMNS:
            left = columns * 9 // 20
            listed = self._list(left, body)
            shown = _preview_lines(self.preview, columns - left - 3, body)
            rows = [f"{a} {_DIM}│{_PLAIN} {b}" for a, b in zip(listed, shown, strict=True)]
        elif lines >= _BELOW_LINES:
            above = body // 2
            rule = f"{_DIM}{'─' * (columns - 1)}{_PLAIN}"
            rows = [
                *self._list(columns - 1, above),
                rule,
                *_preview_lines(self.preview, columns - 1, body - above - 1),
            ]
        else:
            rows = self._list(columns - 1, body)
        prompt = _end_of(printable(self.typed).replace("\t", " "), columns - 4)
        drawn = [f"> {prompt}", *rows, self._status(columns - 1)]
        text = "\r\n".join(f"{row}\x1b[K" for row in drawn)
        return f"\x1b[?25l\x1b[H{text}\x1b[J\x1b[1;{cell_width(prompt) + 3}H\x1b[?25h"

    def _list(self, width: int, count: int) -> list[str]:
        top = max(0, min(self.selected - count // 2, len(self.pieces) - count))
        rows = []
        for number, piece in enumerate(self.pieces[top : top + count], top):
            text = fit(_row(piece), width)
            padded = text + " " * (width - cell_width(text))
            rows.append(f"{_REVERSE}{padded}{_PLAIN}" if number == self.selected else padded)
        return rows + [" " * width] * (count - len(rows))

    def _status(self, width: int) -> str:
        if self.error:
            return fit(one_line(self.error), width)
        counted = "" if self.total is None else f"{len(self.pieces):,} of {self.total:,}  "
        return f"{_DIM}{fit(f'{counted}Enter {self.accepts}  Ctrl-O opens  Esc leaves', width)}{_PLAIN}"


def _row(piece: Piece) -> str:
    pin = "★ " if PINNED in piece.tags else ""
    about = [piece.language or "", *(f"#{tag}" for tag in plain_tags(piece.tags))]
    about += [f"[{name}]" for name in collections_of(piece.tags)]
    return one_line(f"{pin}{title_of(piece)}  {' '.join(filter(None, about))}")


def heading_of(piece: Piece) -> str:
    """Return what stands above the preview of a Piece without text."""
    return "" if is_text(piece.media_type) else f"{piece.media_type}, {format_size(piece.size_bytes)}\n"


def _preview_lines(text: str, width: int, count: int) -> list[str]:
    """Return the first lines of a text, each cut to a width and without colours at its end."""
    rows = [_cut(line.expandtabs(4), width) for line in text.split("\n")[:count]]
    return rows + [""] * (count - len(rows))


def _cut(line: str, width: int) -> str:
    parts, left = [], width
    for part in _COLOR.split(line):
        if part.startswith("\x1b["):
            parts.append(part)
            continue
        cells = cell_width(part)
        parts.append(part if cells <= left else _start_of(part, left))
        left = max(0, left - cells)
    return "".join(parts) + (_PLAIN if len(parts) > 1 else "")


def _start_of(text: str, width: int) -> str:
    """Return the start of a line that is too long, without reading all of it."""
    start = text[:width]
    while cell_width(start) > width:
        start = start[:-1]
    return start


def _end_of(text: str, width: int) -> str:
    end = text[-width:]
    while cell_width(end) > width:
        end = end[1:]
    return end
