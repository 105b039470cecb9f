"""The views Settings and See: the sources of the memory, the memory as a timeline, and forgetting."""

import datetime as dt
from collections import deque
from collections.abc import Iterable
from typing import Final

from satchel.errors import NotFoundError, UsageError
from satchel.memory import Episode, MemoryStore, Range
from satchel.memory.forming import form_new
from satchel.memory.model import Summary
from satchel.memory.time_expressions import local_now
from satchel.pieces.model import moment
from satchel.store.database import is_read_only
from satchel.window.calls import Call
from satchel.window.core import Document, command
from satchel.window.documents import shown
from satchel.window.messages.base import Nothing
from satchel.window.messages.records import (
    EpisodeView,
    ForgetMemoryRequest,
    MemoryForgotten,
    SummaryView,
    Timeline,
    TimelineRequest,
)
from satchel.window.messages.settings import (
    MemorySource,
    MemorySources,
    PauseMemoryRequest,
    SetMemoryRequest,
)
from satchel.window.paths import own_path
from satchel.window.times import milliseconds

WHAT: Final = {
    "shell": "your commands, with directory, exit code and duration; never their output",
    "git": "your commits in the repositories that you name",
    "agents": "what agents note over MCP",
    "files": "the notes in folders that you name",
}
_ALWAYS_MS: Final = 2**62


def memory_sources(call: Call, _request: Nothing) -> MemorySources:
    """Return what the memory takes in."""
    found = call.core.run("memory", "status")
    places = {"git": found["repositories"], "files": found["folders"]}
    return shown(found, MemorySources, sources=[_source(each, places) for each in found["sources"]])


def set_memory(call: Call, request: SetMemoryRequest) -> MemorySources:
    """Switch a source on or off."""
    places = [str(own_path(place)) for place in request.places]
    if request.is_on:
        options = {"yes": request.source == "shell"}
        call.core.run(*command("memory", "on", options=options, values=[request.source, *places]))
    else:
        options = {request.kept: True}
        call.core.run(*command("memory", "off", options=options, values=[request.source, *places]))
    return memory_sources(call, Nothing())


def pause_memory(call: Call, request: PauseMemoryRequest) -> MemorySources:
    """Take in nothing for a while, or end a pause."""
    if request.duration is None:
        call.core.run("memory", "resume")
    elif request.duration == "forever":
        call.core.run("memory", "pause")
    else:
        call.core.run(*command("memory", "pause", values=[request.duration]))
    return memory_sources(call, Nothing())


def timeline(call: Call, request: TimelineRequest) -> Timeline:
    """Return episodes between two times, newest first, or those that a question is about."""
    if request.question.strip():
        return _recalled(call, request)
    first, beyond = _span(request.since, request.until)
    try:
        with MemoryStore.open(call.core.home) as memory:
            waiting = _form(call, memory)
            found = deque(memory.episodes(first, beyond), maxlen=request.limit + 1)
            newest = list(reversed(found))[: request.limit]
            summaries = memory.summaries(newest[-1].start_ms, newest[0].end_ms) if newest else []
    except NotFoundError:
        return Timeline(is_on=False, episodes=(), summaries=(), waiting=0, has_more=False)
    return Timeline(
        is_on=True,
        episodes=tuple(_episode(each) for each in newest),
        summaries=tuple(_summaries(summaries)),
        waiting=waiting,
        has_more=len(found) > request.limit,
    )


def preview_forget_memory(call: Call, request: ForgetMemoryRequest) -> MemoryForgotten:
    """Return how much `forget_memory` would erase."""
    first, beyond = _span(request.since, request.until)
    chosen = Range(first, beyond, request.matching)
    with MemoryStore.open(call.core.home) as memory:
        return MemoryForgotten(events=len(memory.find(chosen)), episodes=len(memory.find_episodes(chosen)))


def forget_memory(call: Call, request: ForgetMemoryRequest) -> MemoryForgotten:
    """Erase what the memory has of a time, or what mentions a text."""
    has_range = bool(request.since or request.until or request.matching)
    if has_range == request.everything:
        raise UsageError("say what to forget", hint="a time, a text, or everything")
    found = preview_forget_memory(call, request)
    options = {"from": request.since, "to": request.until, "matching": request.matching or None, "yes": True}
    call.core.run(*command("memory", "forget", options={**options, "all": request.everything}))
    return found  # the command counts only the episodes whose events were gone before


def _span(since: str | None, until: str | None) -> tuple[int, int]:
    first = 0 if since is None else milliseconds("since", since)
    return first, _ALWAYS_MS if until is None else milliseconds("until", until)


def _form(call: Call, memory: MemoryStore) -> int:
    """Take in what is new, and form episodes of it for a limited time; return how many spans of work wait."""
    if is_read_only(memory.connection):
        return 0
    call.core.run("memory", "collect")
    return form_new(memory, local_now().tzinfo or dt.UTC)


def _recalled(call: Call, request: TimelineRequest) -> Timeline:
    options = {"limit": request.limit, "since": request.since, "until": request.until}
    try:
        found = call.core.run(*command("recall", options=options, values=[request.question.strip()]))
    except NotFoundError:
        return Timeline(is_on=False, episodes=(), summaries=(), waiting=0, has_more=False)
    return shown(found, Timeline, is_on=True, has_more=False)


def _source(each: Document, places: Document) -> MemorySource:
    name = each["name"]
    verb = "off" if each["on"] else "on"
    path = {"git": " PATH", "files": " FOLDER"}.get(name, "")
    return MemorySource(
        name=name,
        is_on=each["on"],
        since=each["since"],
        events=each["events"],
        places=tuple(places.get(name, ())),
        what=WHAT[name],
        command=f"satchel memory {verb} {name}{path}",
    )


def _episode(episode: Episode) -> EpisodeView:
    return EpisodeView(
        id=episode.id,
        start=_text(episode.start_ms),
        end=_text(episode.end_ms),
        title=episode.title,
        done=tuple(episode.done.splitlines()),
        outcome=episode.outcome,
        repository=episode.repository or None,
        places=episode.places,
        hosts=episode.hosts,
        commands=episode.commands,
        files=episode.files,
        links=episode.links,
        agents=episode.agents,
    )


def _summaries(found: Iterable[Summary]) -> Iterable[SummaryView]:
    for one in found:
        yield SummaryView(
            kind=one.kind,
            start=_text(one.start_ms),
            end=_text(one.end_ms),
            title=one.title,
            lines=tuple(one.text.splitlines()),
        )


def _text(at_ms: int) -> str:
    return moment(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC))
