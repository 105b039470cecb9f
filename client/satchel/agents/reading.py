"""The tools that read: `search_pieces`, `read_piece` and `list_recent`.

Each returns its result and the Pieces of which it tells anything, with their revisions.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from satchel.agents.arguments import (
    FoundPiece,
    ReadArguments,
    ReadResult,
    RecentArguments,
    RecentPiece,
    RecentResult,
    SearchArguments,
    SearchResult,
)
from satchel.agents.budget import Budget, beginning, tokens_in_json
from satchel.agents.withholding import Stop, Withholding, piece_in_view
from satchel.errors import NotFoundError, UsageError
from satchel.index import Hit, Index, Meaning
from satchel.models.embedding import is_available
from satchel.pieces.fields import language as normalize_language
from satchel.pieces.model import Piece
from satchel.store import Store, decode_text

MOST_FOUND: Final = 100
_SHARE: Final = 0.2  # of a budget, for one field of an entry
_EMBEDDING_BUDGET_S: Final = 1.0
_TAGS_SHOWN: Final = 10

Seen = tuple[tuple[str, int], ...]
"""The ids and revisions of the Pieces that a result tells of."""


@dataclass(frozen=True, slots=True)
class Reader:
    """An open store and its index, for one call."""

    store: Store
    index: Index
    withholding: Withholding
    stop: Stop

    def search(self, arguments: SearchArguments) -> tuple[SearchResult, Seen]:
        """Find Pieces. Those that are withheld do not count, and are not found."""
        start = _offset(arguments.cursor, arguments.query)
        hits = [hit for hit in self._found(arguments.query) if not self._reason(hit.piece)]
        budget, pieces = Budget(arguments.max_tokens), list[FoundPiece]()
        for hit in hits[start:]:
            entry = _found_piece(hit, budget)
            if not budget.fits(tokens_in_json(entry)):
                break
            pieces.append(entry)
        end = start + len(pieces)
        is_last = end >= len(hits)
        result = SearchResult(
            pieces=pieces,
            total=len(hits),
            truncated=not is_last,
            next_cursor=None if is_last else _cursor(end, arguments.query),
        )
        return result, tuple((hit.piece.id, hit.piece.revision) for hit in hits[start:end])

    def recent(self, arguments: RecentArguments) -> tuple[RecentResult, Seen]:
        """List Pieces, the last changed first."""
        budget, pieces, seen = Budget(arguments.max_tokens), list[RecentPiece](), list[tuple[str, int]]()
        for piece in self._recent(arguments):
            reason = self._reason(piece)
            entry = _withheld_piece(piece, reason) if reason else _recent_piece(piece, budget)
            if not budget.fits(tokens_in_json(entry)):
                break
            pieces.append(entry)
            seen += [] if reason else [(piece.id, piece.revision)]
        result = RecentResult(
            pieces=pieces,
            total=self._count(arguments),
            truncated=budget.was_cut,
            next_cursor=pieces[-1].id if budget.was_cut and pieces else None,
        )
        return result, tuple(seen)

    def read(self, arguments: ReadArguments) -> tuple[ReadResult, Seen]:
        """Return lines of a Piece."""
        piece = piece_in_view(self.store, arguments.id)
        reason = self._reason(piece)
        if reason:
            return ReadResult(id=piece.id, revision=piece.revision, withheld=reason), ()
        text = self._text(piece, arguments.file)
        budget = Budget(arguments.max_tokens)
        lines = _lines(text)
        last_line = max(1, len(lines))
        if arguments.first_line > last_line:
            raise UsageError(f"the text ends at line {last_line}", hint="ask for lines that it has")
        end = min(arguments.last_line or len(lines), len(lines))
        result = _about(piece, budget)
        shown, next_line = _cut_lines(lines[arguments.first_line - 1 : end], arguments.first_line, budget)
        result.text, result.next_line = shown, next_line
        result.first_line, result.last_line = arguments.first_line, (next_line or end + 1) - 1
        result.total, result.truncated = len(lines), budget.was_cut
        return result, ((piece.id, piece.revision),)

    def _found(self, query: str) -> list[Hit]:
        meaning = Meaning(_EMBEDDING_BUDGET_S, self._advance) if is_available() else None
        self.index.update(self._advance)
        return self.index.find(query, MOST_FOUND, meaning=meaning).hits

    def _recent(self, arguments: RecentArguments) -> Iterator[Piece]:
        try:
            yield from self.store.pieces(
                after=arguments.cursor or None,
                language=arguments.language or None,
                tag=arguments.tag or None,
            )
        except NotFoundError as exc:
            raise UsageError("the cursor is not valid any more", hint="call without a cursor") from exc

    def _count(self, arguments: RecentArguments) -> int:
        if not (arguments.tag or arguments.language):
            return self.store.count()
        language = normalize_language(arguments.language)
        if not arguments.tag:
            return self.store.languages().get(language or "", 0)
        return sum(1 for _ in self.store.pieces(language=arguments.language or None, tag=arguments.tag))

    def _text(self, piece: Piece, file: str) -> str:
        content, media_type = self.store.content(piece.id), piece.media_type
        if file:
            found = next((one for one in self.store.files(piece.id) if one.name == file), None)
            if found is None:
                raise NotFoundError("the Piece has no such file", hint="read_piece without a file lists them")
            content, media_type = found.content, found.media_type or ""
        text = decode_text(content, media_type)
        if text is None:
            raise UsageError(f"the content is not text but {media_type}", hint="ask the owner to look at it")
        return text

    def _reason(self, piece: Piece) -> str:
        return self.withholding.reason(self.store, piece, self.stop)

    def _advance(self, _done: int) -> None:
        self.stop()


def _found_piece(hit: Hit, budget: Budget) -> FoundPiece:
    most = int(budget.tokens * _SHARE)
    return FoundPiece(
        id=hit.piece.id,
        title=beginning(hit.piece.title, most),
        line=beginning(hit.snippet, most),
        language=hit.piece.language,
        updated=_moment(hit.piece),
    )


def _recent_piece(piece: Piece, budget: Budget) -> RecentPiece:
    most = int(budget.tokens * _SHARE)
    return RecentPiece(
        id=piece.id,
        updated=_moment(piece),
        title=beginning(piece.title, most),
        language=piece.language,
        tags=[tag for tag in piece.tags[:_TAGS_SHOWN] if tokens_in_json(tag) <= most // _TAGS_SHOWN],
        size_bytes=piece.size_bytes,
    )


def _withheld_piece(piece: Piece, reason: str) -> RecentPiece:
    return RecentPiece(id=piece.id, updated=_moment(piece), withheld=reason)


def _about(piece: Piece, budget: Budget) -> ReadResult:
    """Return the fields of a Piece beside its text, which take at most about half of the budget."""
    return ReadResult(
        id=piece.id,
        revision=piece.revision,
        updated=_moment(piece),
        title=budget.take(piece.title, share=0.15),
        language=piece.language,
        tags=budget.take_all(piece.tags, share=0.1),
        description=budget.take(piece.description, share=0.15),
        links=budget.take_all(piece.links, share=0.05),
        files=budget.take_all(tuple(file.name for file in piece.files), share=0.05),
    )


def _lines(text: str) -> list[str]:
    """Return the lines of a text with their ends. An empty text has none."""
    lines = text.split("\n")
    whole = [f"{line}\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def _cut_lines(lines: list[str], first: int, budget: Budget) -> tuple[str, int | None]:
    """Return the first lines that fit, and the number of the line to go on with.

    A first line that does not fit is cut; the rest of it cannot be had.
    """
    shown = list[str]()
    for number, line in enumerate(lines, first):
        if not budget.fits(tokens_in_json(line)):
            if shown:
                return "".join(shown), number
            shown = [budget.take(line)]
            return "".join(shown), number + 1 if number - first + 1 < len(lines) else None
        shown.append(line)
    return "".join(shown), None


def _moment(piece: Piece) -> str:
    return piece.updated.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _cursor(offset: int, query: str) -> str:
    return f"{offset}.{hashlib.sha256(query.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _offset(cursor: str, query: str) -> int:
    """Return the place that a cursor of this query stands for; 0 without one."""
    if not cursor:
        return 0
    number = cursor.partition(".")[0]
    if (
        not number.isascii()
        or not number.isdigit()
        or len(number) > 4
        or cursor != _cursor(int(number), query)
    ):
        raise UsageError("the cursor does not belong to this query", hint="call without a cursor")
    return int(number)
