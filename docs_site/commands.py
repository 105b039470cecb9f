"""Every command of satchel, as its help describes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import click

from satchel.cli.options import CommandWithSubcommands, GlobalOption, HelpWithExamples
from satchel.cli.registry import COMMANDS
from satchel.cli.root import root

Entry = tuple[str, str]
_WRAPPED: Final = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Manual:
    """One command: its words, its usage, its paragraphs, and its options and examples with their meanings."""

    words: tuple[str, ...]
    usage: str
    summary: str
    paragraphs: tuple[str, ...]
    options: tuple[Entry, ...]
    global_options: tuple[Entry, ...]
    examples: tuple[Entry, ...]
    subcommands: tuple["Manual", ...] = ()

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return " ".join(self.words)

    @property
    def page(self) -> str:
        """The name of its manual page, such as `satchel-recovery`."""
        return "-".join(self.words[:2])


def manuals() -> Iterator[Manual]:
    """Yield every command, in the order of `satchel --help`, each with its subcommands."""
    for name, entry in COMMANDS.items():
        found = root.get_command(click.Context(root), name)
        if isinstance(found, HelpWithExamples):
            yield _read(found, ("satchel", name), entry.help)


def overview() -> Manual:
    """Return the command `satchel` itself."""
    return _read(root, ("satchel",), "keep the small things that developers keep")


def _read(command: HelpWithExamples, words: tuple[str, ...], summary: str) -> Manual:
    context = click.Context(command, info_name=words[-1])
    paragraphs = [_WRAPPED.sub(" ", part.strip()) for part in (command.help or "").split("\n\n")]
    inner = command.commands if isinstance(command, (click.Group, CommandWithSubcommands)) else {}
    return Manual(
        words,
        " ".join([*words, *command.collect_usage_pieces(context)]),
        summary,
        tuple(part for part in paragraphs if part),
        tuple(_entries(command, context, is_global=False)),
        tuple(_entries(command, context, is_global=True)),
        tuple(command.examples),
        tuple(
            _read(each, (*words, name), each.get_short_help_str(200))
            for name, each in inner.items()
            if isinstance(each, HelpWithExamples)
        ),
    )


def _entries(command: HelpWithExamples, context: click.Context, *, is_global: bool) -> Iterator[Entry]:
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is None or not record[1] or param.name == "help":
            continue
        if isinstance(param, GlobalOption) == is_global:
            yield record[0], _WRAPPED.sub(" ", record[1])
