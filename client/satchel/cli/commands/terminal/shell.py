"""`satchel shell`: print the script that binds Ctrl-G to the picker."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import WordType
from satchel.cli.options import command, pass_app
from satchel.cli.program import find_program
from satchel.cli.widgets import SHELLS, script_for


@command(
    "shell",
    examples=[
        ('eval "$(satchel shell zsh)"', "in ~/.zshrc; the same for bash in ~/.bashrc"),
        ("satchel shell fish | source", "in config.fish"),
    ],
)
@click.argument("shell", type=WordType(SHELLS), metavar="SHELL")
@pass_app
def shell(app: App, /, *, shell: str) -> None:
    """Print a script for bash, zsh or fish that lets Ctrl-G insert a saved command.

    Ctrl-G opens satchel pick. The command that you pick is inserted at the cursor, with its placeholders
    filled in. You can edit it; nothing runs until you press Enter.
    """
    words = (str(find_program()), "pick", "--command", "--print", "--shell", shell, "--home", str(app.home))
    script = script_for(shell, words)
    app.out.text(lambda: {"shell": shell, "script": script}, lambda _color: script)
