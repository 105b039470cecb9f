"""Suggestions of models for drafts and for kept Pieces, as commands make and show them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.terminal.text import format_count, one_line
from satchel.errors import IntegrityError, Note, NotFoundError, SatchelError, UsageError
from satchel.models.registry import Entry
from satchel.pieces.collections import plain_tags
from satchel.pieces.suggested import State, held_values, taken
from satchel.suggest.filling import (
    FIELDS_OF_PIECE,
    Answer,
    Described,
    describe_safely,
    fill,
    installed_models,
    missing_models,
    quick_models,
    subject_of,
)
from satchel.suggest.refilling import owners_draft, refilled

if TYPE_CHECKING:
    from satchel.cli.blending import Blending
    from satchel.progress import Advance
    from satchel.store import Changes, Draft, Piece, Store

WHICH: Final = ("all", "quick", "none")
"""Which models fill a draft: all that are installed, those that load nothing, or none."""
VALUE_CHARS: Final = 72  # of the values of a field in a line
MAX_ATTEMPTS: Final = 3  # if other processes change the Piece meanwhile

_ANSWERS: Final[dict[str, Answer]] = {"y": "take", "yes": "take", "n": "refuse", "no": "refuse"}


def models_of(which: str) -> list[Entry]:
    """Return the models of one of the words in `WHICH`."""
    if which == "none":
        return []
    return quick_models() if which == "quick" else installed_models()


# -- drafts -----------------------------------------------------------------------------------


class Suggester:
    """Fills drafts with what models suggest, and asks about each suggestion if `is_asking`."""

    def __init__(self, app: App, which: str, *, is_asking: bool = False) -> None:
        if is_asking and not app.out.can_ask:
            raise UsageError(
                "--ask needs a terminal to ask on", hint="leave it out to take what the models suggest"
            )
        self._app = app
        self._entries = models_of(which)
        self._ask = self._answer if is_asking else None
        self._failed: set[str] = set()
        self._vocabulary: tuple[str, ...] = ()

    def prefer_tags_of(self, store: "Store") -> None:
        """Prefer the tags that the owner's Pieces have, if models suggest tags at all."""
        if any("tag" in entry.fields for entry in self._entries):
            self._vocabulary = plain_tags(store.tags())

    def filled(self, draft: "Draft") -> "Draft":
        """Return a draft whose empty fields are filled."""
        described, failed = describe_safely(subject_of(draft, self._vocabulary), self._entries)
        for entry in failed:
            if entry.name not in self._failed:
                self._app.out.note(f"the model {entry.label} cannot be loaded; satchel models lists all")
        self._failed |= {entry.name for entry in failed}
        return fill(draft, described, ask=self._ask)

    def _answer(self, one: Described) -> Answer:
        shown = _shortened(one.suggestion.value)
        answer = self._app.out.ask(f"{one.suggestion.field}: {shown} ({one.model})? [y/n, Enter skips it] ")
        return _ANSWERS.get(answer.lower(), "skip")


# -- kept Pieces ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that a suggestion changes: its values before and after, and the labels of the models."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PieceChange:
    """A Piece that suggestions change. `piece` is its state after them, or before in a preview."""

    piece: "Piece"
    fields: tuple[FieldChange, ...]


@dataclass(slots=True)
class SuggestionRun:
    """Runs all models on kept Pieces; `changed` and `failed` tell what became of them. `blending` asks the endpoint.

    Each Piece is changed in a transaction of its own, so a run can be interrupted at any time and repeated.
    """

    store: "Store"
    entries: list[Entry]
    is_preview: bool
    checked: int = 0
    changed: list[PieceChange] = field(default_factory=list)
    failed: list[tuple[str, SatchelError]] = field(default_factory=list)
    blending: "Blending | None" = None
    _vocabulary: tuple[str, ...] = ()

    def run(self, pieces: Iterable["Piece"], advance: "Advance") -> None:
        """Suggest for each Piece. Damaged ones are in `failed`, and the others go on."""
        self._vocabulary = plain_tags(self.store.tags())
        try:
            for piece in pieces:
                self._suggest(piece)
                advance(1)
        except KeyboardInterrupt as exc:
            done = format_count(len(self.changed), "Piece")
            exc.add_note(Note(f"{done} done; run it again for the others"))
            raise

    def _suggest(self, piece: "Piece") -> None:
        self.checked += 1
        try:
            changed = self._changed(piece)
        except NotFoundError:  # another process has removed it
            return
        except IntegrityError as exc:
            self.failed.append((piece.id, exc))
            return
        if changed is not None:
            self.changed.append(changed)

    def _changed(self, piece: "Piece") -> PieceChange | None:
        for attempt in range(MAX_ATTEMPTS):
            changes = self._changes(piece)
            if changes is None:
                return None
            fields = tuple(_field_changes(piece, changes))
            if self.is_preview:
                return PieceChange(piece, fields)
            try:
                return PieceChange(self.store.edit(piece.id, changes, based_on=piece.revision), fields)
            except SatchelError:
                again = self.store.piece(piece.id)
                if again.revision == piece.revision or attempt == MAX_ATTEMPTS - 1:
                    raise
                piece = again
        return None

    def _changes(self, piece: "Piece") -> "Changes | None":
        draft = owners_draft(piece, self.store.content(piece.id))
        described, failed = describe_safely(subject_of(draft, self._vocabulary), self.entries)
        absent = {entry.name for entry in (*failed, *missing_models())}
        if self.blending is not None:
            asked, unanswered = self.blending.described(draft, piece)
            described, absent = [*asked, *described], absent | unanswered
        return refilled(piece, draft, described, absent=absent)


def _field_changes(piece: "Piece", changes: "Changes") -> Iterator[FieldChange]:
    before = held_values(piece)
    for name in FIELDS_OF_PIECE.values():
        value = getattr(changes, name)
        if value is not None:
            after = value if isinstance(value, tuple) else (value,)
            models = [
                one.model for one in changes.suggested or () if one.field == name and one.value in after
            ]
            yield FieldChange(name, before[name], after, tuple(dict.fromkeys(models)))


# -- as text ----------------------------------------------------------------------------------


def suggested_lines(state: State) -> Iterator[str]:
    """Yield what was taken from models, one line a field, with their labels."""
    for name in FIELDS_OF_PIECE.values():
        found = [one for one in taken(state) if one.field == name]
        if found:
            yield f"  {name}: {_values(one.value for one in found)} ({_labels(one.model for one in found)})"


def change_line(change: FieldChange) -> str:
    """Return a changed field in a line."""
    before = f"{_values(change.before)} → " if change.before else ""
    return f"  {change.field}: {before}{_values(change.after)} ({_labels(change.models)})"


def hint_of_missing() -> str:
    """Return what to install so that all models run; empty if all do."""
    extras = sorted({entry.extra for entry in missing_models()})
    return f"hint: more models run with pipx install --force 'satchel[{','.join(extras)}]'" if extras else ""


def _values(values: Iterable[str]) -> str:
    return _shortened(", ".join(values))


def _labels(models: Iterable[str]) -> str:
    return ", ".join(one_line(model) for model in dict.fromkeys(models))


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= VALUE_CHARS else f"{line[: VALUE_CHARS - 1].rstrip()}…"
