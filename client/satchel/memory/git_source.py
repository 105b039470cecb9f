"""Commits of the repositories that the owner named, read by the git program.

A repository may be hostile: its configuration can name commands that git runs. `git log` is started so that none of
them run: no pager, hooks, signatures, external diffs or file monitors, no configuration but the repository's own, and
no connection, even if objects are missing (a partial clone). git itself refuses a repository of another user.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError, UsageError
from satchel.memory.control import Watched
from satchel.memory.filtering import filtered
from satchel.memory.model import Event

TIMEOUT_S: Final = 60
MAX_COMMITS: Final = 20_000
MAX_OUTPUT_BYTES: Final = 64 * 2**20
MAX_TIPS: Final = 5_000
MAX_FILES: Final = 200
"""Of one commit; the rest are not named."""
_SETTINGS: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.alternateRefsCommand=true",
    "log.showSignature=false",
    "log.mailmap=false",
    "diff.external=",
    "protocol.allow=never",
    "maintenance.auto=false",
    "gc.auto=0",
)
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
}

_FIELDS: Final = 7
_TIME: Final = re.compile(r"[0-9]{1,11}")  # commits before 1970 are left out by --since


@dataclass(frozen=True, slots=True)
class Position:
    """How far a repository was read: the commits at the tips of its branches, and whose commits are taken in."""

    authors: tuple[str, ...] = ()  # e-mail addresses; empty: everyone's
    tips: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Return the position of a text of `dump`; the beginning for any other."""
        try:
            found = json.loads(text)
            return cls(tuple(map(str, found["authors"])), tuple(map(str, found["tips"])))
        except (ValueError, TypeError, KeyError):
            return cls()

    def dump(self) -> str:
        """Return the position as a text."""
        return json.dumps({"authors": self.authors, "tips": self.tips})


class Git:
    """Runs git in one repository, with nothing of the environment but PATH."""

    def __init__(self, root: str, variables: Mapping[str, str]) -> None:
        self.root = root
        self._environment = {**_ENVIRONMENT, "PATH": variables.get("PATH", os.defpath)}

    def run(self, *arguments: str, given: str = "") -> bytes:
        """Return what git prints. Raise SatchelError if it fails, takes too long or prints too much."""
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = ["git", "--no-pager", *settings, "-C", self.root, *arguments]
        try:
            ended = subprocess.run(
                command,
                input=given.encode(),
                env=self._environment,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError as exc:
            raise SatchelError("the program 'git' is not installed", hint="install git") from exc
        except subprocess.TimeoutExpired as exc:
            raise SatchelError(f"git takes more than {TIMEOUT_S} seconds to read '{self.root}'") from exc
        if ended.returncode or len(ended.stdout) > MAX_OUTPUT_BYTES:
            raise SatchelError(f"git cannot read '{self.root}': {_reason(ended)}")
        return ended.stdout


def _reason(ended: "subprocess.CompletedProcess[bytes]") -> str:
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ")[:200] if ended.returncode and lines else "too much output"


def find_root(path: Path, variables: Mapping[str, str]) -> str:
    """Return the root of the work tree that holds a path, or a bare repository itself.

    Raise UsageError if it is in none, SatchelError if git refuses it.
    """
    if not path.is_dir():
        raise UsageError(f"'{path}' is not a directory")
    git = Git(str(path), variables)
    try:
        root = git.run("rev-parse", "--show-toplevel")
    except SatchelError:
        root = git.run("rev-parse", "--absolute-git-dir")  # a bare repository
    return os.fsdecode(root).rstrip("\n")


def find_authors(root: str, variables: Mapping[str, str], *, everyone: bool) -> Position:
    """Return the position at which reading a repository begins: the commits of the owner, as git names them.

    Everyone's commits, if asked for or if git knows no e-mail address of the owner.
    """
    if everyone:
        return Position()
    environment = {name: value for name, value in variables.items() if not name.startswith("GIT_")}
    found = subprocess.run(
        ["git", "-C", root, "config", "--get", "user.email"],  # noqa: S607  the owner's git
        env=environment,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    email = found.stdout.decode("utf-8", "replace").strip()
    return Position((email,)) if email else Position()


def read_commits(
    place: Watched, since_ms: int, host: str, variables: Mapping[str, str]
) -> tuple[list[Event], str]:
    """Return the commits since a position that are newer than a time, and the new position.

    Their secrets are replaced. Raise SatchelError if the repository cannot be read.
    """
    position = Position.parse(place.position)
    git = Git(place.path, variables)
    tips = _tips(git)
    if set(tips.values()) == set(position.tips):
        return [], place.position
    known = _present(git, position.tips)
    events = [
        replace(event, host=host)
        for event in _log(git, (*tips, *(f"^{one}" for one in known)), since_ms)
        if not position.authors or event.detail["author"] in position.authors
    ]
    return events, Position(position.authors, tuple(sorted(set(tips.values())))).dump()


def _tips(git: Git) -> dict[str, str]:
    """Return the local branches, and HEAD if it is none of them, with their commits."""
    listed = git.run(
        "for-each-ref", f"--count={MAX_TIPS}", "--format=%(refname)%00%(objectname)", "refs/heads"
    )
    pairs = (line.split("\0") for line in os.fsdecode(listed).splitlines() if "\0" in line)
    tips = {pair[0]: pair[1] for pair in pairs}
    try:
        head = git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except SatchelError:  # no commit yet
        return tips
    return tips if head in tips.values() else {**tips, "HEAD": head}


def _present(git: Git, commits: Sequence[str]) -> list[str]:
    """Return those of some commits that the repository still has."""
    known = [one for one in commits if one.isalnum()]
    if not known:
        return []
    listed = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", given="\n".join(known) + "\n")
    return [line.split()[0] for line in listed.decode().splitlines() if line.endswith(" commit")]


def _log(git: Git, revisions: Iterable[str], since_ms: int) -> Iterator[Event]:
    """Yield the commits that some revisions reach, of a time and later."""
    mark = os.urandom(16).hex()  # no file is called so
    listed = git.run(
        "log", "--stdin", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-show-signature",
        "--no-mailmap", "--source", f"--max-count={MAX_COMMITS}", f"--since={since_ms // 1000}",
        f"--format={mark}%x00%H%x00%at%x00%ae%x00%S%x00%B%x00",
        given="\n".join(revisions) + "\n",
    )  # fmt: skip
    yield from parse_log(listed, mark, git.root)


def parse_log(listed: bytes, mark: str, root: str) -> Iterator[Event]:
    """Yield the commits in the answer of git, without their secrets. Raise SatchelError if it is none."""
    for text in listed.decode("utf-8", "backslashreplace").split(mark)[1:]:
        fields = text.split("\0")
        if len(fields) < _FIELDS or not _TIME.fullmatch(fields[2]):
            raise SatchelError(f"git's answer about '{root}' is not what satchel expects", hint="update git")
        _, commit, at_s, author, branch, message, *files = fields
        kept = [name for name in (each.strip("\n") for each in files) if name][:MAX_FILES]
        detail = {
            "commit": commit,
            "branch": branch.removeprefix("refs/heads/"),
            "author": author,
            "files": "\n".join(kept),
        }
        at_ms = int(at_s) * 1000
        yield Event("git", at_ms, filtered(message.strip()), place=root, repository=root, detail=detail)
