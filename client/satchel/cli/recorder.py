"""`satchel memory record` as the hook of a shell starts it: without what only other commands need."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.cli.environment import Streams
from satchel.errors import SatchelError
from satchel.memory.recording import MAX_BYTES, parse, record

_LEAST_PRIORITY: Final = 10


def record_quickly(home: str, streams: Streams) -> int:
    """Take in one command from standard input, behind everything else that runs; return an exit code.

    Nobody reads what it would print, so an error is an exit code alone.
    """
    now_ms = time.time_ns() // 1_000_000
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal may be closed meanwhile
    with suppress(OSError):
        os.nice(_LEAST_PRIORITY)
    try:
        event = parse(streams.stdin.read(MAX_BYTES + 1), now_ms, os.uname().nodename)
        record(Path(home), event, now_ms)
    except SatchelError as exc:
        return exc.exit_code
    return 0
