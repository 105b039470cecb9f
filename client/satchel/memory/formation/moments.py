"""Events with what formation needs to know of each, computed once."""

import re
from dataclasses import dataclass
from typing import Final

from satchel.memory.formation.commands import CommandLine, files_of, read_command, topic_words
from satchel.memory.model import Event

INTERRUPTED: Final = frozenset({130, 143, 148})  # Ctrl-C, ended, and Ctrl-Z: neither success nor failure
_ISSUE: Final = re.compile(
    r"(?:#|\b(?:issue|pull|pr|bug|ticket|gh)[ /#_-]*)([0-9]{1,6})\b|\b([A-Z][A-Z0-9]{1,9}-[0-9]{1,6})\b",
    re.IGNORECASE,
)
_NO_COMMAND: Final = CommandLine()


@dataclass(frozen=True, slots=True)
class Moment:
    """An event and what it tells. `words` are of its topic; `thread` names the place of work that it belongs to."""

    event: Event
    command: CommandLine
    words: tuple[str, ...]
    files: tuple[str, ...]
    branch: str
    issue: str

    @property
    def matters(self) -> bool:
        """Whether it tells what was done."""
        return self.event.source != "shell" or self.command.matters

    @property
    def is_commit(self) -> bool:
        """Whether it records a commit, as git or the shell tells it."""
        return self.event.source == "git" or (self.command.is_commit and not self.has_failed)

    @property
    def has_failed(self) -> bool:
        """Whether a command ended with a failure, and not by an interruption."""
        code = self.event.exit_code
        return code is not None and code != 0 and code not in INTERRUPTED

    @property
    def end_ms(self) -> int:
        """When it ended."""
        return self.event.at_ms + max(self.event.duration_ms, 0)


def moment_of(event: Event) -> Moment:
    """Read an event."""
    if event.source == "shell":
        command = read_command(event.text)
        issue = _issue_of(command.branch or command.message or event.text)
        return Moment(event, command, command.words, command.files, command.branch, issue)
    files = tuple(line for line in event.detail.get("files", "").splitlines() if line)
    if not files:
        files = (
            files_of(event.text)
            if event.source == "agents"
            else (event.place,) * bool(event.source == "files")
        )
    words = tuple(dict.fromkeys((*topic_words(event.text), *topic_words(" ".join(files[:20])))))
    branch = event.detail.get("branch", "")
    return Moment(
        event, _NO_COMMAND, words, files, branch, _issue_of(f"{branch} {event.text.partition(chr(10))[0]}")
    )


def _issue_of(text: str) -> str:
    match = _ISSUE.search(text)
    return (match[1] or match[2] or "").lower() if match else ""
