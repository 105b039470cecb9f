"""Running one command inside the process: click on one side, exit codes on the other."""

import traceback

import click

from satchel.cli.environment import Environment, Streams
from satchel.cli.options import Globals, find_home
from satchel.cli.root import root
from satchel.cli.settings_file import SettingDefaults
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError, UsageError


def run(arguments: list[str], environment: Environment, streams: Streams) -> int:
    """Run the command line `arguments` and return its exit code; says everything itself."""
    given = Globals(environment, streams)
    try:
        defaults = SettingDefaults(lambda: find_home(given))
        with root.make_context("satchel", list(arguments), obj=given, default_map=defaults) as context:
            root.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        streams.write(f"{asked.message}\n".encode())
        return 0
    except click.UsageError as wrong:
        return _report(_usage(wrong), given, arguments)
    except SatchelError as failed:
        return _report(failed, given, arguments)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as unexpected:  # noqa: BLE001  the one place that catches everything
        return _report(_translate(unexpected, debug=given.debug), given, arguments, unexpected)
    return 0


def _report(
    error: SatchelError, given: Globals, arguments: list[str], cause: BaseException | None = None
) -> int:
    """Say what went wrong, also when the arguments could not be read to their end."""
    as_json = given.json or "--json" in arguments
    output = Output(given.streams, as_json=as_json, quiet=given.quiet, color=given.environment.color)
    if given.debug:
        output.trace(_trace(cause or error))
    output.error(error)
    return error.exit_code


def _usage(wrong: click.UsageError) -> UsageError:
    """Say click's message in the house's way: lowercase, no full stop, and where to read on."""
    path = wrong.ctx.command_path if wrong.ctx else "satchel"
    message, hint = wrong.format_message(), f"see {path} --help"
    if isinstance(wrong, (click.NoSuchOption, click.exceptions.NoSuchCommand)):
        message = wrong.message
        if wrong.possibilities:
            hint = f"did you mean {wrong.possibilities[0]}? otherwise {hint}"
    message = message.rstrip(".").replace("\n", " ")
    return UsageError(f"{message[:1].lower()}{message[1:]}", hint=hint)


def _translate(unexpected: Exception, *, debug: bool) -> SatchelError:
    """Name an unexpected error without repeating its message, which may hold a Piece's text."""
    if isinstance(unexpected, OSError) and unexpected.strerror:
        where = f" ({unexpected.filename!r})" if unexpected.filename else ""
        return SatchelError(f"the system says: {unexpected.strerror.lower()}{where}")
    hint = "" if debug else "run it again with --debug to see where"
    return SatchelError(f"unexpected {type(unexpected).__name__}; nothing more was done", hint=hint)


def _trace(error: BaseException) -> str:
    """Return where an error happened: frames and types, with the messages of our own errors only."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        told = f": {current}" if isinstance(current, (SatchelError, OSError)) else ""
        frames = traceback.format_list(traceback.extract_tb(current.__traceback__))
        lines[:0] = [*frames, f"{type(current).__name__}{told}\n"]
        current = current.__cause__ or current.__context__
    return "".join(lines)
