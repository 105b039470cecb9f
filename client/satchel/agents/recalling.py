"""The tool `recall`: what the device remembers of the owner's work, and notes that agents leave there."""

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.agents.arguments import RecallArguments, RecalledEpisode, RecallResult
from satchel.agents.budget import Budget, beginning, leading, tokens_in_json
from satchel.agents.withholding import Stop
from satchel.errors import RefusedError, UsageError
from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.memory.forming import form_new
from satchel.memory.notes import record_note
from satchel.memory.recall import Recalled, recall
from satchel.memory.time_expressions import LocalZone, local_now
from satchel.models.embedding import is_available, open_encoder

FORMING_BUDGET_S: Final = 1.0
_SHARE: Final = 0.1


def has_memory(home: Path) -> bool:
    """Whether the owner has ever switched the memory on."""
    return (home / MEMORY_FILE).is_file()


@dataclass(frozen=True, slots=True)
class Rememberer:
    """The memory of a home, for one call."""

    memory: MemoryStore
    stop: Stop

    def recall(self, arguments: RecallArguments) -> RecallResult:
        """Return the episodes that a question is about, the best first."""
        form_new(self.memory, LocalZone(), budget_s=FORMING_BUDGET_S, advance=lambda _events: self.stop())
        encoder = open_encoder() if is_available() else None
        found = recall(self.memory, arguments.question, local_now(), limit=arguments.limit, encoder=encoder)
        budget, episodes = Budget(arguments.max_tokens), list[RecalledEpisode]()
        for one in found:
            entry = _told(one, budget.tokens)
            if not budget.fits(tokens_in_json(entry)):
                break
            episodes.append(entry)
        return RecallResult(episodes=episodes, total=len(found), truncated=budget.was_cut)


def leave_note(home: Path, text: str, *, agent: str, client: str, version: str) -> bool:
    """Record a note of an agent in the memory. Return whether it was recorded: the owner may not want any."""
    now_ms = time.time_ns() // 1_000_000
    try:
        record_note(home, agent, text, now_ms=now_ms, client=client, version=version)
    except (RefusedError, UsageError):
        return False
    return True


def notes_of(memory: MemoryStore, agent: str, since_ms: int) -> list[Event]:
    """Return what an agent noted since a time, oldest first."""
    return [event for event in memory.events(since_ms, source="agents") if event.session == agent]


def _told(recalled: Recalled, tokens: int) -> RecalledEpisode:
    episode, most = recalled.episode, int(tokens * _SHARE)
    return RecalledEpisode(
        start=_moment(episode.start_ms),
        end=_moment(episode.end_ms),
        title=beginning(episode.title, most // 2),
        done=beginning(episode.done, most),
        repository=beginning(episode.repository, most // 4),
        commands=leading(episode.commands, most),
        files=leading(episode.files, most // 2),
        outcome=episode.outcome,
        reason=beginning(recalled.reason, most // 4),
        agents=leading(episode.agents, most // 2),
    )


def _moment(at_ms: int) -> str:
    return (
        dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
    )
