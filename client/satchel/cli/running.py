"""Running one command in this process, and reporting its errors."""

import traceback

import click

from satchel.cli.environment import Environment, Globals, Streams, find_home
from satchel.cli.root import root
from satchel.cli.settings_file import SettingDefaults
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError, UsageError
from satchel.spelling import closest


def run(arguments: list[str], environment: Environment, streams: Streams) -> int:
    """Run a command line, report any error, and return the exit code."""
    options = Globals(environment, streams)
    try:
        code = _invoke(arguments, options)
    except click.UsageError as exc:
        return _report(_usage_error(exc), options, arguments)
    except SatchelError as exc:
        return _report(exc, options, arguments)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except UnicodeEncodeError as exc:
        return _report(_not_utf8(arguments, exc, debug=options.debug), options, arguments, exc)
    except Exception as exc:  # noqa: BLE001  the only place that catches everything
        return _report(_translate(exc, debug=options.debug), options, arguments, exc)
    return code


def _invoke(arguments: list[str], options: Globals) -> int:
    defaults = SettingDefaults(lambda: find_home(options))
    try:
        with root.make_context("satchel", list(arguments), obj=options, default_map=defaults) as context:
            root.invoke(context)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.exceptions.NoArgsIsHelpError as exc:
        options.streams.write(f"{exc.message}\n".encode())
    return 0


def _report(
    error: SatchelError, options: Globals, arguments: list[str], cause: BaseException | None = None
) -> int:
    """Print an error. `arguments` may contain a --json that was not parsed before the error."""
    as_json = options.json or "--json" in arguments
    output = Output(options.streams, as_json=as_json, quiet=options.quiet, color=options.environment.color)
    if options.debug:
        output.trace(_trace(cause or error))
    output.error(error)
    return error.exit_code


def _usage_error(error: click.UsageError) -> UsageError:
    """Return click's error in our style: lowercase, no full stop, and a hint."""
    path = error.ctx.command_path if error.ctx else "satchel"
    message, hint = error.format_message(), f"see {path} --help"
    if isinstance(error, (click.NoSuchOption, click.exceptions.NoSuchCommand)):
        message = error.message
        meant = _meant(error)
        if meant:
            hint = f"did you mean {meant}? otherwise {hint}"
    message = message.rstrip(".").replace("\n", " ")
    return UsageError(f"{message[:1].lower()}{message[1:]}", hint=hint)


def _meant(error: click.NoSuchOption | click.exceptions.NoSuchCommand) -> str | None:
    """Return the option or command whose name is close to the one given; click's own suggestions are far-fetched."""
    if error.ctx is None:
        return None
    command = error.ctx.command
    if isinstance(error, click.NoSuchOption):
        names = {
            name.lstrip("-"): name for param in command.params for name in param.opts + param.secondary_opts
        }
        return names.get(closest(error.option_name.lstrip("-"), names) or "")
    return closest(
        error.command_name, command.list_commands(error.ctx) if isinstance(command, click.Group) else ()
    )


def _not_utf8(arguments: list[str], error: UnicodeEncodeError, *, debug: bool) -> SatchelError:
    """Name the argument whose bytes are not UTF-8: Python keeps them as lone surrogates, which no text may hold."""
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            return UsageError(
                f"the argument {argument!r} is not valid UTF-8", hint="type or name it in UTF-8"
            )
    return _translate(error, debug=debug)


def _translate(error: Exception, *, debug: bool) -> SatchelError:
    """Return an unexpected error without its message, which may contain a Piece's text."""
    notes = "; ".join(getattr(error, "__notes__", ()))  # where a text that was typed is kept
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename!r})" if error.filename else ""
        return SatchelError(f"the system reports: {error.strerror.lower()}{where}", hint=notes)
    if isinstance(error, MemoryError):
        return SatchelError("there is not enough memory; the command stopped", hint=notes)
    hint = notes or ("" if debug else "run it again with --debug to see where")
    return SatchelError(f"unexpected {type(error).__name__}; the command stopped", hint=hint)


def _trace(error: BaseException) -> str:
    """Return a traceback with the messages of satchel's own and system errors only."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        message = f": {current}" if isinstance(current, (SatchelError, OSError)) else ""
        frames = traceback.format_list(traceback.extract_tb(current.__traceback__))
        lines[:0] = [*frames, f"{type(current).__name__}{message}\n"]
        current = current.__cause__ or current.__context__
    return "".join(lines)
