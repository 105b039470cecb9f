"""Running one row in a process of its own, so that its time limit ends it whatever it does.

    figures = run(lambda: secret_rows(sets), limit_s=600)

A signal in the same process does not end a row inside a regular expression or a library that swallows exceptions. The
limit is one of processor time, so that a busy machine ends no row that would have finished on a quiet one; a row that
waits ends after three times as long.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Final

from models.evaluation.figures import Figure

Measure = Callable[[], Sequence[Figure]]

LONGEST: Final = 3
"""A row takes at most so many times its limit by the clock."""
_STEP_S: Final = 0.5


class RowError(Exception):
    """A row has no figures; the message says why."""


class TimedOutError(RowError):
    """A row took longer than its limit, and was ended."""


def run(measure: Measure, limit_s: float) -> list[Figure]:
    """Return what a row measures. Raise TimedOutError after so much processor time, with the row's processes killed.

    Whatever else goes wrong in the row is RowError, or the row's own exception if it can be sent.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(measure, sender))
    process.start()
    sender.close()
    try:
        return _received(receiver, process, limit_s)
    finally:
        _end(process)
        receiver.close()


def _received(receiver: Connection, process: ForkProcess, limit_s: float) -> list[Figure]:
    started = time.monotonic()
    while not receiver.poll(_STEP_S):
        if cpu_s(process.pid or 0) > limit_s:
            raise TimedOutError(f"timed out after {limit_s:g} s of processor time")
        if time.monotonic() - started > LONGEST * limit_s:
            raise TimedOutError(f"timed out after {LONGEST * limit_s:g} s")
    try:
        found = receiver.recv()
    except EOFError:
        process.join()
        raise RowError(f"ended without figures (exit code {process.exitcode})") from None
    if isinstance(found, Exception):
        raise found
    return list(found)


def cpu_s(pid: int) -> float:
    """Return the processor time of a process and of those it has waited for; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _measure(measure: Measure, sender: Connection) -> None:
    """Send the figures, or the exception, from the row's process, which leads a group with those that it starts."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the group
    try:
        sender.send(list(measure()))
    except Exception as error:  # noqa: BLE001 - raised again by the parent
        sender.send(error)


def _end(process: ForkProcess) -> None:
    """Kill the row's process and every one that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()
