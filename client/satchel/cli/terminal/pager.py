"""The pager: shows an answer that is longer than the screen, as git does.

The command is SATCHEL_PAGER, else PAGER, else less. An empty command and `cat` mean none.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import Final

from satchel.cli.environment import Pager
from satchel.cli.terminal.tables import cell_width

DEFAULT: Final = "less"
_NONE: Final = frozenset({"", "cat"})
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")


def is_longer(text: str, size: os.terminal_size) -> bool:
    """Whether a text takes more rows than the screen has, leaving one for the prompt."""
    rows = 0
    for line in text.splitlines():
        rows += max(-(-cell_width(_COLOR.sub("", line)) // max(size.columns, 1)), 1)
        if rows >= size.lines:
            return True
    return False


def show(text: bytes, pager: Pager) -> bool:
    """Show a text in the pager until it ends. False if there is no pager or it cannot start."""
    chosen = DEFAULT if pager.command is None else pager.command.strip()
    if chosen in _NONE or (pager.command is None and shutil.which(DEFAULT) is None):
        return False
    try:
        process = subprocess.Popen(shlex.split(chosen), stdin=subprocess.PIPE, env=dict(pager.variables))
    except (OSError, ValueError):
        return False
    _feed(process, text)
    return True


def _feed(process: subprocess.Popen[bytes], text: bytes) -> None:
    """Write the text to the pager and wait. Ctrl-C is the pager's, and it may end before it has read everything."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with suppress(BrokenPipeError):
            process.communicate(text)
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
