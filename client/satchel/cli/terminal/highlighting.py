"""Highlighting with a limit: a text may make a lexer run for hours, and a regular expression cannot be interrupted.

    with Highlighter() as highlighter:
        print(highlighter.highlight(text, "python"))

Pygments runs in a child process with limited time and memory. A text that takes longer stays plain, as do the texts
after it. The child reads and writes a JSON document on each line.
"""

import json
import re
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from satchel.cli.terminal import highlighting_child

HIGHLIGHTED_CHARS: Final = 100_000  # take about half a second
PROCESSOR_S: Final = 1.5  # for all texts of a command
ELAPSED_S: Final = 4.0  # the same on a busy machine
MAX_ANSWER_BYTES: Final = 16 * 2**20

_PLAIN: Final = frozenset({"", "text"})
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")


class Highlighter:
    """Highlights texts in one child process, which starts with the first text."""

    def __init__(self, *, processor_s: float = PROCESSOR_S, elapsed_s: float = ELAPSED_S) -> None:
        self._processor_s = processor_s
        self._elapsed_s = elapsed_s
        self._child: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._is_over = False

    def highlight(self, text: str, language: str) -> str:
        """Return text in the terminal's colours, or unchanged if it is long, takes long, or has no known language.

        The text must be printable (`satchel.cli.terminal.text`): colours are the only control codes in the result.
        """
        if language in _PLAIN or len(text) > HIGHLIGHTED_CHARS or self._is_over:
            return text
        colored = self._ask(text, language)
        if colored is None:
            self._is_over = True
            return text
        return colored if _COLOR.sub("", colored) == text else text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None:
            self._child.kill()
            self._child.communicate()

    def _ask(self, text: str, language: str) -> str | None:
        """Return the child's answer; None if it has ended or answers too much."""
        try:
            child = self._child or self._start()
            if child.stdin is None or child.stdout is None:
                return None
            child.stdin.write(json.dumps([text, language]).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline(MAX_ANSWER_BYTES)
        except OSError:
            return None
        return str(json.loads(line)) if line.endswith(b"\n") else None

    def _start(self) -> subprocess.Popen[bytes]:
        # Without site-packages, Python starts twice as fast.
        command = [
            sys.executable,
            "-I",
            "-S",
            highlighting_child.__file__,
            str(self._processor_s),
            _pygments(),
        ]
        self._child = child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._timer = threading.Timer(self._elapsed_s, child.kill)
        self._timer.daemon = True
        self._timer.start()
        return child


def _pygments() -> str:
    """Return the directory that Pygments is imported from, without importing it."""
    found = find_spec("pygments")
    return "" if found is None or found.origin is None else str(Path(found.origin).parents[1])
