"""Everything a command says: the answer on standard output, the rest on standard error.

The answer has three forms, chosen here and nowhere else: one JSON document (`--json`), plain text in a
pipe, and text, tables and colours on a terminal. Notes, questions and progress go to standard error,
and questions and progress only if a person is there. What a Piece says never reaches a terminal as
control characters.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.cli.environment import Streams
from satchel.errors import SatchelError
from satchel.progress import SILENT, Progress

Document = Mapping[str, object]

# C0 and C1 controls (but newline and tab), and the characters that reorder or hide text on a screen.
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_SPACES: Final = re.compile(r"[\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how it behaves when the terminal is narrow."""

    heading: str
    shrinks: bool = False
    right: bool = False
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A further file under a Piece's content on a terminal; `text` None: no text, `instead` says what to do."""

    heading: str
    text: str | None
    language: str
    instead: str


def printable(text: str) -> str:
    """Return text that is safe on a terminal: control characters shown as their code, tabs and lines kept."""
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def printable_json(document: str) -> str:
    """Return JSON that means the same and is safe on a terminal: JSON itself escapes C0 controls only."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def one_line(text: str) -> str:
    """Return text as one line without tabs, for a table's cell or a message."""
    return printable(_SPACES.sub(" ", text).strip())


class Output:
    """Says what a command has to say, in the form that was asked for."""

    def __init__(self, streams: Streams, *, as_json: bool, quiet: bool, color: bool) -> None:
        self._streams = streams
        self._color = color
        self.as_json = as_json
        self.quiet = quiet

    @property
    def is_terminal(self) -> bool:
        """Whether a person is looking at standard output."""
        return self._streams.stdout_is_terminal and not self.as_json

    @property
    def can_ask(self) -> bool:
        """Whether a question can be put to a person."""
        return self._streams.can_ask and not self.as_json

    # -- the answer ---------------------------------------------------------------------------

    def answer(self, document: Document, text: str, *, brief: str | None = None) -> None:
        """Give the one answer of a command.

        `document` is the JSON document; `text` is for a person. `brief` is for a script: where given,
        it stands for `text` in a pipe and with --quiet; where not, --quiet says nothing.
        """
        if self.as_json:
            self._document(document)
        elif self.quiet or not self.is_terminal:
            line = brief if brief is not None or self.quiet else text
            if line:
                self.write(f"{line}\n")
        elif text:
            self.write(f"{printable(text)}\n")

    def table(
        self, document: Callable[[], Document], columns: Sequence[Column], rows: Iterable[Sequence[str]]
    ) -> None:
        """Give an answer of rows: aligned on a terminal, separated by tabs (without headings) in a pipe."""
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            from satchel.cli.terminal.tables import draw_table  # noqa: PLC0415  needed on a terminal only

            cells = [[one_line(cell) for cell in row] for row in rows]
            if cells:
                self.write(draw_table(columns, cells, color=self._color))
        else:
            self.write("".join("\t".join(map(one_line, row)) + "\n" for row in rows))

    def content(
        self,
        document: Callable[[], Document],
        data: bytes,
        *,
        heading: str,
        text: str | None,
        language: str,
        more: Callable[[], Iterable[Section]] = tuple,
    ) -> None:
        """Give an answer that is a Piece's content: highlighted on a terminal, byte for byte in a pipe.

        `text` is the content as a person reads it; None if it is no text. `more` is shown behind it on a terminal.
        """
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            from satchel.cli.terminal.content import draw_content, draw_section  # noqa: PLC0415  needed on a terminal only

            self.write(draw_content("" if self.quiet else heading, text, language, color=self._color))
            for section in more():
                self.write(draw_section(section, color=self._color))
        else:
            self._streams.write(data)

    def write(self, text: str) -> None:
        """Write text to standard output, always in UTF-8."""
        self._streams.write(text.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Push everything out; a reader that went away is a BrokenPipeError here."""
        self._streams.stdout.flush()

    def _document(self, document: Document) -> None:
        is_terminal = self._streams.stdout_is_terminal
        text = json.dumps(document, ensure_ascii=False, indent=2 if is_terminal else None, default=_jsonable)
        self.write((printable_json(text) if is_terminal else text) + "\n")

    # -- beside the answer --------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Tell the person something that is not the answer; not with --quiet or --json."""
        if not (self.quiet or self.as_json):
            self._say(text)

    def tell(self, text: str) -> None:
        """Tell the person what they must have seen before the command goes on, even with --quiet or --json."""
        self._say(text)

    def qr(self, text: str) -> None:
        """Show a QR code beside the answer, where a person looks at a terminal that is wide enough."""
        if not self.is_terminal or self.quiet:
            return
        from satchel.cli.terminal.qr import draw_qr  # noqa: PLC0415  needed on a terminal only

        self.write(draw_qr(text, columns=shutil.get_terminal_size().columns, color=self._color))

    def warn(self, text: str) -> None:
        """Tell the person something that they should know even with --quiet."""
        self._say(f"satchel: warning: {text}")

    def error(self, error: SatchelError) -> None:
        """Report a failure: one line and a hint; with --json, one document; both on standard error."""
        if self.as_json:
            fields = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
            self._say(printable_json(json.dumps({"error": fields}, ensure_ascii=False)))
            return
        message = error.message.replace("\n", " ")  # it may quote what a stranger's server said
        self._say(f"satchel: {message}")
        if error.hint:
            self._say(f"hint: {error.hint}")

    def trace(self, text: str) -> None:
        """Show where an unexpected error happened (--debug)."""
        self._say(text.rstrip("\n"))

    def progress(self) -> Progress:
        """Return where an operation reports its phases: a bar on a terminal, else nothing."""
        if not self._streams.stderr_is_terminal or self.quiet or self.as_json:
            return SILENT
        from satchel.cli.terminal.meter import Meter  # noqa: PLC0415  needed on a terminal only

        return Meter(self._streams.stderr)

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question; anything but yes is no. Only where `can_ask`."""
        return self.ask(f"{question} [y/N] ").lower() in {"y", "yes"}

    def ask(self, prompt: str) -> str:
        """Ask for a line on standard error. The end of the input counts as an empty line."""
        self._streams.stderr.write(printable(prompt))
        self._streams.stderr.flush()
        answer = self._streams.stdin.readline().decode("utf-8", "replace")
        if not answer.endswith("\n"):
            self._streams.stderr.write("\n")
        return answer.strip()

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without showing what is typed. Only where `can_ask`."""
        import getpass  # noqa: PLC0415  rarely needed

        return getpass.getpass(f"{printable(prompt)}: ", stream=self._streams.stderr)

    def _say(self, text: str) -> None:
        self._streams.stderr.write(printable(text) + "\n")
        self._streams.stderr.flush()


def _jsonable(value: object) -> str:
    """Write what JSON lacks: times in UTC (RFC 3339), paths as text."""
    import datetime as dt  # noqa: PLC0415  only where a document holds a time

    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
