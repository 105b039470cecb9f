"""Running one command in this process, and reporting its errors."""

import os
import time

import click

from satchel.cli.environment import Environment, Globals, Streams, find_home
from satchel.cli.root import root
from satchel.cli.settings_file import SettingDefaults
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError, UsageError
from satchel.spelling import closest


def run(arguments: list[str], environment: Environment, streams: Streams) -> int:
    """Run a command line, report any error, and return the exit code."""
    return run_with(arguments, Globals(environment, streams))


def run_with(arguments: list[str], options: Globals) -> int:
    """Do what `run` does, and leave the options that were given in `options`."""
    code = _run(arguments, options)
    _after(options, code)
    return code


def _run(arguments: list[str], options: Globals) -> int:
    try:
        return invoke(arguments, options)
    except click.UsageError as exc:
        return _report(usage_error(exc), options, arguments)
    except SatchelError as exc:
        return _report(exc, options, arguments)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except UnicodeEncodeError as exc:
        return _report(_not_utf8(arguments, exc, options), options, arguments, exc)
    except Exception as exc:  # noqa: BLE001  the only place that catches everything
        return _report(_unexpected(exc, options), options, arguments, exc)


def _after(options: Globals, code: int) -> None:
    """Count the command if the owner has agreed to that, or ask, once, on a terminal. The answer is printed already."""
    running = options.running
    if running is None or options.environment.no_tracking:
        return
    if os.path.isdir(os.path.join(running.home, "telemetry")):  # noqa: PTH112, PTH118  this runs after every command
        from satchel.telemetry.counting import count  # noqa: PLC0415  with consent only

        count(str(running.home), running.command, code, time.time())
        return
    if not options.streams.is_own_job or not options.streams.stdout_is_terminal:
        return
    from satchel.cli.consent_question import ask_once, may_ask  # noqa: PLC0415  on a terminal only

    if may_ask(options, code):
        ask_once(options, running)


def invoke(arguments: list[str], options: Globals) -> int:
    """Run a command line, let its errors through, and return the exit code."""
    defaults = SettingDefaults(lambda: find_home(options))
    try:
        with root.make_context("satchel", list(arguments), obj=options, default_map=defaults) as context:
            root.invoke(context)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.exceptions.NoArgsIsHelpError as exc:
        if not arguments and _wants_store(options):
            return invoke(["init"], options)
        options.streams.write(f"{exc.message}\n".encode())
    return 0


def _wants_store(options: Globals) -> bool:
    """Offer a store to a person who typed `satchel` alone."""
    if not options.streams.can_ask:
        return False
    from satchel.cli.first_steps import offer_store  # noqa: PLC0415  on a terminal only

    return offer_store(options)


def _report(
    error: SatchelError, options: Globals, arguments: list[str], cause: BaseException | None = None
) -> int:
    """Print an error. `arguments` may contain a --json that was not parsed before the error."""
    as_json = options.json or "--json" in arguments
    output = Output(options.streams, as_json=as_json, quiet=options.quiet, color=options.environment.color)
    if options.debug:
        from satchel.cli.unexpected import trace_of  # noqa: PLC0415

        output.trace(trace_of(error if cause is None else cause))
    output.error(error)
    return error.exit_code


def usage_error(error: click.UsageError) -> UsageError:
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


def _not_utf8(arguments: list[str], error: UnicodeEncodeError, options: Globals) -> SatchelError:
    """Name the argument whose bytes are not UTF-8: Python keeps them as lone surrogates, which no text may hold."""
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            return UsageError(
                f"the argument {argument!r} is not valid UTF-8", hint="type or name it in UTF-8"
            )
    return _unexpected(error, options)


def _unexpected(error: Exception, options: Globals) -> SatchelError:
    from satchel.cli.unexpected import translate  # noqa: PLC0415  after a crash only

    return translate(error, options)
