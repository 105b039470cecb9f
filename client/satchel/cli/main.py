"""The entry point: parse, run one command, and turn whatever happened into one line and an exit code.

Exit codes:
    0    done
    1    failed                                  (SatchelError, or an unexpected error)
    2    wrong usage                             (UsageError)
    3    not found                               (NotFoundError)
    4    not signed in, or refused               (RefusedError)
    5    integrity: damaged, or not authentic    (IntegrityError)
    6    the cloud cannot be reached or is full  (UnreachableError)
    130  interrupted (Ctrl-C)
    141  the reader of standard output went away
"""

import os
import sys
from typing import Final

INTERRUPTED: Final = 130  # 128 + SIGINT, as a shell reports it
READER_GONE: Final = 141  # 128 + SIGPIPE


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return _reader_gone()
    return code


def _run(arguments: list[str]) -> int:
    from satchel.cli.environment import process_environment, process_streams  # noqa: PLC0415  Ctrl-C is caught

    streams = process_streams()
    if "_SATCHEL_COMPLETE" in os.environ:
        from satchel.cli.completion import complete  # noqa: PLC0415  only for a shell

        return complete(os.environ["_SATCHEL_COMPLETE"], process_environment(), streams)
    from satchel.cli.running import run  # noqa: PLC0415  Ctrl-C during the imports is caught, too

    return run(arguments, process_environment(), streams)


def _interrupted() -> int:
    sys.stderr.write("satchel: interrupted\n")
    return INTERRUPTED


def _reader_gone() -> int:
    """Point standard output at nothing, so that the interpreter's last flush is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE
