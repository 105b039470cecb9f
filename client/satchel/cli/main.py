"""The entry point: run one command and turn every outcome into an exit code.

Exit codes:
    0    done
    1    failed                                  (SatchelError, or an unexpected error)
    2    wrong usage                             (UsageError)
    3    not found                               (NotFoundError)
    4    not signed in, or refused               (RefusedError)
    5    integrity: damaged, or not authentic    (IntegrityError)
    6    the cloud cannot be reached or is full  (UnreachableError)
    130  interrupted (Ctrl-C)
    141  the reader of standard output closed it
"""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from satchel.imports import import_packages_first

if TYPE_CHECKING:
    from satchel.cli.environment import Globals

FAILED: Final = 1
STANDARD_ERROR: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE


def main() -> int:
    """Run this process's command line and return its exit code."""
    try:
        _occupy_closed_descriptors()
        import_packages_first()
        code = _run(sys.argv[1:])
        _flush()
    except KeyboardInterrupt as exc:
        _report(["satchel: interrupted", *(f"hint: {note}" for note in _notes(exc))])
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as exc:  # too early for `run`: no descriptors left, an unreadable installation
        where = f" ({exc.filename!r})" if exc.filename else ""
        _report([f"satchel: the system reports: {(exc.strerror or 'unknown error').lower()}{where}"])
        return FAILED
    return code


def _occupy_closed_descriptors() -> None:
    """Open /dev/null in place of closed standard streams, so that no file of ours gets their numbers."""
    if None in {sys.stdin, sys.stdout, sys.stderr}:
        while (fd := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
            pass
        os.close(fd)


def _flush() -> None:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:  # `run` has reported it
        _discard_output()


def _discard_output() -> None:
    """Redirect standard output, so that the interpreter's final flush cannot fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _notes(error: KeyboardInterrupt) -> list[str]:
    from satchel.cli.unexpected import notes_of  # noqa: PLC0415  after Ctrl-C only

    return notes_of(error)


def _report(lines: list[str]) -> None:
    with suppress(OSError, ValueError, AttributeError):  # standard error may be closed, or None
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.stderr.flush()


def _run(arguments: list[str]) -> int:
    # Imported here, so that Ctrl-C during imports is handled too.
    from satchel.cli.environment import Globals, process_environment, process_streams  # noqa: PLC0415

    options = Globals(process_environment(), process_streams())
    _replace_hooks(options)
    if "_SATCHEL_COMPLETE" in os.environ:
        from satchel.cli.commands.home.completion import complete  # noqa: PLC0415

        return complete(os.environ["_SATCHEL_COMPLETE"], options.environment, options.streams)
    # A shell's hook runs this after each command.
    if arguments[:3] == ["memory", "record", "--home"] and len(arguments) == 4:
        from satchel.cli.recorder import record_quickly  # noqa: PLC0415

        return record_quickly(arguments[3], options.streams)
    from satchel.cli.running import run_with  # noqa: PLC0415

    return run_with(arguments, options)


def _replace_hooks(options: "Globals") -> None:
    """Report unhandled exceptions without their messages, which may contain a Piece's text."""
    import threading  # noqa: PLC0415  click imports it too

    def report(error: BaseException | None, where: str) -> None:
        with suppress(Exception):  # there may be nothing left to report with
            from satchel.cli.unexpected import describe_unhandled  # noqa: PLC0415  after a crash only

            if error is not None:
                _report([describe_unhandled(error, options, where)])

    sys.excepthook = lambda _kind, error, _trace: report(error, "the command stopped")
    sys.unraisablehook = lambda args: report(args.exc_value, "it was ignored")
    threading.excepthook = lambda args: report(args.exc_value, "a part of the command stopped")
