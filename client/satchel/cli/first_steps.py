"""The first five minutes: a store for a person who types `satchel` alone, and the questions of `satchel init`.

    if not arguments and offer_store(options): ...        # `satchel` alone, without a store
    guide(app, root_secret)                               # after `satchel init` created one

Questions are asked only on a terminal. Only yes is a yes; Enter skips a question and changes nothing.
"""

import shlex
from collections.abc import Callable
from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.environment import Globals, find_home
from satchel.cli.recovery_words import confirm, draw_words, knows_some
from satchel.cli.root import root
from satchel.cli.terminal.output import Output
from satchel.keys import RootSecret, to_phrase
from satchel.store import STORE_FILE


def offer_store(options: Globals) -> bool:
    """Ask on a terminal whether to create a store, if there is none. Return whether the owner said yes."""
    home = find_home(options)
    if not (options.streams.can_ask and options.streams.stdout_is_terminal) or (home / STORE_FILE).exists():
        return False
    out = Output(options.streams, as_json=False, quiet=False, color=False)
    out.note("satchel keeps snippets, notes, commands and screenshots in one directory on this computer.")
    return out.confirm(f"there is no store yet; create one in {home}?")


def guide(app: App, load_secret: Callable[[], RootSecret]) -> None:
    """Help a new owner to write down the recovery words and to import what other programs keep."""
    _write_down_words(app, load_secret)
    _import_collections(app)
    app.out.note(
        "\nnext:\n"
        "  satchel save FILE          save a file; - saves standard input\n"
        "  satchel search WORDS       find it again\n"
        "  satchel open               see everything in your browser\n"
        "  satchel completion SHELL   complete commands with Tab"
    )


def _write_down_words(app: App, load_secret: Callable[[], RootSecret]) -> None:
    """Show the words, clear the screen, and ask for three of them."""
    app.out.note("\n24 recovery words open your backups on another computer. Nobody can replace them.")
    if not app.out.confirm("show them now, to write them down?"):
        app.out.note("later: satchel recovery show")
        return
    secret = load_secret()
    app.out.notice(f"\n{draw_words(to_phrase(secret).split())}\n")
    app.out.ask("write them down on paper, in this order, then press Enter to clear the screen ")
    click.clear()
    if knows_some(app, secret):
        confirm(app, secret)
        app.out.note("the words are right")
    else:
        app.out.note("these are not the words; compare them with the paper, then: satchel recovery check")


def _import_collections(app: App) -> None:
    from satchel.exchange.usual_places import find_collections  # noqa: PLC0415  costs over 20 ms

    user_home = app.environment.variables.get("HOME")
    for found in find_collections(Path(user_home)) if user_home else ():
        if app.out.confirm(f"\nimport the snippets of {found.program} from {found.path}?"):
            _run_import(found.path, found.kind)
        else:
            app.out.note(f"later: satchel import {shlex.quote(str(found.path))} --from {found.kind}")


def _run_import(path: Path, kind: str) -> None:
    context = click.get_current_context()
    command = root.get_command(context, "import")
    if command is not None:
        context.invoke(command, source=str(path), kind=kind)
