"""Threads: the events of a block, grouped by place of work, regardless of the terminal.

A repository is a place of work, and so is a directory outside of any. Two terminals in one repository are one thread;
one terminal that changes between two repositories belongs to both. A short visit elsewhere belongs to what it
interrupts, and the way to a repository belongs to the work there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from satchel.memory.formation.moments import Moment
from satchel.memory.model import Event

Key = tuple[str, str]
"""A host, and a repository or directory there."""

NEAR_MS: Final = 10 * 60_000  # between a visit and what it belongs to
_SHORT_VISIT: Final = 2  # telling events of a visit to another repository
_SHORT_STAY: Final = 3  # telling events outside of any repository


@dataclass(slots=True)
class _Run:
    """Successive events of one session in one place."""

    key: Key
    is_repository: bool
    moments: list[Moment] = field(default_factory=list)

    @property
    def telling(self) -> int:
        return sum(moment.matters for moment in self.moments)

    @property
    def has_commit(self) -> bool:
        return any(moment.is_commit for moment in self.moments)

    def is_near(self, other: "_Run") -> bool:
        """Whether little time passes between this run and another one."""
        first, last = (
            (self, other) if self.moments[0].event.at_ms <= other.moments[0].event.at_ms else (other, self)
        )
        return last.moments[0].event.at_ms - first.moments[-1].end_ms <= NEAR_MS


def threads_of(moments: Sequence[Moment]) -> list[list[Moment]]:
    """Return the threads of a block, each in order."""
    sessions: dict[str, list[_Run]] = {}
    for moment in moments:
        runs = sessions.setdefault(_session_of(moment.event), [])
        key, is_repository = _place_of(moment.event)
        if not runs or runs[-1].key != key:
            runs.append(_Run(key, is_repository))
        runs[-1].moments.append(moment)
    threads: dict[Key, list[Moment]] = {}
    for runs in sessions.values():
        for run, key in zip(runs, _keys(runs), strict=True):
            threads.setdefault(key, []).extend(run.moments)
    places = {id(moment): place for place, moment in enumerate(moments)}
    return [sorted(thread, key=lambda moment: places[id(moment)]) for thread in threads.values()]


def _session_of(event: Event) -> str:
    return (
        f"{event.source} {event.host} {event.session}"
        if event.source == "shell"
        else f"{event.source} {event.repository}"
    )


def _place_of(event: Event) -> tuple[Key, bool]:
    if event.repository:
        return (event.host, event.repository), True
    place = event.place
    if event.source == "files":
        place = str(PurePosixPath(place).parent)
    return (event.host, place or event.session), False


def _keys(runs: Sequence[_Run]) -> Iterable[Key]:
    """Return the place that each run belongs to."""
    keys = [run.key for run in runs]
    for at, run in enumerate(runs):
        before = runs[at - 1] if at and run.is_near(runs[at - 1]) else None
        after = runs[at + 1] if at + 1 < len(runs) and run.is_near(runs[at + 1]) else None
        keys[at] = _key(run, before, after, keys[at - 1] if before else None)
    return keys


def _key(run: _Run, before: _Run | None, after: _Run | None, key_before: Key | None) -> Key:
    if run.has_commit:
        return run.key
    if run.is_repository:
        is_visit = run.telling <= _SHORT_VISIT and before and after and before.key == after.key
        if (is_visit or not run.telling) and key_before is not None:
            return key_before
        return after.key if not run.telling and after else run.key
    if run.telling > _SHORT_STAY:
        return run.key
    leads = after is not None and after.is_repository and (before is None or run.moments[-1].command.begins)
    if leads and after is not None:
        return after.key
    return key_before if before is not None and key_before is not None else run.key
