"""Peers of recall, over the same events and questions: full-text search and grep.

The peers are given the true borders: each event that they find stands for its true episode.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import apsw

from models.oracles.memory.diary import Diary

EVENTS: Final = 400
_WORD: Final = re.compile(r"\w+")


class FullText:
    """SQLite's FTS5 with BM25 and Porter stems, over single events or over whole true episodes; any word matches."""

    def __init__(self, diary: Diary, *, whole_episodes: bool = False) -> None:
        self._diary = diary
        self._whole = whole_episodes
        self._database = apsw.Connection(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='porter unicode61')")
        self._database.executemany(
            "INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(self._texts(), 1)
        )

    def _texts(self) -> Iterable[str]:
        texts = [f"{one.text}\n{one.place}\n{one.detail.get('files', '')}" for one in self._diary.events]
        if not self._whole:
            return texts
        return ["\n".join(texts[place] for place in one.events) for one in self._diary.episodes]

    def find(self, question: str, limit: int = 5) -> list[Sequence[int]]:
        """Return the events of the best episodes."""
        terms = dict.fromkeys(_WORD.findall(question))
        match = " OR ".join(f'"{term}"' for term in terms)
        sql = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        rows = [int(row[0]) - 1 for row in self._database.execute(sql, (match, EVENTS))] if terms else []
        numbers = rows if self._whole else [self._diary.episode_of[row] for row in rows]
        return [self._diary.episodes[number].events for number in list(dict.fromkeys(numbers))[:limit]]


def grep(diary: Diary, question: str, limit: int = 5) -> list[Sequence[int]]:
    """Return the episodes of the lines with the most of the question's longer words, the latest first."""
    words = {word.lower() for word in _WORD.findall(question) if len(word) > 3}
    scores = [
        (sum(word in one.text.lower() for word in words), place) for place, one in enumerate(diary.events)
    ]
    best = sorted((pair for pair in scores if pair[0]), reverse=True)
    numbers = dict.fromkeys(diary.episode_of[place] for _, place in best)
    return [diary.episodes[number].events for number in list(numbers)[:limit]]
