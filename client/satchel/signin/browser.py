"""Opening the owner's browser: the program that BROWSER names, else the system's.

A separate process opens it, because a browser may print, block or fail, and none of that may disturb the command.
"""

import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

# Isolated (-I), so that no module in the current directory is imported instead of the standard library's.
_COMMAND: Final = (sys.executable, "-I", "-c", "import sys, webbrowser; webbrowser.open(sys.argv[1])")


def open_browser(url: str, variables: Mapping[str, str]) -> None:
    """Open an address in the browser, or do nothing if there is none. Return at once."""
    threading.Thread(target=_run, args=(url, variables), daemon=True).start()


def _run(url: str, variables: Mapping[str, str]) -> None:
    """Open an address, and wait for the process, so that it does not stay behind as a zombie."""
    with suppress(OSError):
        subprocess.run(
            [*_COMMAND, url],
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the command, not the browser
            check=False,
        )
