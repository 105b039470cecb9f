"""`satchel memory commands` and `widget`: searching the commands of the shell."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import NumberType, WordType, limit_option
from satchel.cli.commands.memory.group import memory, time_of
from satchel.cli.memory_opening import open_memory
from satchel.cli.options import pass_app
from satchel.cli.program import find_program
from satchel.cli.terminal.text import Column, format_duration, format_moment
from satchel.cli.views import moment
from satchel.errors import NotFoundError, UsageError
from satchel.memory import MemoryStore
from satchel.memory.history import Found, Query, often_run, search
from satchel.memory.model import SHELLS, Shell
from satchel.memory.shell_hooks import widget_script

COLUMNS: Final = (
    Column("TIME", dim=True),
    Column("EXIT", right=True),
    Column("TOOK", right=True, spare=True, dim=True),
    Column("DIRECTORY", shrinks=True, dim=True),
    Column("COMMAND", shrinks=True),
)
MAX_OFTEN: Final = 1_000
EVERYWHERE: Final = "everywhere"
HERE: Final = "here"
SESSION: Final = "this session"


@memory.subcommand(
    "commands",
    examples=[
        ("satchel memory commands pytest headers", "newest first"),
        ("satchel memory commands gcm", "the characters in their order: git commit -m"),
        ("satchel memory commands --here --failed", "what failed in this directory"),
        ("satchel memory commands --unsaved", "what you run often, and have not saved"),
        ("satchel memory commands --pick", "choose one on a full screen"),
    ],
)
@click.argument("words", nargs=-1, metavar="[WORD…]")
@click.option(
    "--directory", type=click.Path(path_type=Path), metavar="DIR", help="Only commands in a directory."
)
@click.option("--here", is_flag=True, help="Only commands in this directory.")
@click.option("--session", metavar="ID", help="Only commands of one session of a shell.")
@click.option("--host", metavar="NAME", help="Only commands on one computer.")
@click.option(
    "--exit", "exit_code", type=NumberType(255, minimum=0), metavar="N", help="Only with this exit code."
)
@click.option("--failed", is_flag=True, help="Only with an exit code other than 0.")
@click.option(
    "--unsaved",
    is_flag=True,
    help="Only commands that are worth saving: run three times or more, and in no Piece.",
)
@click.option("--pick", is_flag=True, help="Choose one on a full screen, and print it alone.")
@limit_option(50, "commands")
@pass_app
def commands(
    app: App,
    /,
    *,
    words: tuple[str, ...],
    directory: Path | None,
    here: bool,
    session: str | None,
    host: str | None,
    exit_code: int | None,
    failed: bool,
    unsaved: bool,
    pick: bool,
    limit: int,
) -> None:
    """Search the recorded commands, newest first, each once.

    Search is fuzzy: gcm finds git commit -m. Put ' before a word to match it exactly. A word with capitals is
    case-sensitive. Nothing is ever run.
    """
    place = Path.cwd() if here or (pick and directory is None) else directory
    query = Query(
        " ".join(words),
        directory=None if place is None else str(place.expanduser().absolute()),
        session=session or None,
        host=host,
        exit_code=exit_code,
        failed=failed,
    )
    with open_memory(app) as opened:
        if pick and unsaved:
            raise UsageError("--pick and --unsaved exclude each other", hint="give one of them")
        if pick:
            _pick(app, opened, query)
            return
        found = _unsaved(app, opened, query, limit) if unsaved else search(opened, query, limit)
    app.out.table(lambda: {"commands": [_fields(each) for each in found]}, COLUMNS, map(_row, found))


def _unsaved(app: App, opened: MemoryStore, query: Query, limit: int) -> list[Found]:
    """Return the commands that were run often and are in no Piece, the most frequent first."""
    from satchel.cli.indexed import known_contents  # noqa: PLC0415  this option alone opens the store

    often = often_run(opened, query, MAX_OFTEN)
    known = known_contents(app, [found.command for found in often])
    return [found for found in often if found.command not in known][:limit]


def _pick(app: App, opened: MemoryStore, query: Query) -> None:
    """Let the owner choose a command and print it as it is. Raise NotFoundError if none was chosen."""
    from satchel.cli.terminal.picker import pick  # noqa: PLC0415

    def find(text: str, view: str, count: int) -> list[tuple[str, str]]:
        wanted = replace(
            query,
            text=text,
            directory=query.directory if view == HERE else None,
            session=query.session if view == SESSION else None,
        )
        return [(_before(each), each.command) for each in search(opened, wanted, max(count, 1))]

    views = (EVERYWHERE, HERE, *((SESSION,) if query.session else ()))
    try:
        chosen = pick(find, query.text, views=views)
    except OSError as exc:
        raise UsageError("there is no terminal to choose on", hint="leave out --pick") from exc
    if chosen is None:
        raise NotFoundError("no command was chosen")
    app.out.answer({"command": chosen}, chosen, brief=chosen)


def _before(found: Found) -> str:
    mark = " " if found.exit_code == 0 else "!"
    return f"{format_moment(time_of(found.at_ms))} {mark} "


def _row(found: Found) -> Sequence[str]:
    return (
        format_moment(time_of(found.at_ms)),
        "" if found.exit_code is None else str(found.exit_code),
        format_duration(found.duration_ms / 1000),
        found.directory,
        found.command,
    )


def _fields(found: Found) -> dict[str, Any]:
    return {
        "command": found.command,
        "time": moment(time_of(found.at_ms)),
        "directory": found.directory,
        "exit_code": found.exit_code,
        "duration_ms": found.duration_ms,
    }


@memory.subcommand(
    "widget",
    examples=[
        ('eval "$(satchel memory widget zsh)"', "in ~/.zshrc, after the hook"),
        ("satchel memory widget fish | source", "in config.fish"),
    ],
)
@click.argument("shell", type=WordType(SHELLS), metavar="SHELL")
@pass_app
def widget(app: App, /, *, shell: Shell) -> None:
    """Print a script that lets Ctrl-R search these commands: bash, zsh or fish.

    The command that you choose appears on the command line, where you can edit it; nothing runs until you
    press Enter.
    """
    script = widget_script(shell, find_program(), app.home)
    app.out.text(lambda: {"shell": shell, "script": script}, lambda _color: script)
