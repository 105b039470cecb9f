"""The process environment: variables, standard streams, and the home they lead to.

No other module of the client reads `os.environ`.
"""

import io
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, TextIO

from satchel.errors import SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.progress import Progress

# Each variable and its purpose. A test compares the documentation with this table.
VARIABLES: dict[str, str] = {
    "SATCHEL_HOME": "the directory of the store, unless --home is given",
    "SATCHEL_OFFLINE": "on: refuse everything that would leave this device, as --offline",
    "SATCHEL_KEYRING": "off: never use the operating system's keyring",
    "SATCHEL_PASSPHRASE_FILE": "a file whose first line is the passphrase, instead of a prompt",
    "NO_COLOR": "any value: no colours on a terminal",
    "VISUAL": "the editor for satchel edit",
    "EDITOR": "the editor for satchel edit if VISUAL is not set",
    "SATCHEL_PAGER": "the pager for long answers on a terminal; empty or cat: none",
    "PAGER": "the pager if SATCHEL_PAGER is not set",
    "HTTPS_PROXY": "the proxy for connections to a cloud; also https_proxy",
    "HTTP_PROXY": "the proxy for connections to a cloud without TLS; also http_proxy",
    "ALL_PROXY": "the proxy if neither of the two is set; also all_proxy",
    "SSL_CERT_FILE": "a file of certificate authorities to trust, instead of the system's",
    "SSL_CERT_DIR": "a directory of them",
    "NO_PROXY": "hosts to reach without a proxy, separated by commas; also no_proxy",
    "DO_NOT_TRACK": "any value but 0 or false: nothing is asked, counted or sent for telemetry",
    "CI": "the same: a machine runs satchel",
}

OFF: Final = frozenset({"off", "0", "no"})

# As git: less ends at once if everything fits, keeps colours, and leaves the text on the screen.
PAGER_DEFAULTS: Final[dict[str, str]] = {"LESS": "FRX", "LV": "-c"}


@dataclass(frozen=True, slots=True)
class Streams:
    """The three standard streams, and which of them are terminals.

    `can_page` tells whether standard output is a screen whose height is known, which a pager can fill. `is_own_job`
    tells whether a shell started this command by itself, as it does for a line that a person typed, and not a script.
    """

    stdin: BinaryIO
    stdout: BinaryIO
    stderr: TextIO
    stdin_is_terminal: bool
    stdout_is_terminal: bool
    stderr_is_terminal: bool
    can_page: bool = False
    is_own_job: bool = False

    def write(self, data: bytes) -> None:
        """Write everything to standard output and flush it, so that errors surface here and notes follow answers."""
        left = memoryview(data)
        try:
            while left:
                left = left[self.stdout.write(left) :]  # unbuffered writes (PYTHONUNBUFFERED) may be partial
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as exc:
            reason = (exc.strerror or "unknown").lower()
            raise SatchelError(f"cannot write to standard output: {reason}") from exc

    def tell(self, text: str) -> None:
        """Write a message to standard error. If nobody can read it there, the command goes on."""
        with suppress(OSError, ValueError):
            self.stderr.write(text)
            self.stderr.flush()

    @property
    def can_ask(self) -> bool:
        """Whether a person can read questions on standard error and type answers."""
        return self.stdin_is_terminal and self.stderr_is_terminal


@dataclass(frozen=True, slots=True)
class Desktop:
    """Where the owner sits: over SSH or not, and which clipboard there is."""

    is_remote: bool = False
    has_wayland: bool = False
    has_x11: bool = False
    is_wsl: bool = False
    is_mac: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """The pager's command, None for the default, and the variables that it gets."""

    command: str | None
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Environment:
    """Settings from environment variables (see VARIABLES)."""

    home: Path | None
    keyring: bool
    passphrase_file: Path | None
    color: bool
    editor: str | None
    pager: Pager
    desktop: Desktop
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All variables, for the programs of the system that satchel starts."""
    offline: bool = False
    cert_file: Path | None = None
    cert_directory: Path | None = None
    no_tracking: str = ""
    """The variable that forbids telemetry, or nothing."""


class Host(Protocol):
    """A program that runs a command in its own process, and stands for the terminal."""

    def passphrase(self) -> str:
        """Return the passphrase of the keys."""

    def progress(self) -> "Progress":
        """Return where progress is shown."""

    @property
    def why(self) -> str:
        """What the ledger names as the command."""


@dataclass(slots=True)
class Globals:
    """The global options given so far, and the environment of the process."""

    environment: Environment
    streams: Streams
    home: Path | None = None
    json: bool = False
    quiet: bool = False
    debug: bool = False
    offline: bool = False
    no_pager: bool = False
    running: "Running | None" = None
    host: Host | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The command that runs: its name, such as `list`, and its home."""

    command: str
    home: Path


def find_home(options: Globals) -> Path:
    """Return the home: --home, else SATCHEL_HOME, else the system's directory for user data."""
    chosen = options.home or options.environment.home
    if chosen is not None:
        try:
            return chosen.expanduser().absolute()
        except (RuntimeError, OSError) as exc:  # an unknown user, or a current directory that was deleted
            raise UsageError(
                f"the home {str(chosen)!r} does not lead to a directory",
                hint="give its whole path with --home",
            ) from exc
    from platformdirs import user_data_path  # noqa: PLC0415  costs over 20 ms, and a named home does not need it

    return user_data_path("satchel", appauthor=False)


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Return the settings in environment variables. An empty variable counts as unset."""
    return Environment(
        home=_path(variables, "SATCHEL_HOME"),
        keyring=variables.get("SATCHEL_KEYRING", "").lower() not in OFF,
        offline=bool(variables.get("SATCHEL_OFFLINE")) and variables["SATCHEL_OFFLINE"].lower() not in OFF,
        passphrase_file=_path(variables, "SATCHEL_PASSPHRASE_FILE"),
        color=not variables.get("NO_COLOR") and variables.get("TERM") != "dumb",
        editor=variables.get("VISUAL") or variables.get("EDITOR") or None,
        variables=dict(variables),
        cert_file=_path(variables, "SSL_CERT_FILE"),
        cert_directory=_path(variables, "SSL_CERT_DIR"),
        no_tracking=next((name for name in ("DO_NOT_TRACK", "CI") if _is_set(variables, name)), ""),
        pager=Pager(
            variables.get("SATCHEL_PAGER", variables.get("PAGER")),
            child_environment(PAGER_DEFAULTS, variables),
        ),
        desktop=Desktop(
            is_remote=bool(variables.get("SSH_CONNECTION") or variables.get("SSH_TTY")),
            has_wayland=bool(variables.get("WAYLAND_DISPLAY")),
            has_x11=bool(variables.get("DISPLAY")),
            is_wsl=bool(variables.get("WSL_DISTRO_NAME") or variables.get("WSL_INTEROP")),
            is_mac=sys.platform == "darwin",
        ),
    )


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    return Path(variables[name]) if variables.get(name) else None


def _is_set(variables: Mapping[str, str], name: str) -> bool:
    return variables.get(name, "").strip().lower() not in {"", "0", "false", "no"}


def process_environment() -> Environment:
    """Return the settings of this process."""
    return read_environment(os.environ)


def process_streams() -> Streams:
    """Return the standard streams of this process; a closed one reads nothing and discards writes."""
    stdin, stdout, stderr = sys.stdin, sys.stdout, sys.stderr
    return Streams(
        stdin=stdin.buffer if stdin else io.BytesIO(),
        stdout=stdout.buffer if stdout else io.BytesIO(),
        stderr=stderr or io.StringIO(),
        stdin_is_terminal=bool(stdin) and stdin.isatty(),
        stdout_is_terminal=bool(stdout) and stdout.isatty(),
        stderr_is_terminal=bool(stderr) and stderr.isatty(),
        can_page=bool(stdout) and stdout.isatty() and os.get_terminal_size(stdout.fileno()).lines > 0,
        is_own_job=os.getpgrp() == os.getpid(),
    )


def child_environment(defaults: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that satchel starts: this process's, with defaults for what it lacks."""
    return {**defaults, **variables}
