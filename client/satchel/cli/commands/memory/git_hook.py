"""`satchel memory on git --hook` and `off git`: the hook of a repository, shown before it is installed."""

from collections.abc import Callable, Iterable
from pathlib import Path

from satchel.cli.app import App
from satchel.cli.program import find_program
from satchel.memory.git_hooks import find_hook, line_of, read_hook, remove_block, with_block, write_hook


def install_hooks(app: App, roots: Iterable[str], agree: Callable[[str], None]) -> list[str]:
    """Add the block to the hook of each repository, once the owner has seen it and agrees. Return the scripts.

    Raise UsageError, changing nothing, if one of them is not for satchel to change.
    """
    program, changes = find_program(), list[tuple[Path, str, str]]()
    for root in dict.fromkeys(roots):
        path = find_hook(root, app.environment.variables)
        before = read_hook(path)
        changes.append((path, before, with_block(before, program, app.home)))
    for path, before, after in changes:
        if before != after:
            app.out.notice(f"this is added to {path}:\n\n{line_of(program, app.home)}\n")
    if any(before != after for _, before, after in changes):
        agree("add it?")
    for path, before, after in changes:
        if before != after:
            write_hook(path, after)
    return [str(path) for path, _, _ in changes]


def remove_hooks(app: App, roots: Iterable[str]) -> list[str]:
    """Remove the block from the hooks of repositories; return the changed scripts."""
    removed = (remove_block(root, app.environment.variables) for root in roots)
    return [str(path) for path in removed if path is not None]
