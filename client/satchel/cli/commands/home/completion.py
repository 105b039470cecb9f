"""`satchel completion`, and the answers to shells that complete a command line.

Answering never fails, never prompts and never uses the network.
"""

import click
from click.shell_completion import ShellComplete

from satchel.cli.app import App
from satchel.cli.environment import Environment, Globals, Streams
from satchel.cli.options import command, pass_app
from satchel.cli.root import root
from satchel.cli.shells import COMPLETION_VARIABLE, REQUESTS, SHELLS


@command(
    "completion",
    examples=[
        ('eval "$(satchel completion bash)"', "in ~/.bashrc"),
        ('eval "$(satchel completion zsh)"', "in ~/.zshrc"),
        ("satchel completion fish > ~/.config/fish/completions/satchel.fish", "once"),
    ],
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@pass_app
def completion(app: App, /, *, shell: str) -> None:
    """Print the completion script for a shell.

    It completes commands, options, ids, tags and languages. It never completes words that the shell would
    interpret.
    """
    # click's own `source` of bash warns about old versions on standard error.
    script = ShellComplete.source(SHELLS[shell](root, {}, "satchel", COMPLETION_VARIABLE))
    app.out.answer({"shell": shell, "script": script}, script, brief=script)


def complete(instruction: str, environment: Environment, streams: Streams) -> int:
    """Answer a shell's request, such as `bash_complete`; on any error, answer nothing."""
    kind = REQUESTS.get(instruction)
    if kind is None:
        return 1
    request = kind(root, {"obj": Globals(environment, streams)}, "satchel", COMPLETION_VARIABLE)
    try:
        answer = request.complete()
    except Exception:  # noqa: BLE001  an error would disturb the line that the owner is typing
        return 1
    streams.write(f"{answer}\n".encode())
    return 0
