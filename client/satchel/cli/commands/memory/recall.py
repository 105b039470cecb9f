"""`satchel recall`: find episodes of the owner's work by a question."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import limit_option
from satchel.cli.commands.memory.episode_views import (
    BOLD,
    DIM,
    FAILED,
    INDENT,
    TIME,
    episode_fields,
    form,
    joined,
    note_lines,
    note_waiting,
    painter,
    place_of,
    when,
)
from satchel.cli.options import command, pass_app
from satchel.cli.views import moment
from satchel.errors import UsageError
from satchel.memory import MemoryStore
from satchel.memory.model import COMMITTED, Summary
from satchel.memory.recall import Question, Recalled, evidence_of, read_question, recall_question
from satchel.memory.recall.embedding import embed_new
from satchel.memory.time_expressions import TimeSpan, local_now, local_time
from satchel.models.embedding import is_available, open_encoder
from satchel.store.database import is_read_only

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

DEFAULT_LIMIT: Final = 5
EMBED_S: Final = 1.0
_ALWAYS: Final = 2**62
_LONGEST_SUMMARY_MS: Final = 62 * 86_400_000


@command(
    "recall",
    examples=[
        ("satchel recall what did I try against the flaky test last week", "a time and a topic"),
        ("satchel recall 'how did I fix the build in repo parser?'", "a place and a topic"),
        ("satchel recall what did I do yesterday", "everything, the most important first"),
        ("satchel recall docker --since 'last monday' --in ~/work/shop", "time and place as options"),
    ],
)
@click.argument("question", metavar="QUESTION...", nargs=-1, required=True)
@click.option(
    "--since", type=TIME, metavar="TIME", help="Only work since: yesterday, 'last monday', 7d, 2026-01-31."
)
@click.option("--until", type=TIME, metavar="TIME", help="Only work until the end of that time.")
@click.option(
    "--in", "place", metavar="PLACE", help="Only work in a repository, a directory, or on a computer."
)
@limit_option(DEFAULT_LIMIT, "episodes")
@pass_app
def recall(
    app: App,
    /,
    *,
    question: tuple[str, ...],
    since: TimeSpan | None,
    until: TimeSpan | None,
    place: str | None,
    limit: int,
) -> None:
    """Find what you did, by a question in your own words.

    The question can name a time ("last week", "on 3 March", "between Monday and Wednesday"), a place ("in
    repo parser", "in ~/work/shop", "on build-host") and a topic. satchel groups the recorded work into
    episodes and shows those that match, with their commits and commands. With satchel[models], it also finds
    episodes of similar meaning.
    """
    text = " ".join(question).strip()
    if not text:
        raise UsageError("nothing to recall", hint="see satchel recall --help")
    with MemoryStore.open(app.home) as memory:
        waiting = form(app, memory)
        span = _span(since, until)
        place = _absolute(place)
        asked = read_question(memory, text, local_now(), place=place, span=span)
        encoder = _encoder(memory, asked)
        with memory.reading():
            found = recall_question(memory, asked, limit, encoder)
            summaries = _summaries(memory, asked)
    app.out.custom(
        lambda: _document(asked, found, summaries, waiting),
        lambda color: _drawn(asked, found, summaries, color=color),
        (_row(one) for one in found),
    )
    if not found:
        app.out.note("nothing found")
    note_waiting(app, waiting)


def _span(since: TimeSpan | None, until: TimeSpan | None) -> TimeSpan | None:
    if since is None and until is None:
        return None
    start_ms = since.start_ms if since else 0
    end_ms = until.end_ms if until else _ALWAYS
    if start_ms > end_ms:
        raise UsageError("--since is later than --until", hint="exchange them")
    return TimeSpan(start_ms, end_ms)


def _absolute(place: str | None) -> str | None:
    """Return the whole path of a place that is a directory here or is written as one."""
    if place is None or (not place.startswith(".") and "/" not in place):
        return place
    return place if place.startswith("~") else str(Path(place).absolute())


def _encoder(memory: MemoryStore, asked: Question) -> "Encoder | None":
    """Return the model for a question with a topic, after making vectors for a limited time."""
    if not asked.topic.words or not is_available():
        return None
    encoder = open_encoder()
    if not is_read_only(memory.connection):
        embed_new(memory, encoder, EMBED_S)
    return encoder


def _summaries(memory: MemoryStore, asked: Question) -> list[Summary]:
    """Return the summaries of the days of a question about a time alone, or of the weeks if they are many."""
    span = asked.span
    if span is None or asked.topic.words or asked.scope or span.end_ms - span.start_ms > _LONGEST_SUMMARY_MS:
        return []
    found = memory.summaries(span.start_ms, span.end_ms)
    days = [one for one in found if one.kind == "day" and one.start_ms >= span.start_ms - 1]
    return days if len(days) <= 7 else [one for one in found if one.kind == "week"]


# -- output -----------------------------------------------------------------------------------


def _document(
    asked: Question, found: Sequence[Recalled], summaries: Sequence[Summary], waiting: int
) -> dict[str, Any]:
    span = asked.span
    return {
        "episodes": [_fields(asked, one) for one in found],
        "summaries": [_summary_fields(one) for one in summaries],
        "time": None
        if span is None
        else {
            "start": _moment(span.start_ms),
            "end": _moment(span.end_ms),
            "words": asked.time_words or None,
        },
        "place": asked.scope.words or None,
        "topic": list(asked.topic.words),
        "waiting": waiting,
    }


def _moment(at_ms: int) -> str | None:
    return None if at_ms >= _ALWAYS else moment(local_time(at_ms))


def _fields(asked: Question, one: Recalled) -> dict[str, Any]:
    evidence = evidence_of(one.episode, asked.topic)
    return {
        **episode_fields(one.episode),
        "score": round(one.score, 4),
        "reason": one.reason,
        "evidence": {
            "done": list(evidence.done),
            "commands": list(evidence.commands),
            "files": list(evidence.files),
        },
    }


def _summary_fields(one: Summary) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "start": _moment(one.start_ms),
        "end": _moment(one.end_ms),
        "title": one.title,
        "lines": one.text.splitlines(),
    }


def _row(one: Recalled) -> tuple[str, ...]:
    episode = one.episode
    return (str(episode.id), when(episode), place_of(episode), episode.outcome, episode.title, one.reason)


def _drawn(asked: Question, found: Sequence[Recalled], summaries: Sequence[Summary], *, color: bool) -> str:
    paint = painter(color=color)
    lines: list[str] = []
    for summary in summaries:
        lines.append(paint(DIM, f"{summary.kind} of {local_time(summary.start_ms):%Y-%m-%d %a}"))
        lines += [f"{INDENT}{paint('{}', line)}" for line in summary.text.splitlines()]
    for one in found:
        lines += (
            ["", *_episode_lines(asked, one, color=color)]
            if lines
            else _episode_lines(asked, one, color=color)
        )
    return "".join(f"{line}\n" for line in lines)


def _episode_lines(asked: Question, one: Recalled, *, color: bool) -> Iterator[str]:
    paint = painter(color=color)
    episode = one.episode
    outcome = paint(FAILED if episode.outcome == "failed" else DIM, episode.outcome)
    heading = (paint(DIM, when(episode)), paint("{}", place_of(episode)), outcome)
    yield "  ".join(part for part in heading if part)
    yield paint(BOLD, episode.title)
    evidence = evidence_of(episode, asked.topic)
    yield from (
        f"{INDENT}{paint('{}', line)}" for line in evidence.done if line != f"{COMMITTED}{episode.title}"
    )
    yield from (f"{INDENT}{paint('{}', f'$ {text}')}" for text in evidence.commands)
    files = evidence.files or episode.files
    if files:
        yield f"{INDENT}{paint(DIM, joined(files))}"
    yield from (f"{INDENT}{paint(DIM, line)}" for line in note_lines(episode))
