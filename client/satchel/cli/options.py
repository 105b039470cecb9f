"""What every command shares: the global options, the help with examples, and the types of arguments."""

import datetime as dt
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, cast

import click

from satchel.cli.environment import Environment, Streams

P = ParamSpec("P")
Examples = Sequence[tuple[str, str]]

NEVER: Final = dt.timedelta.max  # the duration that does not end
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(slots=True)
class Globals:
    """The global options as given so far, beside what the process was started with."""

    environment: Environment
    streams: Streams
    home: Path | None = None
    json: bool = False
    quiet: bool = False
    debug: bool = False


def find_home(given: Globals) -> Path:
    """Return the home: --home, else SATCHEL_HOME, else the system's place for a user's data."""
    chosen = given.home or given.environment.home
    if chosen is not None:
        return chosen.expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415  only where no home is named

    return user_data_path("satchel", appauthor=False)


def print_and_exit(ctx: click.Context, text: str) -> None:
    """Write a text that is the whole answer, and end the command."""
    given = ctx.find_root().obj
    if isinstance(given, Globals):
        given.streams.write(f"{text}\n".encode())
    ctx.exit()


def _print_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's way
    if value and not ctx.resilient_parsing:
        print_and_exit(ctx, ctx.get_help())


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep a global option wherever it was given: before the command's name or after it."""
    given = ctx.find_root().obj
    if value and isinstance(given, Globals) and param.name is not None:
        setattr(given, param.name, value)


def global_options() -> list[click.Option]:
    """Return a fresh set of the options that every command takes."""
    directory = click.Path(file_okay=False, path_type=Path)
    return [
        _global(
            "--home",
            is_eager=True,
            type=directory,
            metavar="DIR",
            help="The store's directory (or SATCHEL_HOME).",
        ),
        _global("--json", is_flag=True, help="Print one JSON document and nothing else."),
        _global("--quiet", is_flag=True, help="Say only what was asked for."),
        _global("--debug", is_flag=True, help="On an unexpected error, show where it happened."),
    ]


class GlobalOption(click.Option):
    """An option that is the same for every command; the help lists it last."""


def _global(name: str, **attributes: Any) -> GlobalOption:  # noqa: ANN401  the types are click's own
    return GlobalOption([name], expose_value=False, callback=_remember, **attributes)


class HelpWithExamples(click.Command):
    """A command whose help ends with examples, then the global options."""

    examples: Examples = ()

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return --help, which writes where everything else is written."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _print_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, its subcommands, its examples, and the global options."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and (record[1] or not isinstance(param, click.Argument)):
                (shared if isinstance(param, GlobalOption) else own).append(record)
        if own:
            with formatter.section("Options"):
                formatter.write_dl(own)
        self.format_middle(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_dl(list(self.examples), col_max=44)
        if shared:
            with formatter.section("Global options"):
                formatter.write_dl(shared)

    def format_middle(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what stands between the options and the examples."""


class Command(HelpWithExamples):
    """One command of satchel."""


class Group(HelpWithExamples, click.Group):
    """A command with subcommands, such as `recovery show`."""

    def format_middle(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands."""
        rows = [(name, self.commands[name].get_short_help_str(80)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def subcommand(self, name: str, *, examples: Examples) -> Callable[[Callable[..., None]], Command]:
        """Make the decorated function a subcommand."""

        def decorate(function: Callable[..., None]) -> Command:
            made = command(name, examples=examples)(function)
            self.add_command(made)
            return made

        return decorate


def command(
    name: str, *, examples: Examples, ignore_unknown_options: bool = False
) -> Callable[[Callable[..., None]], Command]:
    """Make the decorated function a command with the global options and at least one example."""
    settings = {"ignore_unknown_options": ignore_unknown_options}

    def decorate(function: Callable[..., None]) -> Command:
        made = click.command(name, cls=Command, context_settings=settings)(function)
        made.params.extend(global_options())
        made.examples = examples
        return made

    return decorate


def group(name: str, *, examples: Examples, alone: bool = False) -> Callable[[Callable[..., None]], Group]:
    """Make the decorated function a command with subcommands.

    With `alone`, the function runs when no subcommand is named, and must itself return at once when
    `click.get_current_context().invoked_subcommand` is set; otherwise no subcommand shows the help.
    """

    def decorate(function: Callable[..., None]) -> Group:
        made = click.command(name, cls=Group, invoke_without_command=alone, no_args_is_help=not alone)(
            function
        )
        made.params.extend(global_options())
        made.examples = examples
        return made

    return decorate


def pass_app(function: "Callable[Concatenate[Any, P], None]") -> Callable[P, None]:
    """Give a command its `App` as the first argument, made from the global options as they ended up."""

    @functools.wraps(function)
    def with_app(*args: P.args, **kwargs: P.kwargs) -> None:
        from satchel.cli.app import App  # noqa: PLC0415  help and completion need no App

        function(App(cast("Globals", click.get_current_context().find_root().obj)), *args, **kwargs)

    return with_app


class DurationType(click.ParamType[dt.timedelta]):
    """A length of time: `90s`, `30m`, `12h`, `7d`, `2w` or `never` (NEVER)."""

    name = "duration"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> dt.timedelta:
        """Read a duration."""
        if isinstance(value, dt.timedelta):
            return value
        if value == "never":
            return NEVER
        match = _DURATION.fullmatch(str(value))
        if match is None or match[1].strip("0") == "":
            self.fail(f"{value!r} is not a duration such as 30m, 12h, 7d or never", param, ctx)
        try:
            return dt.timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
        except OverflowError:
            self.fail(f"{value!r} is longer than can be counted; say never", param, ctx)


DURATION: Final = DurationType()
