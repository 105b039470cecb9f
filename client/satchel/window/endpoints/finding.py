"""The view Find: search as you type, and lists of all Pieces by filters."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.index import Index, Meaning
from satchel.index.meaning import BUDGET_S
from satchel.index.query import phrase
from satchel.index.ranking import Span
from satchel.index.snippet import snippet
from satchel.models.embedding import is_available
from satchel.pieces.fields import language as normal_language
from satchel.pieces.fields import tag as normal_tag
from satchel.pieces.model import Piece
from satchel.store import Store
from satchel.store.queries import piece_at
from satchel.window.calls import Call
from satchel.window.catalogue import Selection
from satchel.window.messages.base import Nothing
from satchel.window.messages.pieces import (
    Correction,
    Counted,
    Filters,
    FindAnswer,
    FindRequest,
    Row,
)
from satchel.window.times import milliseconds
from satchel.window.views import row_of, row_of_hit

MAX_COUNTED: Final = 10_000
"""Matches of a query that are counted; of more, the page says "more than"."""
BEGINNING_BYTES: Final = 2_048
MAX_TAGS: Final = 1_000
MAX_LANGUAGES: Final = 500
_NAME: Final = re.compile(r"(?:\w+\.)*\w*[^\W_]")
"""A word, or a name in code that ends in a letter or digit."""
_LAST_MS: Final = 2**62


def find(call: Call, request: FindRequest) -> FindAnswer:
    """Find Pieces, or list them by filters alone."""
    began = time.perf_counter()
    with call.core.open_store(read_only=True) as store:
        change = store.change_counter
        if request.query.strip():
            with call.core.open_index(store) as index:
                found = _search(call, store, index, request)
        else:
            found = _list(call, store, request)
    return FindAnswer(
        pieces=tuple(found.rows),
        offset=request.offset,
        total=found.total,
        has_more=found.has_more,
        change=change,
        corrections=found.corrections,
        waiting=found.waiting,
        took_ms=round((time.perf_counter() - began) * 1000, 2),
    )


def filters(call: Call, _request: Nothing) -> Filters:
    """Return the languages, tags and kinds of all Pieces, the most used first."""
    with call.core.open_store(read_only=True) as store:
        call.window.catalogue.refresh(store)
    languages, tags, kinds = call.window.catalogue.counts()
    return Filters(
        languages=_counted(languages, MAX_LANGUAGES),
        tags=_counted(tags, MAX_TAGS),
        kinds=_counted(kinds, len(kinds)),
        pieces=len(call.window.catalogue),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    rows: list[Row]
    total: int | None
    has_more: bool
    corrections: tuple[Correction, ...] = ()
    waiting: int = 0


# -- lists --------------------------------------------------------------------------------------


def _list(call: Call, store: Store, request: FindRequest) -> _Found:
    selection = _selection(request)
    if selection == Selection() and request.offset == 0:  # the first page needs no catalogue
        pieces = list(store.pieces(limit=request.limit))
        total = store.count()
    else:
        call.window.catalogue.refresh(store)
        keys = call.window.catalogue.select(selection)
        total = len(keys)
        pieces = _pieces(store, keys[request.offset : request.offset + request.limit])
    rows = [msgspec.structs.replace(row_of(piece), snippet=_beginning(store, piece)) for piece in pieces]
    return _Found(rows, total, request.offset + len(pieces) < total)


def _beginning(store: Store, piece: Piece) -> str:
    """Return the first line of a Piece that is not empty; of its description if it holds no text."""
    try:
        text = store.readable(piece.id, BEGINNING_BYTES)[1]
    except NotFoundError:  # removed by another process
        return ""
    return snippet(text, ())


def _pieces(store: Store, keys: Iterable[int]) -> list[Piece]:
    found = []
    with store.snapshot() as connection:
        for key in keys:
            try:
                found.append(piece_at(connection, key))
            except NotFoundError:
                continue
    return found


def _selection(request: FindRequest) -> Selection:
    span = _span(request)
    return Selection(
        language=normal_language(request.language),
        tags=tuple(normal_tag(tag) for tag in request.tags),
        kind=request.kind,
        first=None if span is None else span[0],
        last=None if span is None else span[1],
        newest_first=request.order != "oldest",
    )


# -- searches -----------------------------------------------------------------------------------


def _search(call: Call, store: Store, index: Index, request: FindRequest) -> _Found:
    span = _span(request)
    if request.order == "match" and (request.kind is not None or span is not None):
        found = _search_selected(call, store, index, request)
        if found.rows or request.offset or request.kind is not None:
            return found
    elif request.kind is not None:
        call.window.catalogue.refresh(store)
        return _search_kind(index, request, call.window.catalogue.select(Selection(kind=request.kind)))
    query = typed_query(request)
    meaning = Meaning(BUDGET_S, _no_progress) if request.by_meaning and is_available() else None
    answer = index.find(
        query,
        request.limit + 1,
        offset=request.offset,
        order=request.order,
        span=span,
        lines=request.lines,
        meaning=meaning if request.offset == 0 else None,
        corrects=request.is_counted,
    )
    hits = answer.hits[: request.limit]
    has_more = len(answer.hits) > request.limit
    total: int | None = request.offset + len(hits)
    if has_more:
        total = _count(index, query, span) if request.is_counted else None
    corrections = tuple(Correction(typed=each.typed, used=tuple(each.used)) for each in answer.corrections)
    return _Found([row_of_hit(hit) for hit in hits], total, has_more, corrections, answer.waiting)


def _count(index: Index, query: str, span: Span | None) -> int | None:
    """Count the matches of a query; None if there are very many."""
    counted = index.count_matches(query, MAX_COUNTED + 1, span=span)
    return counted if counted <= MAX_COUNTED else None


def _search_selected(call: Call, store: Store, index: Index, request: FindRequest) -> _Found:
    """Search among the Pieces of one kind, or of a span of time, the best match first."""
    query, span = typed_query(request), _span(request) or (None, None)
    selection = Selection(kind=request.kind, first=span[0], last=span[1])
    catalogue = call.window.catalogue
    catalogue.refresh(store)
    found = None
    if not request.is_counted and not request.offset:
        found = index.first_accepted(query, partial(catalogue.accepts, selection), request.limit + 1)
    is_counted = found is None or len(found) <= request.limit
    if found is None:
        found = index.matches_among(query, catalogue.select(selection))
    page = found[request.offset : request.offset + request.limit]
    rows = [row_of_hit(hit) for hit in index.hits(query, page, lines=request.lines)]
    total = len(found) if is_counted else None
    return _Found(rows, total, request.offset + len(page) < len(found))


def _search_kind(index: Index, request: FindRequest, keys: Iterable[int]) -> _Found:
    """Search among the Pieces of one kind, which the index does not know, by their keys, in the order of time."""
    query = typed_query(request)
    matches = index.matches(query, MAX_COUNTED, order=request.order, span=_span(request))
    wanted = index.ids_of(keys)
    found = [match for match in matches if match[0] in wanted]
    page = found[request.offset : request.offset + request.limit]
    rows = [row_of_hit(hit) for hit in index.hits(query, page, lines=request.lines)]
    total = len(found) if len(matches) < MAX_COUNTED else None
    return _Found(rows, total, request.offset + len(page) < len(found))


def typed_query(request: FindRequest) -> str:
    """Return the query with its filters. While it is typed, its last word stands for all that begin with it."""
    text = request.query.strip()
    if request.is_typing:
        text = f'{text}"*' if text.count('"') % 2 else _with_prefix(text)
    tags = [normal_tag(tag) for tag in request.tags]
    language = normal_language(request.language)
    words = [text, *([f'lang:"{language}"'] if language else []), *(f'tag:"{tag}"' for tag in tags if tag)]
    return " ".join(words)


def _with_prefix(text: str) -> str:
    last = text.rsplit(maxsplit=1)[-1]
    is_name = _NAME.fullmatch(last) is not None and last != "OR"
    return f"{text}*" if is_name and _is_prefix(last) else text


def _is_prefix(name: str) -> bool:
    """Whether a name is long enough to stand for all that begin with it."""
    try:
        return phrase(name, is_prefix=True) is not None
    except UsageError:
        return False


def _span(request: FindRequest) -> Span | None:
    if request.since is None and request.before is None:
        return None
    first = -_LAST_MS if request.since is None else milliseconds("since", request.since)
    beyond = _LAST_MS if request.before is None else milliseconds("before", request.before)
    return first, beyond - 1


def _counted(found: Counter[str], most: int) -> tuple[Counted, ...]:
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Counted(name=name, count=count) for name, count in ordered[:most])


def _no_progress(_amount: int) -> None:
    """Show no progress."""
