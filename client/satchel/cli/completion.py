"""Shell completion: what a shell asks for while a command line is typed. Never fails, never asks, no network."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from satchel.cli.environment import Environment, Streams
from satchel.cli.options import Globals
from satchel.cli.root import root

COMPLETION_VARIABLE = "_SATCHEL_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


def complete(instruction: str, environment: Environment, streams: Streams) -> int:
    """Answer a shell's question (`bash_complete` and the like); whatever goes wrong is an empty answer."""
    shell, _, what = instruction.partition("_")
    kind = get_completion_class(shell)
    if kind is None or what != "complete":
        return 1
    asked = kind(root, {"obj": Globals(environment, streams)}, "satchel", COMPLETION_VARIABLE)
    try:
        answer = asked.complete()
    except Exception:  # noqa: BLE001  a line half typed has no wrong answer, only none
        return 1
    streams.write(f"{answer}\n".encode())
    return 0


def script(shell: str) -> str:
    """Return the script that makes a shell ask."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for the shell {shell!r}")
    return ShellComplete.source(kind(root, {}, "satchel", COMPLETION_VARIABLE))
