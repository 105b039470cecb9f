"""Recall: which episodes a question is about, by its time, place and topic.

    found = recall(memory, "what did I try against the flaky test last week in repo parser", local_now())
    for episode, score, reason in found: print(episode.title, reason)

Time and place restrict, the topic ranks: BM25 over the words of an episode, fused with how near its meaning is to the
question if an encoder is given (`satchel.models.embedding`). A question without a topic gets the episodes that matter
most. Only episodes are searched, never events.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import apsw

from satchel.memory.database import MemoryStore
from satchel.memory.episode_tables import episodes_with
from satchel.memory.model import Episode
from satchel.memory.recall.scope import Scope, find_scope, named_scope
from satchel.memory.recall.topics import Topic, topic_of
from satchel.memory.time_expressions import TimeSpan, find_time
from satchel.store.database import rows

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

__all__ = ["Evidence", "Question", "Recalled", "evidence_of", "read_question", "recall", "recall_question"]

DEFAULT_LIMIT: Final = 5
CANDIDATES: Final = 200  # by words, and as many by meaning
COLUMN_WEIGHTS: Final = (3.0, 1.5, 1.0)  # title, commands, the rest
WORDS_WEIGHT: Final = 0.6
MEANING_WEIGHT: Final = 0.4
LEAST_COSINE: Final = 0.35  # of an episode that only its meaning finds
MOST_COMPARED: Final = 5_000  # by meaning, of a time or a place
MOST_EVIDENCE: Final = 6

# A cross join searches the words once; SQLite's own order is to do so for every episode.
_MATCHES: Final = (
    "SELECT episode_words.rowid, -bm25(episode_words, {0}, {1}, {2}) AS score"
    " FROM episode_words CROSS JOIN episodes ON episodes.id = episode_words.rowid"
    " WHERE episode_words MATCH ? AND {where} ORDER BY score DESC LIMIT ?"
)
_WEIGHTIEST: Final = (
    "SELECT id, weight FROM episodes WHERE {where} ORDER BY weight DESC, start_ms DESC LIMIT ?"
)
_BY_START: Final = "SELECT id FROM episodes WHERE {where} ORDER BY start_ms {order} LIMIT ?"
_ORDERS: Final = {"last": "DESC", "first": "ASC"}
_ALLOWED: Final = "SELECT id FROM episodes WHERE {where} ORDER BY weight DESC LIMIT ?"
# Episodes that begin in a span, or have half of their time in it, or all of its time.
_IN_SPAN: Final = (
    "start_ms < ? AND end_ms >= ? AND (start_ms >= ? OR end_ms - ? >= (end_ms - start_ms) / 2 OR end_ms >= ?)"
)
_OF_ALL_WORDS: Final = (
    "SELECT episodes.id FROM episode_words CROSS JOIN episodes ON episodes.id = episode_words.rowid"
    " WHERE episode_words MATCH ? AND {where} ORDER BY start_ms {order} LIMIT ?"
)


class _Allowed(NamedTuple):
    """The condition of SQL that an episode has to meet, and its values."""

    where: str
    values: Sequence[str | int]


class Recalled(NamedTuple):
    """An episode, how well it fits (higher is better), and why, in a few words."""

    episode: Episode
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The texts of an episode that answer a question: commits and notes, commands, and files."""

    done: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood: when, where and what about. `time_words` is how it names the time."""

    topic: Topic
    scope: Scope
    span: TimeSpan | None = None
    time_words: str = ""


def read_question(
    memory: MemoryStore,
    question: str,
    now: dt.datetime,
    *,
    place: str | None = None,
    span: TimeSpan | None = None,
) -> Question:
    """Understand a question. `place` and `span` are what the owner says besides; they win over the question."""
    found = find_time(question, now)
    scope, rest = find_scope(memory.connection, found.rest)
    if place is not None:
        scope = named_scope(memory.connection, place)
    return Question(topic_of(rest), scope, span or found.span, found.words)


def recall(
    memory: MemoryStore,
    question: str,
    now: dt.datetime,
    place: str | None = None,
    limit: int = DEFAULT_LIMIT,
    *,
    encoder: "Encoder | None" = None,
) -> list[Recalled]:
    """Return the episodes that a question is about, the best first. `now` has the owner's time zone."""
    with memory.reading():
        return recall_question(memory, read_question(memory, question, now, place=place), limit, encoder)


def recall_question(
    memory: MemoryStore, question: Question, limit: int = DEFAULT_LIMIT, encoder: "Encoder | None" = None
) -> list[Recalled]:
    """Return the episodes that an understood question is about, inside a transaction of the caller."""
    allowed = _Allowed(*_restriction(question))
    scores = _by_time(memory.connection, question.topic, allowed, limit)
    scores = scores or _by_topic(memory.connection, question.topic, allowed, encoder)
    is_topical = bool(scores)
    if not scores and (question.span or question.scope or not question.topic.words):
        scores = _without_topic(memory.connection, question.topic, allowed, limit)
    best = sorted(scores, key=lambda key: (-scores[key], -key))[:limit]
    found = episodes_with(memory.connection, best)
    return [
        Recalled(found[key], scores[key], _reason(question, found[key], is_topical=is_topical))
        for key in best
        if key in found
    ]


def evidence_of(episode: Episode, topic: Topic) -> Evidence:
    """Return the texts of an episode that have words of the topic, or its first ones if none has."""
    done, commands, files = (
        [text for text in texts if topic.matches(text)] or (list(texts) if fills else [])
        for texts, fills in (
            (episode.done.splitlines(), True),
            (episode.commands, True),
            (episode.files, False),
        )
    )
    return Evidence(
        tuple(done[:MOST_EVIDENCE]), tuple(commands[:MOST_EVIDENCE]), tuple(files[:MOST_EVIDENCE])
    )


def _restriction(question: Question) -> tuple[str, list[str | int]]:
    """Return the condition of SQL for the time and the place, and its values."""
    where, values = question.scope.condition()
    if question.span is None:
        return where, list(values)
    start_ms, end_ms = question.span.start_ms, question.span.end_ms
    return f"{_IN_SPAN} AND {where}", [end_ms, start_ms, start_ms, start_ms, end_ms, *values]


def _by_time(connection: apsw.Connection, topic: Topic, allowed: _Allowed, limit: int) -> dict[int, float]:
    """Return scores for a question about the last or the first time: the episodes with all words, by their time."""
    if topic.wants == "best" or not topic.words:
        return {}
    query = _OF_ALL_WORDS.format(where=allowed.where, order=_ORDERS[topic.wants])
    found = [key for (key,) in rows(connection, query, topic.expression("AND"), *allowed.values, limit)]
    found = found or _with_most_words(connection, topic, allowed)[:limit]
    return {key: 1 / place for place, key in enumerate(found, 1)}


def _without_topic(
    connection: apsw.Connection, topic: Topic, allowed: _Allowed, limit: int
) -> dict[int, float]:
    """Return scores for the episodes that matter most, or for the last or the first ones."""
    if topic.wants == "best":
        return dict(rows(connection, _WEIGHTIEST.format(where=allowed.where), *allowed.values, limit))
    query = _BY_START.format(where=allowed.where, order=_ORDERS[topic.wants])
    found = rows(connection, query, *allowed.values, limit)
    return {key: 1 / place for place, (key,) in enumerate(found, 1)}


def _with_most_words(connection: apsw.Connection, topic: Topic, allowed: _Allowed) -> list[int]:
    """Return the episodes with the most words of a topic that no episode has all words of, by their time."""
    query = _MATCHES.format(*COLUMN_WEIGHTS, where=allowed.where)
    keys = [key for key, _ in rows(connection, query, topic.expression(), *allowed.values, CANDIDATES)]
    counts = {
        episode: len(topic.found_in(episode.text)) for episode in episodes_with(connection, keys).values()
    }
    most = max(counts.values(), default=0)
    best = [episode for episode, count in counts.items() if count == most]
    return [one.id for one in sorted(best, key=lambda one: one.start_ms, reverse=topic.wants == "last")]


def _by_topic(
    connection: apsw.Connection, topic: Topic, allowed: _Allowed, encoder: "Encoder | None"
) -> dict[int, float]:
    """Return the scores of the episodes that words or meaning find, at most 1."""
    if not topic.words:
        return {}
    query = _MATCHES.format(*COLUMN_WEIGHTS, where=allowed.where)
    words: dict[int, float] = dict(rows(connection, query, topic.expression(), *allowed.values, CANDIDATES))
    best = max(words.values(), default=0.0) or 1.0
    if encoder is None:
        return {key: score / best for key, score in words.items()}
    cosines = _cosines(connection, topic, allowed, words, encoder)
    return {
        key: WORDS_WEIGHT * words.get(key, 0.0) / best + MEANING_WEIGHT * max(cosines.get(key, 0.0), 0.0)
        for key in {*words, *(key for key, cosine in cosines.items() if cosine >= LEAST_COSINE)}
    }


def _cosines(
    connection: apsw.Connection, topic: Topic, allowed: _Allowed, words: Iterable[int], encoder: "Encoder"
) -> dict[int, float]:
    """Return the cosines of the episodes that words find, and of those that are nearest in meaning."""
    from satchel.index.nearness import Nearness, Restriction  # noqa: PLC0415  it needs numpy

    near = Nearness(connection, encoder.vector(topic.text), mapped_bytes=0)
    if not allowed.values:
        return near.of({*words, *near.nearest(CANDIDATES, Restriction())})
    query = _ALLOWED.format(where=allowed.where)
    return near.of({*words, *(key for (key,) in rows(connection, query, *allowed.values, MOST_COMPARED))})


def _reason(question: Question, episode: Episode, *, is_topical: bool) -> str:
    """Return why an episode was found: its words of the question, the time, and the place."""
    found = question.topic.found_in(episode.text) if is_topical else ()
    parts = [", ".join(found) if found else "similar meaning" if is_topical else ""]
    parts += [question.time_words, question.scope.words]
    return "; ".join(part for part in parts if part)
