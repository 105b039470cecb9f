"""What the memory knows about a question: episodes of the owner's work, as materials."""

import datetime as dt
from typing import TYPE_CHECKING, Final

from satchel.asking.materials import Material
from satchel.memory.database import MemoryStore
from satchel.memory.model import Episode
from satchel.memory.recall import recall

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

LIMIT: Final = 3
LEAST_SHARE: Final = 0.5
WEIGHT: Final = 0.8
"""Of the best episode, beside the best Piece: what was done says less than what was kept."""


def recalled(
    memory: MemoryStore, question: str, now: dt.datetime, limit: int = LIMIT, encoder: "Encoder | None" = None
) -> list[Material]:
    """Return the episodes that a question is about, the best first. `now` has the owner's time zone."""
    found = recall(memory, question, now, limit=limit, encoder=encoder)
    best = max((one.score for one in found), default=0.0)
    shares = ((one.episode, one.score / best if best > 0 else 1.0) for one in found)
    return [
        Material(
            str(episode.id),
            f"{episode.title} ({_day(episode, now)})",
            _text(episode, now),
            WEIGHT * share,
            source="episode",
            events=episode.events,
        )
        for episode, share in shares
        if share >= LEAST_SHARE
    ]


def _text(episode: Episode, now: dt.datetime) -> str:
    where = f", in {episode.repository or episode.places[0]}" if episode.repository or episode.places else ""
    parts = [
        f"Worked on {_day(episode, now)}{where}. Outcome: {episode.outcome}.",
        episode.done,
        "\n".join(episode.commands),
        "\n".join(episode.files),
        "\n".join(episode.links),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def _day(episode: Episode, now: dt.datetime) -> str:
    return dt.datetime.fromtimestamp(episode.start_ms / 1000, now.tzinfo).date().isoformat()
