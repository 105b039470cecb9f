"""Running one row in a process of its own, so that its time limit ends it whatever it does.

    figures = run(lambda: secret_rows(sets), limit_s=600)

A signal in the same process does not end a row inside a regular expression or a library that swallows exceptions.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess

from models.evaluation.figures import Figure

Measure = Callable[[], Sequence[Figure]]


class RowError(Exception):
    """A row has no figures; the message says why."""


class TimedOutError(RowError):
    """A row took longer than its limit, and was ended."""


def run(measure: Measure, limit_s: float) -> list[Figure]:
    """Return what a row measures. Raise TimedOutError after the limit, with the row's processes killed.

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
    if not receiver.poll(limit_s):
        raise TimedOutError(f"timed out after {limit_s:g} s")
    try:
        found = receiver.recv()
    except EOFError:
        process.join()
        raise RowError(f"ended without figures (exit code {process.exitcode})") from None
    if isinstance(found, Exception):
        raise found
    return list(found)


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
