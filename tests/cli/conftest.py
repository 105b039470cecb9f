"""Fixtures that run the command line: mostly in this process, sometimes as the installed program."""

import codecs
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from satchel.cli.environment import Streams, read_environment
from satchel.cli.running import run

PROGRAM: Final = Path(sys.executable).with_name("satchel")


@dataclass(frozen=True)
class Answer:
    """The result of a command: its exit code and output."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def document(self) -> Any:  # noqa: ANN401  any JSON value
        """The JSON document on standard output; nothing else may be printed."""
        document, end = json.JSONDecoder().raw_decode(self.text)
        assert self.text[end:] == "\n"
        return document


class Cli:
    """Runs satchel on a home."""

    def __init__(self, home: Path, variables: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.variables = {"SATCHEL_KEYRING": "off", "SATCHEL_HOME": str(home), **(variables or {})}

    def run(self, *arguments: str | Path, stdin: bytes = b"", terminal: bool = False) -> Answer:
        """Run a command in this process. With `terminal`, all streams are terminals."""
        out, err = io.BytesIO(), io.StringIO()
        streams = Streams(io.BytesIO(stdin), out, err, terminal, terminal, terminal)
        code = run([str(argument) for argument in arguments], read_environment(self.variables), streams)
        return Answer(code, out.getvalue(), err.getvalue())

    def ok(self, *arguments: str | Path, stdin: bytes = b"", terminal: bool = False) -> Answer:
        """Run a command that must succeed."""
        answer = self.run(*arguments, stdin=stdin, terminal=terminal)
        assert answer.code == 0, answer.err
        return answer

    def json(self, *arguments: str | Path, stdin: bytes = b"") -> Any:  # noqa: ANN401  any JSON value
        """Run a command that must succeed with --json, and return its document."""
        return self.ok("--json", *arguments, stdin=stdin).document

    def save(self, content: str | bytes, *arguments: str) -> str:
        """Save content with the quick models alone and return the Piece's id."""
        data = content if isinstance(content, bytes) else content.encode()
        return self.ok("save", "-", "--no-suggest", *arguments, stdin=data).text.strip()

    def process(
        self, *arguments: str | Path, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> Answer:
        """Run the installed program."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, **self.variables, **(variables or {})},
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr.decode())

    def talk(
        self,
        *arguments: str | Path,
        answers: Sequence[tuple[str, str]] = (),
        variables: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Run the installed program on a pseudo-terminal, and type each answer after its prompt."""
        left = list(answers)

        def respond(said: str) -> str | None:
            return left.pop(0)[1] if left and said.endswith(left[0][0]) else None

        return self.converse(*arguments, respond=respond, variables=variables)

    def converse(
        self,
        *arguments: str | Path,
        respond: Callable[[str], str | None],
        variables: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> tuple[int, str]:
        """Run the installed program on a pseudo-terminal, and type the line that `respond` returns, if any.

        `respond` is called with everything said so far, each time that the program has said something. The question
        about telemetry comes only with `variables` that allow it. `prefix` runs the program, as strace does.
        """
        controller, terminal = os.openpty()
        process = subprocess.Popen(
            [shutil.which("setsid") or "setsid", "--ctty", "--wait", *prefix, PROGRAM, *arguments],
            env={**os.environ, "DO_NOT_TRACK": "1", **self.variables, **(variables or {})},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        said, decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
        try:
            with suppress(OSError):  # the program closed its end
                while chunk := os.read(controller, 4096):
                    said += decoder.decode(chunk)
                    line = respond(said)
                    if line is not None:
                        os.write(controller, f"{line}\n".encode())
            return process.wait(timeout=60), said
        finally:
            os.close(controller)  # the hangup ends any process left on the terminal
            process.wait(timeout=60)


@pytest.fixture
def empty(tmp_path: Path) -> Cli:
    """A command line whose home does not exist yet."""
    return Cli(tmp_path / "home")


@pytest.fixture
def cli(empty: Cli) -> Cli:
    """A command line on a new store."""
    empty.ok("init")
    return empty


@pytest.fixture
def another(tmp_path: Path) -> Callable[[], Cli]:
    """Return a function that makes the command line of another computer, with a home that does not exist yet."""
    return lambda: Cli(tmp_path / "another")
