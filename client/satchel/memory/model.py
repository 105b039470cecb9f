"""Events, as sources record them, and episodes, which are made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Source = Literal["shell", "git", "agents", "files"]
"""Where an event is from: a shell's hook, commits, what an agent noted, or a watched folder of notes."""
SOURCES: Final[tuple[Source, ...]] = ("shell", "git", "agents", "files")

Shell = Literal["bash", "zsh", "fish"]
SHELLS: Final[tuple[Shell, ...]] = ("bash", "zsh", "fish")
"""The shells that have a hook."""

Outcome = Literal["done", "failed", "open"]
"""How an episode ended: its last telling event succeeded, or failed, or nothing tells."""
COMMITTED: Final = "committed: "
"""The start of each line of `Episode.done` that holds the subject of a commit."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time and a place. Its texts hold no secrets: they are replaced before it is made.

    `text` is a command, the message of a commit, a note, or the name and first lines of a file. `place` is the
    directory, or the file; `repository` the root of the work tree that holds it, empty if none does. `session` names
    the shell's session, or the agent. `detail` holds what only one source has, such as "commit", "branch" and "files"
    (one name a line) of a commit, or "client" and "version" of an agent.
    """

    source: Source
    at_ms: int  # since 1970, UTC: when it began
    text: str = field(repr=False)
    place: str = ""
    repository: str = ""
    session: str = ""
    host: str = ""
    duration_ms: int = 0
    exit_code: int | None = None
    detail: Mapping[str, str] = field(default_factory=dict, repr=False)
    id: int = 0  # of the database; 0 for an event that is not in it


@dataclass(frozen=True, slots=True)
class Episode:
    """Events that belong together by time, place and topic. All texts are taken from its events."""

    start_ms: int
    end_ms: int
    title: str = field(repr=False)
    done: str = field(repr=False)  # what was done, a few lines
    repository: str = ""
    places: tuple[str, ...] = ()
    commands: tuple[str, ...] = field(default=(), repr=False)  # those that mattered
    files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    outcome: Outcome = "open"
    events: tuple[int, ...] = ()  # their ids
    agents: tuple[str, ...] = ()  # agents that wrote some of its events; empty if all are the owner's
    hosts: tuple[str, ...] = ()
    id: int = 0

    @property
    def commits(self) -> list[str]:
        """The subjects of its commits, in order."""
        lines = self.done.splitlines()
        return [line.removeprefix(COMMITTED) for line in lines if line.startswith(COMMITTED)]

    @property
    def text(self) -> str:
        """Everything it tells, one item a line, with the title first."""
        return "\n".join((self.title, self.done, *self.commands, *self.files, *self.links))


SummaryKind = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Summary:
    """A day or a week of the owner's calendar in a few lines, one for each repository. Texts are from its episodes."""

    kind: SummaryKind
    start_ms: int
    end_ms: int
    title: str = field(repr=False)
    text: str = field(repr=False)
