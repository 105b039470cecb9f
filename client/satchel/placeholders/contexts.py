"""Which quotation marks, substitutions and here-documents of a shell a place in a command stands in.

This reads as much of a shell's grammar as quoting needs: POSIX shells with bash's and zsh's additions, and fish.
Placeholders are skipped as a whole, so that their own text opens nothing.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, Literal

from satchel.placeholders.syntax import Place

Dialect = Literal["posix", "fish"]


class Frame(Enum):
    """What a place stands in."""

    CODE = "a command, or `$( )`"
    SINGLE = "'…'"
    DOUBLE = '"…"'
    ANSI = "$'…'"
    BACKTICK = "`…`"
    BRACE = "${…}"
    COMMENT = "# …"
    HERE = "a here-document that the shell expands"
    HERE_LITERAL = "a here-document that it does not expand"


_DELIMITER: Final = re.compile(r"<<(-?)[ \t]*((?:'[^'\n]*'|\"[^\"\n]*\"|\\.|[^\s'\"\\;&|<>()`])+)")
_QUOTES: Final = re.compile(r"['\"\\]")
_WORD_ENDS: Final = " \t\n;&|()`"


def contexts_of(command: str, places: Iterable[Place], dialect: Dialect) -> Sequence[tuple[Frame, ...]]:
    """Return for each place what it stands in, from the outermost frame to the innermost."""
    return _Reader(command, list(places), dialect).read()


class _Reader:
    """Reads a command from left to right with a stack of frames."""

    def __init__(self, text: str, places: list[Place], dialect: Dialect) -> None:
        self._text = text
        self._places = deque(places)
        self._is_fish = dialect == "fish"
        self._stack = [Frame.CODE]
        self._pending: deque[tuple[str, bool, bool]] = deque()  # delimiter, tabs are stripped, is literal
        self._found: list[tuple[Frame, ...]] = []
        self._at = 0

    def read(self) -> list[tuple[Frame, ...]]:
        while self._at < len(self._text):
            if not self._takes_place():
                self._step()
        return self._found

    def _takes_place(self) -> bool:
        """Record the placeholder that begins here, if one does."""
        if not self._places or self._places[0].start != self._at:
            return False
        self._at = self._places.popleft().end
        self._found.append(tuple(self._stack))
        return True

    def _step(self) -> None:
        frame = self._stack[-1]
        char = self._text[self._at]
        if frame is Frame.COMMENT:
            if char == "\n":
                self._stack.pop()
            else:
                self._at += 1
        elif frame is Frame.SINGLE:
            self._at += 2 if char == "\\" and self._is_fish else 1
            if char == "'":
                self._stack.pop()
        elif char == "\\":
            self._at += 2
        elif frame is Frame.ANSI:
            self._at += 1
            if char == "'":
                self._stack.pop()
        else:
            self._expanded(frame, char)

    def _expanded(self, frame: Frame, char: str) -> None:
        """Read a character where the shell expands: in code, double quotes, backticks, braces or `$( )`."""
        if self._opens_substitution(frame):
            return
        if char == '"':
            self._toggle(Frame.DOUBLE)
        elif char == "`" and not self._is_fish:
            self._toggle(Frame.BACKTICK)
        elif char == "}" and frame is Frame.BRACE:
            self._close()
        elif frame is Frame.DOUBLE or (frame is Frame.BRACE and Frame.DOUBLE in self._stack):
            self._at += 1
        else:
            self._code(char)

    def _opens_substitution(self, frame: Frame) -> bool:
        pair = self._text[self._at : self._at + 2]
        opened = {"$(": Frame.CODE, "${": Frame.BRACE, "$'": Frame.ANSI}.get(pair)
        if opened is None or (opened is not Frame.CODE and self._is_fish):
            return False
        if opened is Frame.ANSI and frame is Frame.DOUBLE:
            return False
        self._stack.append(opened)
        self._at += 2
        return True

    def _toggle(self, frame: Frame) -> None:
        """Close a frame if it is the innermost, else open it."""
        if self._stack[-1] is frame:
            self._close()
        else:
            self._stack.append(frame)
            self._at += 1

    def _close(self) -> None:
        self._stack.pop()
        self._at += 1

    def _code(self, char: str) -> None:
        """Read a character outside double quotes."""
        if char == "'":
            self._stack.append(Frame.SINGLE)
        elif char == "(":
            self._stack.append(Frame.CODE)
        elif char == ")" and len(self._stack) > 1 and self._stack[-1] is Frame.CODE:
            self._stack.pop()
        elif char == "#" and self._begins_word():
            self._stack.append(Frame.COMMENT)
        elif char == "\n" and self._pending:
            self._at += 1
            self._read_here_document()
            return
        elif char == "<" and not self._is_fish and self._opens_here_document():
            return
        self._at += 1

    def _begins_word(self) -> bool:
        return self._at == 0 or self._text[self._at - 1] in _WORD_ENDS

    def _opens_here_document(self) -> bool:
        if self._text.startswith("<<<", self._at):
            self._at += 3
            return True
        match = _DELIMITER.match(self._text, self._at)
        if match is None:
            return False
        word = match[2]
        self._pending.append((_QUOTES.sub("", word), bool(match[1]), _QUOTES.search(word) is not None))
        self._at = match.end()
        return True

    def _read_here_document(self) -> None:
        """Read the lines up to the delimiter."""
        delimiter, strips_tabs, is_literal = self._pending.popleft()
        depth = len(self._stack)
        self._stack.append(Frame.HERE_LITERAL if is_literal else Frame.HERE)
        line_start = self._at
        while self._at < len(self._text):
            if self._at == line_start and self._ends_here(delimiter, strips_tabs=strips_tabs):
                break
            self._here_step(is_literal=is_literal)
            if self._text[self._at - 1] == "\n":
                line_start = self._at
        del self._stack[depth:]
        if self._pending and self._at < len(self._text) and self._text[self._at] == "\n":
            self._at += 1
            self._read_here_document()

    def _ends_here(self, delimiter: str, *, strips_tabs: bool) -> bool:
        """Go behind the delimiter if this line is one."""
        end = self._text.find("\n", self._at)
        line = self._text[self._at :] if end < 0 else self._text[self._at : end]
        if (line.lstrip("\t") if strips_tabs else line) != delimiter:
            return False
        self._at += len(line)
        return True

    def _here_step(self, *, is_literal: bool) -> None:
        if self._takes_place():
            return
        frame = self._stack[-1]
        if frame not in {Frame.HERE, Frame.HERE_LITERAL}:
            self._step()
        elif is_literal:
            self._at += 1
        elif self._text[self._at] == "\\":
            self._at += 2
        elif self._text[self._at] == "`":
            self._toggle(Frame.BACKTICK)
        elif not self._opens_substitution(frame):
            self._at += 1
