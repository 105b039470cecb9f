"""`satchel-service move`: the command for the operator's machine."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from satchel_service.log.handover import is_public_url
from satchel_service.moving import (
    MismatchError,
    MoveError,
    Progress,
    UnreachableError,
    finish,
    move,
    undo,
)
from satchel_service.settings import Settings, SettingsError, shorten
from satchel_wire.binding import canonical_origin

USAGE: Final = """\
usage: satchel-service move --to STORAGE --url URL [--settings FILE] [--undo | --finish]

Move the cloud whose settings are in the environment to STORAGE. URL is the address of the cloud afterwards. FILE
holds the settings of the new cloud that differ, one NAME=VALUE a line. The old service can keep running: once its log
is closed, it sends every client to URL. Start the new service after this command has ended. --undo abandons the move
and continues with the old storage; this is possible until the new log is open. --finish erases the objects in the old
storage; this is possible once the new log is open. The old log stays, and the old service can keep running.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 5 a copy differs, 6 a storage is unreachable or full.
"""
MIB: Final = 1024 * 1024
FINISHED: Final = "the objects in {} are erased; its log still says where the cloud is"
EXIT_CODES: Final = ((MismatchError, 5), (UnreachableError, 6))


class _Parser(argparse.ArgumentParser):
    """Raises SettingsError instead of exiting."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise SettingsError(f"{message}\n{USAGE.splitlines()[0]}")


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command and return its exit code. `environ` has the settings of the old cloud. Raise SettingsError."""
    if any(word in ("-h", "--help") for word in arguments):
        sys.stdout.write(USAGE)
        return 0
    parser = _Parser(prog="satchel-service move", add_help=False, allow_abbrev=False)
    parser.add_argument("--to", required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("--settings", type=Path)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--undo", action="store_true")
    way.add_argument("--finish", action="store_true")
    options = parser.parse_args(list(arguments))
    url = read_url(options.url)
    if not url and not (options.undo or options.finish):
        raise SettingsError("--url is missing: the address of the cloud afterwards")
    old = Settings.read(environ)
    changed = read_settings(options.settings) if options.settings else {}
    new = Settings.read({**environ, **changed, "SATCHEL_STORAGE": options.to, "SATCHEL_PUBLIC_URL": url})
    if options.finish:
        return _run("finish the move", partial(finish, old, new), FINISHED.format(old.storage))
    if options.undo:
        return _run(
            "undo the move", partial(undo, old, new), "the old log goes on: the cloud is where it was"
        )
    done = f"the cloud is in {new.storage}: start its service now, at {url}"
    return _run("move the cloud", partial(move, old, new, url=url), done)


def read_url(text: str) -> str:
    """Return the new address as a canonical origin, or "" for "". Raise SettingsError if it cannot stand in a log."""
    url = canonical_origin(text.removesuffix("/"))
    if text and not is_public_url(url):
        raise SettingsError(
            f"--url is {shorten(text)}; use https:// and a host, such as https://ann.example.org"
        )
    return url


def read_settings(path: Path) -> dict[str, str]:
    """Return the variables in a file of NAME=VALUE lines; lines that are empty or begin with `#` are skipped.

    Raise SettingsError, which never quotes a value.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"cannot read the settings file {str(path)!r}") from exc
    found = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, separator, value = (each.strip() for each in text.partition("="))
        if not separator or not name.isidentifier():
            raise SettingsError(f"line {number} of {str(path)!r} is not NAME=VALUE")
        found[name] = value.strip('"')
    return found


def _run(what: str, act: Callable[..., None], done: str) -> int:
    """Do something, print `done`, and return the exit code."""
    printer = Printer()
    try:
        act(report=printer)
    except MoveError as exc:
        printer.end_line()
        hint = f"\nhint: {exc.hint}" if exc.hint else ""
        sys.stderr.write(f"satchel-service: cannot {what}: {exc.message}{hint}\n")
        return next((code for kind, code in EXIT_CODES if isinstance(exc, kind)), 1)
    printer.end_line()
    sys.stdout.write(f"{done}\n")
    return 0


class Printer:
    """Prints each stage to standard error; on a terminal, with what is done so far."""

    def __init__(self) -> None:
        self._stage = ""
        self._is_terminal = sys.stderr.isatty()
        self._is_open = False

    def __call__(self, progress: Progress) -> None:
        """Print one report."""
        if progress.stage.value != self._stage:
            self.end_line()
            self._stage = progress.stage.value
            if not self._is_terminal:
                sys.stderr.write(f"{self._stage}{_total(progress)}\n")
        if self._is_terminal:
            sys.stderr.write(f"\r\x1b[K{self._stage}{_done(progress)}")
            self._is_open = True
        sys.stderr.flush()

    def end_line(self) -> None:
        """End the line that shows the progress."""
        if self._is_open:
            sys.stderr.write("\n")
            self._is_open = False


def _total(progress: Progress) -> str:
    return f": {progress.all_objects} objects, {_mib(progress.all_bytes)}" if progress.all_objects else ""


def _done(progress: Progress) -> str:
    if not progress.all_objects:
        return ""
    return f": {progress.objects}/{progress.all_objects} objects, {_mib(progress.done_bytes)} of {_mib(progress.all_bytes)}"


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.1f} MiB"
