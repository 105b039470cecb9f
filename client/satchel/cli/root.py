"""The `satchel` command: its help, and lazy loading of the modules of commands."""

import importlib

import click
from click.shell_completion import CompletionItem

from satchel.cli.options import Group, global_options, print_and_exit
from satchel.cli.registry import ALIASES, COMMANDS, SECTIONS
from satchel.version import VERSION


class Root(Group):
    """Lists commands from the registry and imports a command only when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return the command."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"satchel.cli.commands.{entry.module}")
        found = getattr(module, entry.attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{entry.module}.{entry.attribute} is not a command")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name. Raise NoSuchCommand if there is none."""
        args = [ALIASES.get(args[0], args[0]), *args[1:]]
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_middle(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section."""
        del ctx
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<10}", entry.help) for name, entry in entries.items()])
        aliases = ", ".join(f"{alias} is {name}" for alias, name in ALIASES.items())
        formatter.write_paragraph()
        formatter.write_text(f"Other names: {aliases}.")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without importing the command."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=entry.help)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    if value and not ctx.resilient_parsing:
        print_and_exit(ctx, f"satchel {VERSION}")


root = Root(
    "satchel",
    help="Keep the small things that developers keep: snippets, notes, commands, screenshots. "
    "Everything stays on this device unless you back it up or share it.",
    no_args_is_help=True,
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_print_version,
            help="Show the version and exit.",
        ),
        *global_options(),
    ],
)
root.examples = [
    ("satchel init", "create a store"),
    ("satchel save notes.md --tag work", "save a file as a Piece"),
    ('satchel search "http header lang:python"', "find it again"),
]
