"""The tools that write: `save_piece` and `update_piece`.

Who wrote is stamped here, from what the owner configured and the handshake; no argument of a tool can say it. The
ledger has the record before a revision is durable.
"""

from collections.abc import Callable
from dataclasses import dataclass

from satchel.agents.arguments import SaveArguments, UpdateArguments, WriteResult
from satchel.agents.withholding import Stop, Withholding, piece_in_view
from satchel.errors import RefusedError, UsageError
from satchel.pieces.model import Author, Changes, Draft, Piece
from satchel.store import Store
from satchel.suggest import fill_quickly

Record = Callable[[Piece, bytes], None]
"""Records a revision with its main content. Raises if that is impossible; then nothing is written."""
Note = Callable[[str], bool]
"""Gives a note to the memory, and returns whether it took it."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An open store, for one call that writes as an agent."""

    store: Store
    withholding: Withholding
    stop: Stop
    author: Author
    record: Record
    note: Note

    def save(self, arguments: SaveArguments) -> WriteResult:
        """Save a Piece. A title and a language that are left out are taken from the text."""
        content = _encoded(arguments.content)
        draft = Draft(
            content,
            title=arguments.title,
            description=arguments.description,
            language=arguments.language or None,
            tags=tuple(arguments.tags),
            links=tuple(arguments.links),
            author=self.author,
        )
        piece = self.store.add(fill_quickly(draft), witness=lambda saved: self.record(saved, content))
        return self._result(piece, arguments.note, is_changed=True)

    def update(self, arguments: UpdateArguments) -> WriteResult:
        """Change a Piece that is at the revision that the agent has read."""
        piece = piece_in_view(self.store, arguments.id)
        reason = self.withholding.reason(self.store, piece, self.stop)
        if reason:
            raise RefusedError(f"the Piece is withheld: {reason}")
        content = None if arguments.content is None else _encoded(arguments.content)
        changes = Changes(
            content=content,
            title=arguments.title,
            description=arguments.description,
            language=arguments.language,
            add_tags=tuple(arguments.add_tags),
            remove_tags=tuple(arguments.remove_tags),
            links=None if arguments.links is None else tuple(arguments.links),
            author=self.author,
        )

        def witness(edited: Piece) -> None:
            self.record(edited, self.store.content(edited.id) if content is None else content)

        edited = self.store.edit(piece.id, changes, based_on=arguments.revision, witness=witness)
        return self._result(edited, arguments.note, is_changed=edited.revision != piece.revision)

    def _result(self, piece: Piece, note: str, *, is_changed: bool) -> WriteResult:
        noted = bool(note.strip()) and self.note(note)
        return WriteResult(id=piece.id, revision=piece.revision, is_changed=is_changed, noted=noted)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as exc:
        raise UsageError("the content is not valid Unicode text", hint="send text") from exc
