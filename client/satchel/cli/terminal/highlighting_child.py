"""The child process of `highlighting`: `python highlighting_child.py SECONDS DIRECTORY`, with Pygments in DIRECTORY.

Each line of standard input is a JSON array of a text and its language. Each line of standard output is a JSON
string: the text in the sixteen colours of the terminal, which suit its background.
"""

import contextlib
import json
import resource
import signal
import sys
from typing import Final

MAX_MEMORY_BYTES: Final = 1 << 30


def main(processor_s: float, directory: str) -> None:
    """Answer until the input ends, or until the time is over: the system then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, processor_s)
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    sys.path.append(directory)
    for line in sys.stdin.buffer:
        text, language = json.loads(line)
        sys.stdout.write(json.dumps(_highlighted(text, language)) + "\n")
        sys.stdout.flush()


def _highlighted(text: str, language: str) -> str:
    """Return text in the colours of its language, or unchanged if Pygments does not know the language."""
    # Only this process imports Pygments, after its directory is known.
    from pygments import highlight  # noqa: PLC0415
    from pygments.formatters.terminal import TerminalFormatter  # noqa: PLC0415
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return text
    return highlight(text, lexer, TerminalFormatter(bg="dark"))


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
