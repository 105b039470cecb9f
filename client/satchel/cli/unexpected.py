"""Unexpected exceptions: the message for each, and the report that is kept if the owner has agreed.

The message of an exception that is not satchel's own may contain a Piece's text, so it is never printed. The code of
an exception's class may raise, so it is never run. Nothing here raises: a failure to report does not hide the failure
that is reported.
"""

import datetime as dt
import os
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.cli.environment import Globals
from satchel.errors import Note, SatchelError
from satchel.telemetry.raised import cause_of, context_of, module_of, traceback_of

ADVICE_DEBUG: Final = "run it again with --debug to see where"
ADVICE_REPORT: Final = "a report without your texts was kept: satchel crash show"
MOST_EXCEPTIONS: Final = 50
MOST_FRAMES: Final = 200


def translate(error: BaseException, options: Globals) -> SatchelError:
    """Return an unexpected exception as one of satchel's errors, without its message. Keep a report, with consent."""
    notes = "; ".join(notes_of(error))
    system = _system_message(error)
    if system:
        return SatchelError(f"the system reports: {system}", hint=notes)
    is_kept = keep_crash_report(error, options)
    if issubclass(type(error), MemoryError):
        return SatchelError("there is not enough memory; the command stopped", hint=notes)
    advice = ADVICE_REPORT if is_kept else "" if notes or options.debug else ADVICE_DEBUG
    hint = "; ".join(filter(None, (notes, advice)))
    return SatchelError(f"unexpected {name_of(error)}; the command stopped", hint=hint)


def describe_unhandled(error: BaseException, options: Globals, what_follows: str) -> str:
    """Return the line about an unhandled exception, such as one in a thread. Keep a report, with consent."""
    keep_crash_report(error, options, in_thread=threading.current_thread() is not threading.main_thread())
    return f"satchel: unexpected {name_of(error)}; {what_follows}"


def trace_of(error: BaseException) -> str:
    """Return a traceback with the messages of satchel's own and system errors only."""
    lines: list[str] = []
    for current in _chain(error):
        message = _own_message(current) or _system_message(current)
        frames = traceback.format_list(traceback.extract_tb(traceback_of(current), limit=-MOST_FRAMES))
        lines[:0] = [*frames, f"{name_of(current)}{': ' if message else ''}{message}\n"]
    return "".join(lines)


def notes_of(error: BaseException) -> list[str]:
    """Return the notes that satchel added to an exception, such as where it kept a text that the owner typed."""
    with suppress(Exception):
        return [note for note in getattr(error, "__notes__", ()) if type(note) is Note]
    return []


def name_of(error: BaseException) -> str:
    """Return the name of an exception's type, or of a base class: a class created at run time can have any name."""
    with suppress(Exception):
        from satchel.telemetry.crash_report import type_name  # noqa: PLC0415  after a crash only

        return type_name(type(error)).name.rpartition(".")[2]
    return "Exception"


def keep_crash_report(error: BaseException, options: Globals, *, in_thread: bool = False) -> bool:
    """Keep a report of an unexpected exception if the owner has agreed. Return whether one was kept."""
    running = options.running
    if running is None or options.environment.no_tracking:
        return False
    with suppress(Exception):
        from satchel.telemetry.consent import is_on  # noqa: PLC0415  after a crash only

        if is_on(running.home):
            _keep(error, running.home, running.command, in_thread=in_thread)
            return True
    return False


def _keep(error: BaseException, home: Path, command: str, *, in_thread: bool) -> None:
    from satchel.telemetry.crash_files import keep_report  # noqa: PLC0415  after a crash, with consent
    from satchel.telemetry.crash_report import make_report  # noqa: PLC0415
    from satchel.telemetry.facts import gather_versions  # noqa: PLC0415

    today = dt.datetime.now(dt.UTC).date().isoformat()
    keep_report(home, make_report(error, today, gather_versions(), command=command, in_thread=in_thread))


def _own_message(error: BaseException) -> str:
    """Return the message of one of satchel's errors; empty for any other exception."""
    with suppress(Exception):
        if issubclass(type(error), SatchelError):
            return str(error.message)  # type: ignore[attr-defined]
    return ""


def _system_message(error: BaseException) -> str:
    """Return the system's text for an error number, and the file; empty for any other exception."""
    kind = type(error)
    if not issubclass(kind, OSError) or module_of(kind) != "builtins":
        return ""  # such as those of TLS and name look-ups, whose numbers mean something else
    with suppress(Exception):
        number, name = (OSError.__dict__[each].__get__(error) for each in ("errno", "filename"))
        if type(number) is int:
            where = f" ({name!r})" if type(name) in {str, bytes, int} else ""
            return f"{os.strerror(number).lower()}{where}"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, each once."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MOST_EXCEPTIONS:
        seen.add(id(current))
        yield current
        cause = cause_of(current)
        current = context_of(current) if cause is None else cause
