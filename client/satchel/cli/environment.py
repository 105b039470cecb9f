"""What the process was started with: the only place of the client that reads `os.environ`."""

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

# name, what it is for: the table that the documentation and `satchel --help` are checked against
VARIABLES: dict[str, str] = {
    "SATCHEL_HOME": "the directory of the store, where --home is not given",
    "SATCHEL_KEYRING": "off: never use the operating system's keyring",
    "SATCHEL_PASSPHRASE_FILE": "a file whose first line is the passphrase, instead of asking",
    "NO_COLOR": "set to anything: no colour on a terminal",
    "VISUAL": "the editor of satchel edit",
    "EDITOR": "the editor of satchel edit, where VISUAL is not set",
    "HTTPS_PROXY": "the proxy on the way to a cloud; also https_proxy",
    "HTTP_PROXY": "the same for a cloud without encryption; also http_proxy",
    "ALL_PROXY": "the proxy where neither of the two is set; also all_proxy",
    "NO_PROXY": "hosts that are reached without a proxy, with commas between them; also no_proxy",
}


@dataclass(frozen=True, slots=True)
class Streams:
    """The three standard streams, and which of them a person is looking at."""

    stdin: BinaryIO
    stdout: BinaryIO
    stderr: TextIO
    stdin_is_terminal: bool
    stdout_is_terminal: bool
    stderr_is_terminal: bool

    def write(self, data: bytes) -> None:
        """Write all of it to standard output, which an unbuffered one (PYTHONUNBUFFERED) does bit by bit."""
        left = memoryview(data)
        while left:
            left = left[self.stdout.write(left) :]

    @property
    def can_ask(self) -> bool:
        """Whether a question can be put to a person: they read standard error and type the answer."""
        return self.stdin_is_terminal and self.stderr_is_terminal


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings that come from environment variables (see VARIABLES)."""

    home: Path | None
    keyring: bool
    passphrase_file: Path | None
    color: bool
    editor: str | None


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Turn environment variables into settings; an empty variable counts as not set."""
    home, passphrase_file = variables.get("SATCHEL_HOME"), variables.get("SATCHEL_PASSPHRASE_FILE")
    return Environment(
        home=Path(home) if home else None,
        keyring=variables.get("SATCHEL_KEYRING", "").lower() not in {"off", "0", "no"},
        passphrase_file=Path(passphrase_file) if passphrase_file else None,
        color=not variables.get("NO_COLOR") and variables.get("TERM") != "dumb",
        editor=variables.get("VISUAL") or variables.get("EDITOR") or None,
    )


def process_environment() -> Environment:
    """Return the settings of this process."""
    return read_environment(os.environ)


def process_streams() -> Streams:
    """Return the standard streams of this process; one that was closed reads and writes nothing."""
    stdin, stdout, stderr = sys.stdin, sys.stdout, sys.stderr
    return Streams(
        stdin=stdin.buffer if stdin else io.BytesIO(),
        stdout=stdout.buffer if stdout else io.BytesIO(),
        stderr=stderr or io.StringIO(),
        stdin_is_terminal=bool(stdin) and stdin.isatty(),
        stdout_is_terminal=bool(stdout) and stdout.isatty(),
        stderr_is_terminal=bool(stderr) and stderr.isatty(),
    )
