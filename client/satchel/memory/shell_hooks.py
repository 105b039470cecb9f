"""The hooks of shells: their scripts, and the marked block in the file that a shell reads when it starts.

script = hook_script("bash", program, home)                # for HOME/memory-hook.bash
text = with_block(text, "bash", hook_file)                 # for ~/.bashrc; with_block of its result changes nothing
text = without_block(text)
"""

import os
import shlex
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.local_files import replacing, translate_os_errors, write_private
from satchel.memory.model import SHELLS, Shell

BEGIN: Final = "# >>> satchel memory >>>"
END: Final = "# <<< satchel memory <<<"
_MAX_START_FILE_BYTES: Final = 4 * 2**20


def shell_of(variables: Mapping[str, str]) -> Shell | None:
    """Return the owner's login shell, None if it has no hook."""
    name = Path(variables.get("SHELL", "")).name
    return next((shell for shell in SHELLS if shell == name), None)


def start_file(shell: Shell, user_home: Path, variables: Mapping[str, str]) -> Path:
    """Return the file that an interactive shell reads when it starts."""
    if shell == "bash":
        return user_home / ".bashrc"
    if shell == "zsh":
        return Path(variables.get("ZDOTDIR") or user_home) / ".zshrc"
    return Path(variables.get("XDG_CONFIG_HOME") or user_home / ".config") / "fish" / "config.fish"


def hook_file(shell: Shell, home: Path) -> Path:
    """Return where the hook of a shell stands in the home."""
    return home / f"memory-hook.{shell}"


def quoted(text: str, shell: Shell) -> str:
    """Return a text as one word of a shell."""
    if shell == "fish":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return shlex.quote(text)


def hook_script(shell: Shell, program: Path, home: Path) -> str:
    """Return the hook of a shell, which starts `program` for each command."""
    return _script("hook", shell, (str(program), "memory", "record", "--home", str(home)))


def widget_script(shell: Shell, program: Path, home: Path) -> str:
    """Return the script that binds Ctrl-R to the search of commands."""
    return _script("widget", shell, (str(program), "memory", "commands", "--pick", "--home", str(home)))


def _script(name: str, shell: Shell, words: Sequence[str]) -> str:
    script = (files("satchel.memory") / "hooks" / f"{name}.{shell}").read_text("utf-8")
    return script.replace("@PROGRAM@", " ".join(quoted(word, shell) for word in words))


def block(shell: Shell, hook: Path) -> str:
    """Return the marked block that loads the hook, if it is there: a home may be on a drive."""
    name = quoted(str(hook), shell)
    load = f"test -r {name}; and source {name}" if shell == "fish" else f"[ -r {name} ] && . {name}"
    return f"{BEGIN}\n{load}\n{END}\n"


def without_block(text: str) -> str:
    """Return a start file without the marked block, however often it is there. SatchelError if one has no end."""
    while BEGIN in text:
        before, _, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            raise SatchelError(
                f"the line {END!r} is missing in the file that your shell reads",
                hint="remove the block by hand",
            )
        gap = "\n" if before.strip() else ""
        text = before.removesuffix("\n") + gap + after.removeprefix("\n")
    return text


def with_block(text: str, shell: Shell, hook: Path) -> str:
    """Return a start file with the marked block once, at its end."""
    rest = without_block(text)
    gap = "" if not rest or rest.endswith("\n\n") else "\n" if rest.endswith("\n") else "\n\n"
    return f"{rest}{gap}{block(shell, hook)}"


def read_start_file(path: Path) -> str:
    """Return the text of a start file, byte for byte in surrogates where it is no UTF-8; empty if there is none."""
    with translate_os_errors(path):
        if not path.exists():
            return ""
        if not path.is_file() or path.stat().st_size > _MAX_START_FILE_BYTES:
            raise SatchelError(f"'{path}' is not a file that satchel can change")
        return path.read_bytes().decode("utf-8", "surrogateescape")


def write_start_file(path: Path, text: str) -> None:
    """Replace a start file in one step, keeping its mode. A link stays, and its target is replaced."""
    with translate_os_errors(path):
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        with replacing(target) as file:
            os.fchmod(file.fileno(), mode)
            file.write(text.encode("utf-8", "surrogateescape"))


def write_hook(shell: Shell, program: Path, home: Path) -> Path:
    """Write the hook of a shell into the home, private, and return where it stands."""
    path = hook_file(shell, home)
    write_private(path, hook_script(shell, program, home).encode())
    return path
