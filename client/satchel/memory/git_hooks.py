"""The hook of a repository that records each commit at once: a marked block in its post-commit script.

    path = find_hook(root, variables)                       # UsageError if that script is not ours to change
    text = with_block(text, program, home)                  # after its first line; what follows decides how it ends
    text = without_block(text)

The block starts `satchel memory collect` in the background, so that no commit waits for it. Commits that the hook
misses are read later, as without it.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError, UsageError
from satchel.local_files import remove
from satchel.memory.git_source import TIMEOUT_S, Git
from satchel.memory.shell_hooks import BEGIN, END, read_start_file, without_block, write_start_file

HOOK: Final = "post-commit"
_FIRST_LINE: Final = "#!/bin/sh\n"
_SHELL: Final = re.compile(r"#! ?(?:/usr/bin/env )?(?:/\S*/)?(?:ba|da|k|z|)sh\b")


def find_hook(root: str, variables: Mapping[str, str]) -> Path:
    """Return the script that git runs after a commit in a repository, whether it exists or not.

    Raise UsageError if it is not this repository's alone, or is part of what the repository shares with others.
    """
    git = Git(root, variables)
    common = Path(root, os.fsdecode(git.run("rev-parse", "--git-common-dir")).rstrip("\n"))
    folder, named = common / "hooks", _hooks_path(root, variables)
    if named:
        folder = Path(root, named)
        if not folder.resolve().is_relative_to(Path(root).resolve()):
            raise _by_hand(folder / HOOK, "is shared with other repositories (core.hooksPath)")
    path = folder / HOOK
    if path.is_symlink():
        raise _by_hand(path, "is a link")
    if _is_tracked(git, path):
        raise _by_hand(path, "is a file of the repository, which others would get")
    return path


def line_of(program: Path, home: Path) -> str:
    """Return the line that takes in new commits in the background."""
    words = shlex.join([str(program), "memory", "collect", "--quiet", "--home", str(home)])
    return f"( trap '' HUP INT; nice -n 19 {words} </dev/null >/dev/null 2>&1 & )"


def with_block(text: str, program: Path, home: Path) -> str:
    """Return a script with the marked block once, after its first line. Raise UsageError if it is no shell script."""
    rest = without_block(text) or _FIRST_LINE
    first, _, after = rest.partition("\n")
    if not _SHELL.match(first):
        raise UsageError(
            "this repository's post-commit hook is not a shell script",
            hint=f"start satchel from it yourself: {line_of(program, home)}",
        )
    return f"{first}\n{BEGIN}\n{line_of(program, home)}\n{END}\n{after}"


def read_hook(path: Path) -> str:
    """Return the text of a hook; empty if there is none. Raise UsageError if git does not run it."""
    text = read_start_file(path)
    if text and not os.access(path, os.X_OK):
        raise UsageError(f"git does not run '{path}', because it is not executable", hint=f"chmod +x {path}")
    return text


def write_hook(path: Path, text: str) -> None:
    """Write a hook, executable; its other permissions stay."""
    is_new = not path.exists()
    write_start_file(path, text)
    if is_new:
        path.chmod(0o755)


def remove_block(root: str, variables: Mapping[str, str]) -> Path | None:
    """Remove the block from the hook of a repository; return the changed file. A hook that holds nothing else goes."""
    try:
        path = find_hook(root, variables)
        before = read_start_file(path)
    except SatchelError:  # the repository is gone, or the script never was ours to change
        return None
    after = without_block(before)
    if after == before:
        return None
    if after.strip() == _FIRST_LINE.strip():
        remove(path)
    else:
        write_start_file(path, after)
    return path


def _hooks_path(root: str, variables: Mapping[str, str]) -> str:
    """Return the setting core.hooksPath of a repository, from all of git's configuration; empty if it is not set."""
    environment = {name: value for name, value in variables.items() if not name.startswith("GIT_")}
    try:
        found = subprocess.run(
            ["git", "-C", root, "config", "--get", "--type=path", "core.hooksPath"],  # noqa: S607  the owner's git
            env=environment,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise SatchelError(f"git takes more than {TIMEOUT_S} seconds to read '{root}'") from exc
    return os.fsdecode(found.stdout).rstrip("\n")


def _is_tracked(git: Git, path: Path) -> bool:
    try:
        git.run("ls-files", "--error-unmatch", "--", str(path))
    except SatchelError:  # not of the work tree, or not tracked
        return False
    return True


def _by_hand(path: Path, why: str) -> UsageError:
    return UsageError(
        f"'{path}' {why}, so satchel does not change it",
        hint="omit --hook: commits are read when a command uses the memory; or add satchel memory collect yourself",
    )
