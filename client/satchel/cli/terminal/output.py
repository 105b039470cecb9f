"""What a command prints: the answer on standard output, everything else on standard error.

The answer takes one of three forms, chosen only here: a JSON document with `--json`, plain text in a
pipe, and text, tables and colours on a terminal. Notes, questions and progress go to standard error;
questions and progress appear only if a person is there. A Piece's control characters never reach a
terminal.
"""

import datetime as dt
import getpass
import json
import shutil
import termios
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from satchel.cli.environment import Pager, Streams
from satchel.cli.terminal import pager
from satchel.cli.terminal.drawing import draw_content, draw_qr, draw_section
from satchel.cli.terminal.highlighting import Highlighter
from satchel.cli.terminal.meter import Meter
from satchel.cli.terminal.tables import draw_table
from satchel.cli.terminal.text import Column, Section, one_field, one_line, printable, printable_json
from satchel.errors import SatchelError, UsageError
from satchel.progress import SILENT, Progress

Document = Mapping[str, object]


class EndOfInputError(Exception):
    """There is no more input to answer a question."""


class Output:
    """Prints a command's answer and messages in the requested form."""

    def __init__(
        self,
        streams: Streams,
        *,
        as_json: bool,
        quiet: bool,
        color: bool,
        pager: Pager | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._streams = streams
        self._color = color
        self._pager = pager
        self._progress = progress
        self.as_json = as_json
        self.quiet = quiet

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads standard output."""
        return self._streams.stdout_is_terminal and not self.as_json

    @property
    def has_terminal(self) -> bool:
        """Whether there is a terminal at all, even if the answer goes elsewhere."""
        streams = self._streams
        return streams.stdout_is_terminal or streams.stderr_is_terminal or streams.stdin_is_terminal

    @property
    def can_ask(self) -> bool:
        """Whether a person can answer questions."""
        return self._streams.can_ask and not self.as_json

    # -- the answer ---------------------------------------------------------------------------

    def answer(self, document: Document, text: str, *, brief: str | None = None) -> None:
        """Print the answer: `document` with --json, else `text`.

        `brief` replaces `text` in a pipe and with --quiet. Without it, --quiet prints nothing.
        """
        if self.as_json:
            self._document(document)
        elif self.quiet or not self.is_terminal:
            line = brief if brief is not None or self.quiet else text
            if line:
                self.write(f"{printable(line) if self.is_terminal else line}\n")
        elif text:
            self.write(f"{printable(text)}\n")

    def table(
        self, document: Callable[[], Document], columns: Sequence[Column], rows: Iterable[Sequence[str]]
    ) -> None:
        """Print rows: aligned on a terminal, separated by tabs and without headings in a pipe."""
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            cells = [[one_line(cell) for cell in row] for row in rows]
            if cells:
                self.page(draw_table(columns, cells, color=self._color))
        else:
            self.write("".join("\t".join(map(one_field, row)) + "\n" for row in rows))

    def custom(
        self, document: Callable[[], Document], draw: Callable[[bool], str], rows: Iterable[Sequence[str]]
    ) -> None:
        """Print rows in a pipe, and on a terminal what `draw` returns, with colours or without."""
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            self.page(draw(self._color))
        else:
            self.write("".join("\t".join(map(one_field, row)) + "\n" for row in rows))

    def text(self, document: Callable[[], Document], draw: Callable[[bool], str]) -> None:
        """Print what `draw` returns, with colours or without; in a pipe, as it is."""
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            self.page(draw(self._color))
        else:
            self.write(draw(False))  # noqa: FBT003  whether to use colours

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
        """Print a Piece's content: highlighted on a terminal, byte for byte in a pipe.

        `text` is the decoded content, or None if it is not text. On a terminal, `more` follows.
        """
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            with Highlighter() as highlighter:
                highlight = highlighter.highlight if self._color else None
                shown = [draw_content("" if self.quiet else heading, text, language, highlight=highlight)]
                shown += [draw_section(section, highlight=highlight) for section in more()]
            self.page("".join(shown))
        else:
            self._streams.write(data)

    def plain(self, document: Callable[[], Document], contents: Iterable[tuple[bytes, str | None]]) -> None:
        """Print contents one after another, each with its decoded text: byte for byte in a pipe."""
        if self.as_json:
            self._document(document())
        elif self.is_terminal:
            self.page("".join(draw_content("", text, "", highlight=None) for _, text in contents))
        else:
            for data, _ in contents:
                self._streams.write(data)

    def write(self, text: str) -> None:
        """Write text to standard output as UTF-8."""
        self._streams.write(text.encode("utf-8", "backslashreplace"))

    def page(self, text: str) -> None:
        """Write text to the terminal, through the pager if it is longer than the screen."""
        is_paged = (
            self._pager is not None
            and self._streams.can_page
            and pager.is_longer(text, shutil.get_terminal_size())
            and pager.show(text.encode("utf-8", "backslashreplace"), self._pager)
        )
        if not is_paged:
            self.write(text)

    def _document(self, document: Document) -> None:
        is_terminal = self._streams.stdout_is_terminal
        text = json.dumps(document, ensure_ascii=False, indent=2 if is_terminal else None, default=_jsonable)
        self.write((printable_json(text) if is_terminal else text) + "\n")

    # -- everything else ----------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Print a message in addition to the answer, unless --quiet or --json is given."""
        if not (self.quiet or self.as_json):
            self._print_error(text)

    def notice(self, text: str) -> None:
        """Print what the person must see before the command goes on, even with --quiet or --json."""
        self._print_error(text)

    def qr(self, text: str) -> None:
        """Print a QR code if standard output is a terminal that is wide enough."""
        if self.is_terminal and not self.quiet:
            self.write(draw_qr(text, columns=shutil.get_terminal_size().columns, color=self._color))

    def warn(self, text: str) -> None:
        """Print a warning, even with --quiet or --json."""
        self._print_error(f"satchel: warning: {text}")

    def error(self, error: SatchelError) -> None:
        """Report an error on standard error: a line and a hint, or one document with --json."""
        if self.as_json:
            fields = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
            self._print_error(printable_json(json.dumps({"error": fields}, ensure_ascii=False)))
            return
        message = error.message.replace("\n", " ")  # it may quote an untrusted server
        self._print_error(f"satchel: {message}")
        if error.hint:
            self._print_error(f"hint: {error.hint}")

    def trace(self, text: str) -> None:
        """Print a traceback (--debug)."""
        self._print_error(text.rstrip("\n"))

    def progress(self) -> Progress:
        """Return a progress bar if standard error is a terminal, else silent progress, or that of the host."""
        if self._progress is not None:
            return self._progress
        if not self._streams.stderr_is_terminal or self.quiet or self.as_json:
            return SILENT
        return Meter(self._streams.stderr)

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question; only yes confirms. Requires `can_ask`."""
        return self.ask(f"{question} [y/N] ").lower() in {"y", "yes"}

    def ask(self, prompt: str) -> str:
        """Ask for a line on standard error. End of input counts as an empty line."""
        self._streams.stderr.write(printable(prompt))
        self._streams.stderr.flush()
        answer = self._streams.stdin.readline().decode("utf-8", "replace")
        if not answer.endswith("\n"):
            self._streams.stderr.write("\n")
        return answer.strip()

    def ask_line(self, prompt: str) -> str:
        """Ask for a line on standard error. Raise EndOfInputError at the end of input."""
        self._streams.stderr.write(printable(prompt))
        self._streams.stderr.flush()
        answer = self._streams.stdin.readline().decode("utf-8", "replace")
        if not answer.endswith("\n"):
            self._streams.stderr.write("\n")
            raise EndOfInputError
        return answer.removesuffix("\n").strip(" \t\r")

    def forget_typed(self) -> None:
        """Drop what was typed before the next question, so that nothing answers it unseen."""
        with suppress(OSError, ValueError, termios.error):  # not a terminal
            termios.tcflush(self._streams.stdin.fileno(), termios.TCIFLUSH)

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without echoing it. Requires `can_ask`. Raise UsageError if it is not UTF-8."""
        try:
            return getpass.getpass(f"{printable(prompt)}: ", stream=self._streams.stderr)
        except UnicodeDecodeError:  # without its context, which quotes what was typed
            raise UsageError(
                "what you typed is not UTF-8 text",
                hint="set your terminal to UTF-8, or type only letters and digits",
            ) from None

    def _print_error(self, text: str) -> None:
        self._streams.tell(printable(text) + "\n")


def _jsonable(value: object) -> str:
    """Return what JSON lacks as a string: times in UTC (RFC 3339), paths as text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
