"""The scripts that bind Ctrl-G in bash, zsh and fish to the picker."""

import shlex
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")


def script_for(shell: str, words: Sequence[str]) -> str:
    """Return the script that lets Ctrl-G insert what a program prints; `words` start it."""
    text = (files(__name__) / f"pick.{shell}").read_text("utf-8")
    return text.replace("@PROGRAM@", " ".join(_quoted(word, shell) for word in words))


def _quoted(word: str, shell: str) -> str:
    if shell == "fish":
        return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return shlex.quote(word)
