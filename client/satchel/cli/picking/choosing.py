"""The picker's loop: draws, waits for a key or for something found, and ends with a choice."""

import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from satchel.cli.picking.finder import PREVIEW_CHARS, Finder
from satchel.cli.picking.screen import Screen, heading_of
from satchel.cli.picking.values import ask_on_screen
from satchel.cli.terminal.keyboard import WholeScreen, whole_screen
from satchel.cli.terminal.text import printable
from satchel.errors import SatchelError
from satchel.placeholders import placeholders_of
from satchel.store import Piece, Store

_LOOK_S: Final = 0.2  # how often it is looked whether the finder still runs


@dataclass(frozen=True, slots=True)
class Choice:
    """The Piece that was chosen, the values for its placeholders, and whether it is to be opened."""

    piece: Piece
    values: dict[str, str]
    is_opened: bool = False


CommandOf = Callable[[Store, Piece], str]
"""Returns the command of a Piece. Raises SatchelError if it has none."""


def choose(
    home: Path,
    typed: str,
    *,
    accepts: str,
    languages: Sequence[str] = (),
    command_of: CommandOf | None = None,
    color: bool = True,
) -> Choice | None:
    """Let the owner choose a Piece in one of these languages. Raise OSError if there is no terminal.

    `accepts` tells what Enter does. With `command_of`, the values of placeholders are asked for.
    """
    with ExitStack() as opened:
        store = opened.enter_context(Store.open(home, read_only=True))
        terminal = opened.enter_context(whole_screen())
        finder = Finder(home, languages, color=color)
        opened.callback(finder.close)
        opened.enter_context(_resizing(finder))
        return _Picker(store, terminal, finder, Screen(accepts, " ".join(typed.split()))).run(command_of)


class _Picker:
    def __init__(self, store: Store, terminal: WholeScreen, finder: Finder, screen: Screen) -> None:
        self._store = store
        self._terminal = terminal
        self._finder = finder
        self._screen = screen
        self._shown = ""
        self._is_searching = False

    def run(self, command_of: CommandOf | None) -> Choice | None:
        self._search()
        while True:
            self._preview()
            self._terminal.write(self._screen.draw(*self._terminal.size()))
            action = self._wait()
            if action in {"accept", "open"} and not self._is_found():
                continue
            piece = self._screen.piece
            if action == "leave":
                return None
            if action == "search":
                self._search()
            elif action == "open" and piece is not None:
                return Choice(piece, {}, is_opened=True)
            elif action == "accept" and piece is not None:
                choice = self._accept(piece, command_of)
                if choice is not None:
                    return choice

    def _accept(self, piece: Piece, command_of: CommandOf | None) -> Choice | None:
        """Return the choice, after asking for the values of a command; None if the owner went back."""
        if command_of is None:
            return Choice(piece, {})
        try:
            command = command_of(self._store, piece)
        except SatchelError as exc:
            self._screen.error = exc.message
            return None
        values = ask_on_screen(self._terminal, command, placeholders_of(command))
        return None if values is None else Choice(piece, values)

    def _search(self) -> None:
        self._is_searching = True
        self._finder.find(self._screen.typed)

    def _is_found(self) -> bool:
        """Wait until the Pieces shown are those for what was typed last. False if they will not come."""
        while self._is_searching and self._finder.is_running:
            select.select([self._finder.wakes], [], [], _LOOK_S)
            self._take_news()
        self._take_news()
        return not self._is_searching

    def _wait(self) -> str:
        """Wait for a key and return its action, or for something new from the finder, and show it."""
        if not self._terminal.keys.has_more:
            ready, _, _ = select.select([self._terminal.descriptor, self._finder.wakes], [], [])
            if self._finder.wakes in ready:
                self._take_news()
            if self._terminal.descriptor not in ready:
                return ""
        self._screen.error = ""
        return self._screen.press(self._terminal.keys.next())

    def _take_news(self) -> None:
        results, preview = self._finder.news()
        if results is not None and results.typed in {self._screen.typed, ""}:
            self._screen.take(results)
            self._is_searching = not (results.typed == self._screen.typed or results.error)
        piece = self._screen.piece
        if preview is not None and piece is not None and preview.piece_id == piece.id:
            self._screen.preview = heading_of(piece) + preview.text

    def _preview(self) -> None:
        """Show the text of the selected Piece, and have it highlighted."""
        piece = self._screen.piece
        if piece is None or piece.id == self._shown:
            self._screen.preview = self._screen.preview if piece is not None else ""
            return
        text = ""
        with suppress(SatchelError):  # removed or damaged: it is told when the Piece is chosen
            text = self._store.readable(piece.id, PREVIEW_CHARS)[1][:PREVIEW_CHARS]
        self._screen.preview, self._shown = heading_of(piece) + printable(text), piece.id
        self._finder.highlight(piece, text)


@contextmanager
def _resizing(finder: Finder) -> Iterator[None]:
    """Draw again when the size of the terminal changes."""

    def wake(_number: int, _frame: FrameType | None) -> None:
        finder.wake()

    before = signal.signal(signal.SIGWINCH, wake)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
