"""`satchel completion`: the script that teaches a shell satchel's commands."""

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app


@command(
    "completion",
    examples=[
        ('eval "$(satchel completion bash)"', "in ~/.bashrc"),
        ('eval "$(satchel completion zsh)"', "in ~/.zshrc"),
        ("satchel completion fish > ~/.config/fish/completions/satchel.fish", "once"),
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_app
def completion(app: App, /, *, shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands, options, ids, tags and languages.
    """
    from satchel.cli.completion import script  # noqa: PLC0415  only for a shell

    text = script(shell)
    app.out.answer({"shell": shell, "script": text}, text, brief=text)
