"""The place that a question is about: a repository, a directory or a computer, by the names that the memory knows."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

import apsw
import msgspec

from satchel.memory.formation.summaries import name_of
from satchel.store.database import rows

_KINDS: Final = r"repo|repository|project|directory|dir|folder|host|machine|computer|server|box|laptop"
_PLACE: Final = re.compile(
    rf"\b(in|inside|at|from|under|within|on|for)\s+(?:the\s+|my\s+|our\s+)?(?:({_KINDS})\s+)?"
    rf"([~/]?[\w.@+~-]+(?:/[\w.@+~-]*)*)(?:\s+({_KINDS})\b)?",
    re.IGNORECASE,
)
# "the parser repo", "for project shop": without a preposition, the kind of place has to be named.
_NAMED: Final = re.compile(
    r"\b(?:(?:in|on|for|of|to|with|at|from)\s+)?(?:the\s+|my\s+|our\s+)?(?:"
    r"(?:repo|repository|project)\s+([\w.@+-]+)|([\w.@+-]+)\s+(?:repo|repository|project|codebase)\b)",
    re.IGNORECASE,
)
_BELOW: Final = (
    "(repository = ? OR substr(repository, 1, length(?)) = ? OR (instr(content, ?) > 0 AND EXISTS ("
    "SELECT 1 FROM json_each(content, '$.places') WHERE value = ? OR substr(value, 1, length(?)) = ?)))"
)
_HOSTS: Final = "SELECT DISTINCT host FROM episodes WHERE host <> ''"
_REPOSITORIES: Final = "SELECT DISTINCT repository FROM episodes WHERE repository <> ''"
_HOST_WORDS: Final = frozenset({"host", "machine", "computer", "server", "box", "laptop"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where: repositories by their whole paths, a directory, or a host. Empty is everywhere."""

    repositories: tuple[str, ...] = ()
    directory: str = ""
    host: str = ""
    words: str = ""  # as the question says it

    def __bool__(self) -> bool:
        return bool(self.repositories or self.directory or self.host)

    def condition(self) -> tuple[str, list[str]]:
        """Return the condition of SQL for an episode, and its values."""
        if self.repositories:
            return f"repository IN ({', '.join('?' * len(self.repositories))})", list(self.repositories)
        if self.directory:
            below = f"{self.directory.rstrip('/')}/"
            at = [self.directory, below, below]
            return _BELOW, [*at, msgspec.json.encode(self.directory).decode()[1:-1], *at]
        if self.host:
            return "host = ?", [self.host]
        return "TRUE", []


def find_scope(connection: apsw.Connection, question: str) -> tuple[Scope, str]:
    """Return where a question is about, and the question without it.

    Only known names count, since "in the parser" may be a topic as well; a path always does.
    """
    known = _Known(connection)
    for match in _PLACE.finditer(question):
        name = match[3].rstrip(".,?!")
        if name.startswith(("/", "~/")):
            return Scope(directory=_expanded(name), words=match[0]), _without(match)
        kind = (match[2] or match[4] or "").lower()
        repositories = known.repositories.get(name.lower(), ())
        if repositories and kind not in _HOST_WORDS:
            return Scope(tuple(repositories), words=match[0]), _without(match)
        if match[1].lower() in {"on", "from", "at"} or kind in _HOST_WORDS:
            host = known.host(name)
            if host:
                return Scope(host=host, words=match[0]), _without(match)
    return _named_repository(known, question)


def _named_repository(known: "_Known", question: str) -> tuple[Scope, str]:
    """Find a repository that a question names as one: "the parser repo"."""
    for match in _NAMED.finditer(question):
        repositories = known.repositories.get((match[1] or match[2]).lower().rstrip(".,?!"))
        if repositories:
            return Scope(tuple(repositories), words=match[0].strip()), _without(match)
    return Scope(), question


def _without(match: re.Match[str]) -> str:
    """Return the text that was searched, without a match."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return f"{before.rstrip()} {after.lstrip()}".strip()


def named_scope(connection: apsw.Connection, place: str) -> Scope:
    """Return the place that the owner names: a path, or the name of a repository or of a computer.

    A name that is not known is a directory that has nothing in it.
    """
    if "/" in place or place in {"~", ".", ".."}:
        return Scope(directory=_expanded(place), words=place)
    known = _Known(connection)
    repositories = known.repositories.get(place.lower(), [])
    if repositories:
        return Scope(tuple(repositories), words=place)
    host = known.host(place)
    return Scope(host=host, words=place) if host else Scope(directory=f"/{place}", words=place)


class _Known:
    """The repositories and hosts of all episodes, each read once and only if needed."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @cached_property
    def repositories(self) -> dict[str, list[str]]:
        """The repositories by their names, in lower case."""
        found: dict[str, list[str]] = {}
        for (repository,) in rows(self._connection, _REPOSITORIES):
            found.setdefault(name_of(repository).lower(), []).append(repository)
        return found

    @cached_property
    def _hosts(self) -> list[str]:
        return [str(row[0]) for row in rows(self._connection, _HOSTS)]

    def host(self, name: str) -> str:
        """Return the host with this name, with or without its domain; empty if there is none."""
        wanted = name.lower()
        return next(
            (host for host in self._hosts if wanted in {host.lower(), host.lower().partition(".")[0]}), ""
        )


def _expanded(path: str) -> str:
    with suppress(RuntimeError):  # there is no directory of the owner
        path = str(Path(path).expanduser())
    return str(PurePosixPath(path))
