"""What helps to describe a Piece: tags, similar and related Pieces, and what models suggest."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from satchel.index import Meaning
from satchel.index.meaning import BUDGET_S
from satchel.index.relatives import relatives_of
from satchel.index.resembling import reason_of
from satchel.models.embedding import is_available
from satchel.models.interface import EXAMINED_CHARS, Field
from satchel.pieces.fields import tag as normal_tag
from satchel.pieces.model import Piece
from satchel.pieces.suggested import held_values
from satchel.store import Store
from satchel.suggest.filling import (
    FIELDS_OF_PIECE,
    Described,
    accepted,
    describe_safely,
    installed_models,
    missing_models,
    subject_of,
)
from satchel.suggest.refilling import owners_draft
from satchel.window.calls import Call
from satchel.window.messages.pieces import (
    ByPiece,
    Documentation,
    OfferedSuggestion,
    RelatedAnswer,
    RelatedPiece,
    SimilarAnswer,
    SimilarPiece,
    Suggestions,
    Tags,
    TagsRequest,
    TagSuggestion,
)
from satchel.window.views import row_of, suggested_of

_LISTS: Final = frozenset({"tag", "link"})
"""The fields that hold several values."""


def suggest_tags(call: Call, request: TagsRequest) -> Tags:
    """Return tags that begin with a text; without one, what models suggest for the Piece, then the most used."""
    with call.core.open_store(read_only=True) as store:
        call.window.catalogue.refresh(store)
        described = _tags_for(store, request.id) if request.id is not None and not request.prefix else []
        held = set(store.piece(request.id).tags) if request.id is not None else set()
    counts = call.window.catalogue.counts()[1]
    prefix = normal_tag(request.prefix)
    suggested = [
        TagSuggestion(tag=one.suggestion.value, count=counts[one.suggestion.value], model=one.model)
        for one in described
    ]
    named = {one.tag for one in suggested}
    known = [
        TagSuggestion(tag=tag, count=count)
        for tag, count in _ordered(counts, prefix)
        if tag not in named and tag not in held
    ]
    offered = [one for one in suggested if one.tag not in held]
    return Tags(tags=tuple((*offered, *known)[: request.limit]))


def similar(call: Call, request: ByPiece) -> SimilarAnswer:
    """Return the Pieces that resemble a Piece, by structure and, where the model is installed, by meaning."""
    with call.core.open_store() as store, call.core.open_index(store) as index:
        piece, readable = store.readable(request.id, EXAMINED_CHARS)
        meaning = Meaning(BUDGET_S, lambda _done: None) if is_available() else None
        found = index.similar(readable.removesuffix(piece.description), request.limit + 1, meaning=meaning)
        others = [one for one in found if one.piece_id != request.id][: request.limit]
        return SimilarAnswer(
            pieces=tuple(
                SimilarPiece(
                    piece=row_of(store.piece(one.piece_id)),
                    similarity=round(min(1.0, max(one.shape, one.meaning)), 3),
                    reason=reason_of(one),
                )
                for one in others
            )
        )


def related(call: Call, request: ByPiece) -> RelatedAnswer:
    """Return documentation of what a Piece uses, and Pieces that use the same."""
    with call.core.open_store(read_only=True) as store, call.core.open_index(store) as index:
        found = relatives_of(store, index, store.piece(request.id), request.limit)
    return RelatedAnswer(
        links=tuple(
            Documentation(address=one.address, reason=one.reason, confidence=round(one.confidence, 3))
            for one in found.links
        ),
        pieces=tuple(RelatedPiece(piece=row_of(piece), reason=why) for piece, why in found.pieces),
    )


def suggestions(call: Call, request: ByPiece) -> Suggestions:
    """Return what models suggested for a Piece, and what those of this device suggest now. Nothing changes."""
    with call.core.open_store(read_only=True) as store:
        piece = store.piece(request.id)
        described = _described(store, piece)
    offered = [one for field in FIELDS_OF_PIECE for one in _offered(piece, field, described)]
    return Suggestions(
        revision=piece.revision,
        suggested=suggested_of(piece),
        offered=tuple(offered[: request.limit]),
        missing_models=tuple(entry.label for entry in missing_models()),
    )


def _offered(piece: Piece, field: Field, described: Sequence[Described]) -> list[OfferedSuggestion]:
    """Return what may be offered for a field: values that it has not, and that were not suggested before."""
    name = FIELDS_OF_PIECE[field]
    held = held_values(piece)[name]
    if held and field not in _LISTS:  # a title of the owner's needs no other
        return []
    known = {*held, *(one.value for one in piece.suggested if one.field == name)}
    new = [one for one in accepted(described, field) if one.suggestion.value not in known]
    return [
        OfferedSuggestion(
            field=name,  # type: ignore[arg-type]  # the fields of a Piece
            value=one.suggestion.value,
            model=one.model,
            confidence=round(one.suggestion.confidence, 3),
        )
        for one in (new if field in _LISTS else new[:1])
    ]


def _described(store: Store, piece: Piece) -> list[Described]:
    draft = owners_draft(piece, store.content(piece.id))
    return describe_safely(subject_of(draft, tuple(store.tags())), installed_models())[0]


def _tags_for(store: Store, piece_id: str) -> list[Described]:
    piece = store.piece(piece_id)
    refused = {one.value for one in piece.suggested if one.field == "tags"}
    found = accepted(_described(store, piece), "tag")
    return [one for one in found if one.suggestion.value not in refused]


def _ordered(counts: Counter[str], prefix: str) -> list[tuple[str, int]]:
    """Return tags, those that begin with the prefix first, then those that contain it; the most used first."""
    found = [(tag, count) for tag, count in counts.items() if prefix in tag]
    return sorted(found, key=lambda one: (not one[0].startswith(prefix), -one[1], one[0]))
