"""The views Settings and See: the sources of the memory, and the memory as a timeline."""

import datetime as dt
from collections import deque
from collections.abc import Iterable
from typing import Final

from satchel.errors import NotFoundError
from satchel.memory import Episode, MemoryStore
from satchel.memory.model import Summary
from satchel.pieces.model import moment
from satchel.window.calls import Call
from satchel.window.core import Document, command
from satchel.window.documents import shown
from satchel.window.messages.base import Nothing
from satchel.window.messages.records import EpisodeView, SummaryView, Timeline, TimelineRequest
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
    first = 0 if request.since is None else milliseconds("since", request.since)
    beyond = _ALWAYS_MS if request.until is None else milliseconds("until", request.until)
    try:
        with MemoryStore.open(call.core.home) as memory:
            found = deque(memory.episodes(first, beyond), maxlen=request.limit + 1)
            summaries = [] if request.since is None else memory.summaries(first, beyond)
    except NotFoundError:
        return Timeline(is_on=False, episodes=(), summaries=(), waiting=0, has_more=False)
    newest = list(reversed(found))
    return Timeline(
        is_on=True,
        episodes=tuple(_episode(each) for each in newest[: request.limit]),
        summaries=tuple(_summaries(summaries)),
        waiting=0,
        has_more=len(newest) > request.limit,
    )


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
