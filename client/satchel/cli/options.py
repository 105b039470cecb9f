"""Decorators that make commands: global options, help with examples, and the `App` argument."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, cast

import click

from satchel.cli.app import App
from satchel.cli.environment import Globals, Running

P = ParamSpec("P")
Examples = Sequence[tuple[str, str]]


def print_and_exit(ctx: click.Context, text: str) -> None:
    """Print text as the whole answer and end the command."""
    options = ctx.find_root().obj
    if isinstance(options, Globals):
        options.streams.write(f"{text}\n".encode())
    ctx.exit()


def _print_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    if value and not ctx.resilient_parsing:
        print_and_exit(ctx, ctx.get_help())


def _store_global(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Store a global option, whether it was given before or after the command's name."""
    options = ctx.find_root().obj
    if value and isinstance(options, Globals) and param.name is not None:
        setattr(options, param.name, value)


def global_options() -> list[click.Option]:
    """Return new instances of the options that every command takes."""
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
        _global("--offline", is_flag=True, help="Refuse everything that would leave this device."),
        _global("--quiet", is_flag=True, help="Print only the answer."),
        _global("--no-pager", is_flag=True, help="Never show a long answer in a pager."),
        _global("--debug", is_flag=True, help="Show a traceback for errors."),
    ]


class GlobalOption(click.Option):
    """An option that every command takes; the help lists it last."""


def _global(name: str, **attributes: Any) -> GlobalOption:  # noqa: ANN401  click's own types
    return GlobalOption([name], expose_value=False, callback=_store_global, **attributes)


class HelpWithExamples(click.Command):
    """A command whose help ends with examples and the global options."""

    examples: Examples = ()

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return --help, which prints through our streams."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _print_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options, its subcommands, its examples, and the global options."""
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
        """Write what belongs between the options and the examples."""


class Command(HelpWithExamples):
    """A command of satchel."""


class CommandWithSubcommands(Command):
    """A command that takes ids, and also has subcommands: `suggest 01KB3`, `suggest save PATH`.

    The first argument selects a subcommand if it is the name of one. After `--` it never does.
    """

    def __init__(self, *args: Any, **attributes: Any) -> None:  # noqa: ANN401  click's own types
        super().__init__(*args, **attributes)
        self.commands: dict[str, click.Command] = {}

    def add_command(self, subcommand: click.Command) -> None:
        """Add a subcommand under its name."""
        self.commands[subcommand.name or ""] = subcommand

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  click's signature
    ) -> click.Context:
        """Parse the arguments of this command, or those of the subcommand that they name."""
        at = _first_argument(args)
        if at < len(args) and args[at] in self.commands:
            name = args[at]
            left = [*args[:at], *args[at + 1 :]]
            return self.commands[name].make_context(f"{info_name} {name}", left, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_middle(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands."""
        del ctx
        if self.commands:
            rows = [(name, each.get_short_help_str(80)) for name, each in self.commands.items()]
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def _first_argument(args: list[str]) -> int:
    """Return the place of the first argument behind global options."""
    at = 0
    while at < len(args) and args[at].startswith("--") and args[at] != "--":
        at += 2 if args[at] == "--home" else 1
    return at


class Group(HelpWithExamples, click.Group):
    """A command with subcommands, such as `recovery show`."""

    def format_middle(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands."""
        rows = [(name, self.commands[name].get_short_help_str(80)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def subcommand(self, name: str, *, examples: Examples) -> Callable[[Callable[..., None]], Command]:
        """Turn the decorated function into a subcommand."""

        def decorate(function: Callable[..., None]) -> Command:
            decorated = command(name, examples=examples)(function)
            self.add_command(decorated)
            return decorated

        return decorate


def command(
    name: str, *, examples: Examples, kind: type[Command] = Command, ignore_unknown_options: bool = False
) -> Callable[[Callable[..., None]], Command]:
    """Turn the decorated function into a command with the global options and examples."""
    settings = {"ignore_unknown_options": ignore_unknown_options}

    def decorate(function: Callable[..., None]) -> Command:
        decorated = click.command(name, cls=kind, context_settings=settings)(function)
        decorated.params.extend(global_options())
        decorated.examples = examples
        return decorated

    return decorate


def group(name: str, *, examples: Examples, alone: bool = False) -> Callable[[Callable[..., None]], Group]:
    """Turn the decorated function into a command with subcommands.

    With `alone`, the function also runs without a subcommand; it must return at once if
    `click.get_current_context().invoked_subcommand` is set. Otherwise the help is shown.
    """

    def decorate(function: Callable[..., None]) -> Group:
        decorated = click.command(name, cls=Group, invoke_without_command=alone, no_args_is_help=not alone)(
            function
        )
        decorated.params.extend(global_options())
        decorated.examples = examples
        return decorated

    return decorate


device_flow_option = click.option(
    "--device-flow",
    is_flag=True,
    help="Sign in with a browser on another device. Never enter a code that somebody sent you.",
)


def pass_app(function: Callable[Concatenate[Any, P], None]) -> Callable[P, None]:
    """Pass an `App` as the first argument, created after all global options are known."""

    @functools.wraps(function)
    def with_app(*args: P.args, **kwargs: P.kwargs) -> None:
        context = click.get_current_context()
        options = cast("Globals", context.find_root().obj)
        app = App(options, context.command_path)
        options.running = Running(context.find_root().invoked_subcommand or "", app.home)
        function(app, *args, **kwargs)

    return with_app
