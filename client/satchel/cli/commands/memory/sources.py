"""`satchel memory on`, `off`, `hook` and `record`: the sources of the memory."""

from pathlib import Path
from typing import Final, Literal

import click

from satchel.cli.app import App
from satchel.cli.arguments import WordType
from satchel.cli.commands.memory.group import memory
from satchel.cli.memory_forgetting import forget_events
from satchel.cli.memory_opening import bring_up_to_date, host_name, now_ms, open_memory
from satchel.cli.options import pass_app
from satchel.cli.program import find_program
from satchel.cli.terminal.text import format_count
from satchel.errors import NotFoundError, UsageError
from satchel.local_files import remove
from satchel.memory import SOURCES, MemoryStore, Source
from satchel.memory.control import WatchedSource
from satchel.memory.model import SHELLS, Shell
from satchel.memory.recording import MAX_BYTES, parse
from satchel.memory.recording import record as record_event
from satchel.memory.shell_hooks import (
    block,
    hook_file,
    hook_script,
    read_start_file,
    shell_of,
    start_file,
    with_block,
    without_block,
    write_hook,
    write_start_file,
)

WhatIsKept = Literal["keep", "forget"]
_WHEN: Final = {"shell": "; new shells record your commands", "git": "; each commit at once"}

shell_option = click.option(
    "--shell", "shells", multiple=True, type=WordType(SHELLS), metavar="NAME", help="bash, zsh or fish, repeatable; your login shell by default."
)  # fmt: skip


@memory.subcommand(
    "on",
    examples=[
        ("satchel memory on shell", "install a hook into your login shell"),
        ("satchel memory on shell --shell zsh --shell fish", "into these shells"),
        ("satchel memory on git ~/src/parser ~/src/api", "your commits in two repositories"),
        ("satchel memory on git ~/src/parser --hook", "and each commit at once, by a hook"),
        ("satchel memory on files ~/notes", "the notes in a folder"),
        ("satchel memory on agents", "what agents note over MCP"),
    ],
)
@click.argument("source", type=WordType(SOURCES), metavar="SOURCE")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH…]")
@shell_option
@click.option("--no-hook", is_flag=True, help="Install nothing; load the hook yourself: satchel memory hook.")
@click.option(
    "--hook", "by_hook", is_flag=True, help="With git: also install a hook that records each commit at once."
)
@click.option("--everyone", is_flag=True, help="With git: everyone's commits, not only yours.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def on(
    app: App,
    /,
    *,
    source: Source,
    paths: tuple[Path, ...],
    shells: tuple[Shell, ...],
    no_hook: bool,
    by_hook: bool,
    everyone: bool,
    yes: bool,
) -> None:
    """Turn a source on: shell, git, agents or files.

    With shell, satchel adds a block to your shell's start file, after showing it to you. Each command is then
    recorded with its directory, exit code, duration, session and host, never with its output. For git and
    files, name the repositories or folders. With --hook, satchel adds a block to the post-commit hook of each
    repository and keeps an existing hook.
    """
    if (_watched(source) is not None) != bool(paths):
        raise UsageError(
            "name the repositories or folders to record" if not paths else f"{source} takes no path",
            hint="satchel memory on git PATH, satchel memory on files FOLDER",
        )
    if by_hook and source != "git":
        raise UsageError("--hook is for git", hint="satchel memory on git PATH --hook")
    files: list[str] = []
    if source == "shell" and not no_hook:
        files = _install(app, shells or _login_shell(app), yes=yes)
    places = _places(app, source, paths, everyone=everyone)
    if by_hook:
        from satchel.cli.commands.memory.git_hook import install_hooks  # noqa: PLC0415  the hook of a shell waits for it

        files = install_hooks(
            app, [path for path, _ in places], lambda question: _agree(app, question, yes=yes)
        )
    _turn_on(app, source, places)
    app.out.answer(
        {"source": source, "on": True, "files": files, "places": [path for path, _ in places]},
        f"the memory records {source}{_WHEN[source] if files else ''}",
    )


def _places(app: App, source: Source, paths: tuple[Path, ...], *, everyone: bool) -> list[tuple[str, str]]:
    """Return the places to watch, with the positions at which reading begins."""
    from satchel.memory.git_source import find_authors, find_root  # noqa: PLC0415

    variables = app.environment.variables
    if source == "git":
        roots = [find_root(path.expanduser().absolute(), variables) for path in paths]
        return [(root, find_authors(root, variables, everyone=everyone).dump()) for root in roots]
    for path in paths:
        if not path.expanduser().is_dir():
            raise NotFoundError(f"there is no folder '{path}'", hint="name a folder of notes")
    return [(str(path.expanduser().resolve()), "") for path in paths]


def _turn_on(app: App, source: Source, places: list[tuple[str, str]]) -> None:
    with MemoryStore.create(app.home) as opened:
        opened.control.turn_on(source, now_ms())
        watched = _watched(source)
        if watched is not None:
            for path, position in places:
                opened.control.watch(watched, path, position)
        bring_up_to_date(app, opened)


def _watched(source: Source) -> WatchedSource | None:
    """Return a source that takes in named places; None for any other."""
    match source:
        case "git" | "files":
            return source
        case _:
            return None


# -- the hook of a shell ------------------------------------------------------------------------


def _login_shell(app: App) -> tuple[Shell, ...]:
    shell = shell_of(app.environment.variables)
    if shell is None:
        raise UsageError("your login shell has no hook", hint="name one: --shell bash, zsh or fish")
    return (shell,)


def _user_home(app: App) -> Path:
    return Path(app.environment.variables.get("HOME") or Path.home())


def _install(app: App, shells: tuple[Shell, ...], *, yes: bool) -> list[str]:
    """Show and add the marked blocks. Return the changed files."""
    variables, program = app.environment.variables, find_program()
    changes = []
    for shell in dict.fromkeys(shells):
        path = start_file(shell, _user_home(app), variables)
        hook = hook_file(shell, app.home)
        before = read_start_file(path)
        changes.append((shell, path, before, with_block(before, shell, hook), block(shell, hook)))
    for _, path, before, after, added in changes:
        if before != after:
            app.out.notice(f"this is added to {path}:\n\n{added}")
    if any(before != after for _, _, before, after, _ in changes):
        _agree(app, "add it?", yes=yes)
    for shell, path, before, after, _ in changes:
        write_hook(shell, program, app.home)
        if before != after:
            write_start_file(path, after)
    return [str(path) for _, path, *_ in changes]


def _agree(app: App, question: str, *, yes: bool) -> None:
    if yes:
        return
    if not app.out.can_ask:
        raise UsageError(
            "this needs your consent, and there is no terminal to ask on",
            hint="add --yes; or go on without: satchel memory on shell --no-hook, satchel memory on git PATH",
        )
    if not app.out.confirm(question):
        raise UsageError("cancelled; nothing was changed")


def _uninstall(app: App) -> list[str]:
    """Remove the blocks and hooks of every shell. Return the changed files."""
    changed = []
    for shell in SHELLS:
        path = start_file(shell, _user_home(app), app.environment.variables)
        before = read_start_file(path)
        if without_block(before) != before:
            write_start_file(path, without_block(before))
            changed.append(str(path))
        remove(hook_file(shell, app.home))
    return changed


@memory.subcommand(
    "hook",
    examples=[
        ('eval "$(satchel memory hook bash)"', "load it in this shell alone"),
        ("satchel memory hook fish | source", "in fish"),
    ],
)
@click.argument("shell", type=WordType(SHELLS), metavar="SHELL")
@pass_app
def hook(app: App, /, *, shell: Shell) -> None:
    """Print the hook of a shell: bash, zsh or fish. The source shell must be on: satchel memory on shell --no-hook."""
    script = hook_script(shell, find_program(), app.home)
    app.out.text(lambda: {"shell": shell, "script": script}, lambda _color: script)


@memory.subcommand("record", examples=[("satchel memory record", "the hook of a shell calls it")])
@pass_app
def record(app: App, /) -> None:
    """Record one command from a shell's hook, on standard input. You never need to call this."""
    if app.out.can_ask:
        raise UsageError("the hook of your shell calls this", hint="install it: satchel memory on shell")
    now = now_ms()
    event = parse(app.streams.stdin.read(MAX_BYTES + 1), now, host_name())
    added = record_event(app.home, event, now)
    app.out.answer({"recorded": added is not None}, "")


# -- off ----------------------------------------------------------------------------------------


@memory.subcommand(
    "off",
    examples=[
        ("satchel memory off shell", "remove the hook; you are asked about what was recorded"),
        ("satchel memory off git ~/src/parser", "one repository; the others stay"),
        ("satchel memory off files --forget", "and erase what it recorded"),
    ],
)
@click.argument("source", type=WordType(SOURCES), metavar="SOURCE")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH…]")
@click.option("--keep", "kept", flag_value="keep", help="Keep what it recorded.")
@click.option("--forget", "kept", flag_value="forget", help="Erase what it recorded.")
@pass_app
def off(app: App, /, *, source: Source, paths: tuple[Path, ...], kept: WhatIsKept | None) -> None:
    """Turn a source off, and keep or erase what it recorded. Hooks in shells and repositories are removed."""
    watched = _watched(source)
    if paths and watched is None:
        raise UsageError(f"{source} takes no path")
    with open_memory(app) as opened:
        places = [] if watched is None else _chosen_places(opened, watched, paths)
        found = [
            event
            for event in opened.events(source=source)
            if not paths
            or any(event.place == place or event.place.startswith(f"{place}/") for place in places)
        ]
        kept = kept or _ask_what_stays(app, source, len(found))
        files = _uninstall(app) if source == "shell" else []
        if source == "git":
            from satchel.cli.commands.memory.git_hook import remove_hooks  # noqa: PLC0415  as above

            files = remove_hooks(app, places)
        if watched is not None:
            for place in places:
                opened.control.unwatch(watched, place)
        is_off = watched is None or not opened.control.watched(watched)
        if is_off:
            opened.control.turn_off(source)
        forgotten = forget_events(app, opened, found) if kept == "forget" else 0
    count = (
        f"forgot {format_count(forgotten, 'event')}"
        if kept == "forget"
        else f"kept {format_count(len(found), 'event')}"
    )
    app.out.answer(
        {"source": source, "on": not is_off, "files": files, "places": places, "forgotten": forgotten},
        f"{source} is {'off' if is_off else 'on for the other places'}; {count}",
    )


def _chosen_places(opened: MemoryStore, source: WatchedSource, paths: tuple[Path, ...]) -> list[str]:
    watched = [each.path for each in opened.control.watched(source)]
    if not paths:
        return watched
    chosen = [str(path.expanduser().resolve()) for path in paths]
    for place in chosen:
        if place not in watched:
            raise NotFoundError(f"'{place}' is not recorded", hint="satchel memory status lists what is")
    return chosen


def _ask_what_stays(app: App, source: str, count: int) -> WhatIsKept:
    if not count:
        return "keep"
    if not app.out.can_ask:
        raise UsageError(
            f"the memory has {format_count(count, 'event')} from {source}; say what happens to them",
            hint="--keep or --forget",
        )
    answer = app.out.ask(f"keep the {format_count(count, 'event')} from {source}? [Y/n] ").lower()
    return "keep" if answer in {"", "y", "yes"} else "forget"
