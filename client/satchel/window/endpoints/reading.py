"""The view Read: a Piece, its files, its history, and what differs between two revisions."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from satchel.errors import NotFoundError
from satchel.pieces.model import Revision, moment
from satchel.store import Store
from satchel.store.revision_diff import State, changed_fields, diff, state_of
from satchel.window.calls import Call
from satchel.window.messages.pieces import (
    CompareRequest,
    Comparison,
    DiffLine,
    FieldDiff,
    FileDiff,
    PieceView,
    ReadFileRequest,
    ReadRequest,
    Revisions,
    RevisionView,
)
from satchel.window.views import view_of

_HUNK: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def read_piece(call: Call, request: ReadRequest) -> PieceView:
    """Return a whole Piece."""
    with call.core.open_store(read_only=True) as store:
        return view_of(store, store.resolve(request.id), request.revision)


def read_file(call: Call, request: ReadFileRequest) -> bytes:
    """Return the bytes of the main content or of a further file. NotFoundError if there is none."""
    with call.core.open_store(read_only=True) as store:
        if request.number == 0:
            return store.content(request.id, request.revision)
        files = store.files(request.id, request.revision)
    if request.number > len(files):
        raise NotFoundError(f"the Piece has no file {request.number}", hint="reload the page")
    return files[request.number - 1].content


def history(call: Call, request: ReadRequest) -> Revisions:
    """Return all revisions of a Piece, newest first."""
    with call.core.open_store(read_only=True) as store:
        piece = store.piece(store.resolve(request.id))
        revisions = store.revisions(piece.id)
    views = [_view(before, after) for before, after in zip([None, *revisions], revisions, strict=False)]
    return Revisions(id=piece.id, title=piece.title, revisions=tuple(reversed(views)))


def compare(call: Call, request: CompareRequest) -> Comparison:
    """Return what differs between two revisions."""
    with call.core.open_store(read_only=True) as store:
        before, after = (_state(store, request.id, number) for number in (request.before, request.after))
    fields = changed_fields(before, after)
    return Comparison(
        before=request.before,
        after=request.after,
        fields=tuple(FieldDiff(field=name, before=old, after=new) for name, (old, new) in fields.items()),
        files=tuple(_files(before, after)),
    )


def _state(store: Store, piece_id: str, number: int) -> State:
    """Return a Piece at a revision; before the first one there is nothing."""
    if number == 0:
        return State({}, {})
    piece = store.piece(piece_id)
    for revision in store.revisions(piece_id):
        if revision.number == number:
            return state_of(store, piece, revision)
    raise NotFoundError(f"the Piece has no revision {number}", hint="reload the page")


def _view(before: Revision | None, after: Revision) -> RevisionView:
    author = after.author
    return RevisionView(
        revision=after.number,
        updated=moment(after.at),
        title=after.title,
        language=after.language,
        tags=after.tags,
        size_bytes=after.size_bytes,
        files=len(after.files),
        agent=author.agent if author else "",
        client=author.client if author else "",
        is_withdrawn=after.is_withdrawn,
        changed=() if before is None else tuple(_changed(before, after)),
    )


def _changed(before: Revision, after: Revision) -> Iterator[str]:
    for name in ("title", "description", "language", "tags", "links", "files", "size_bytes"):
        if getattr(before, name) != getattr(after, name):
            yield "content" if name == "size_bytes" else name


def _files(before: State, after: State) -> Iterator[FileDiff]:
    for name in dict.fromkeys([*before.texts, *after.texts]):
        old, new = before.texts.get(name, ""), after.texts.get(name, "")
        is_old, is_new = name in before.texts, name in after.texts
        if old == new and is_old == is_new:
            continue
        change: Literal["changed", "added", "removed"] = (
            "changed" if is_old and is_new else "added" if is_new else "removed"
        )
        if old is None or new is None:
            yield FileDiff(name=name, change=change, lines=())
        else:
            lines = diff(old, new)
            is_too_long = bool(lines) and lines[0].startswith("(")
            yield FileDiff(
                name=name,
                change=change,
                lines=() if is_too_long else tuple(numbered(lines)),
                note=lines[0].strip("()") if is_too_long else "",
            )


def numbered(lines: Sequence[str]) -> Iterator[DiffLine]:
    """Yield the lines of a unified diff with their numbers in both texts, and a gap before each further hunk."""
    before = after = 0
    is_first = True
    for line in lines:
        hunk = _HUNK.fullmatch(line)
        if hunk is not None:
            before, after = int(hunk[1]), int(hunk[2])
            if not is_first:
                yield DiffLine(kind="gap", text="")
            is_first = False
        elif line.startswith("-"):
            yield DiffLine(kind="removed", text=line[1:], before=before)
            before += 1
        elif line.startswith("+"):
            yield DiffLine(kind="added", text=line[1:], after=after)
            after += 1
        else:
            yield DiffLine(kind="same", text=line[1:], before=before, after=after)
            before, after = before + 1, after + 1
