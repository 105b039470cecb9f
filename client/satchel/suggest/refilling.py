"""Suggesting again for a Piece that is already kept: which values newer suggestions replace.

    draft = owners_draft(piece, content)
    described, failed = describe_safely(subject_of(draft), installed_models())
    changes = refilled(piece, draft, described)  # None if nothing changes

A field in which the owner has set something stays as it is. Values that the owner refused are not suggested again.
"""

from collections.abc import Collection, Sequence
from typing import Any

from satchel.errors import NotFoundError, UsageError
from satchel.pieces.fields import suggested_value
from satchel.pieces.model import Changes, Draft, Piece, SuggestedValue
from satchel.pieces.suggested import held_values, refused, taken
from satchel.suggest.filling import FIELDS_OF_PIECE, Described, fill

_LISTS = frozenset({"tags", "links"})


def owners_draft(piece: Piece, content: bytes) -> Draft:
    """Return a Piece without what models filled in, and with what the owner refused."""
    models = {(one.field, one.value) for one in taken(piece)}
    own = {
        field: tuple(value for value in values if (field, value) not in models)
        for field, values in held_values(piece).items()
    }
    return Draft(
        content,
        media_type=piece.media_type,
        title="".join(own["title"]),
        description="".join(own["description"]),
        language="".join(own["language"]) or None,
        tags=own["tags"],
        links=own["links"],
        source=piece.source,
        suggested=refused(piece),
    )


def refilled(
    piece: Piece, draft: Draft, described: Sequence[Described], *, absent: Collection[str] = ()
) -> Changes | None:
    """Return the changes that bring a Piece up to date with what models suggest now; None without any.

    `draft` is its `owners_draft`. `absent` names models that did not run: what they suggested before is kept.
    """
    filled = fill(draft, described)
    before, after, own = held_values(piece), held_values(filled), held_values(draft)
    changed: dict[str, Any] = {}
    listed = list(refused(piece))
    for field in FIELDS_OF_PIECE.values():
        old = [one for one in taken(piece) if one.field == field]
        new = [one for one in taken(filled) if one.field == field]
        is_kept = bool(own[field]) or not new or any(_name(one.model) in absent for one in old)
        if is_kept or set(before[field]) == set(after[field]):
            listed += old
            continue
        held = {one.value: one for one in old}
        listed += [held.get(one.value, one) for one in new]
        changed[field] = after[field] if field in _LISTS else after[field][0]
    return Changes(**changed, suggested=tuple(listed)) if changed else None


def refusal(piece: Piece, what: str) -> Changes:
    """Return the changes that refuse what models suggested: all values of a field by its name, or one value.

    NotFoundError if the Piece holds no such value of a model.
    """
    found = [one for one in taken(piece) if one.field in {what, f"{what}s"}]
    found = found or [one for one in taken(piece) if one.value == _normal(one.field, what)]
    if not found:
        raise NotFoundError(
            f"no model suggested {what[:60]!r} for this Piece",
            hint="satchel show ID tells what models suggested",
        )
    return _without(piece, found, piece.suggested)


def refusal_of(piece: Piece, value: SuggestedValue) -> Changes:
    """Return the changes that refuse one value: one that the Piece took from a model, or one that was only offered.

    NotFoundError if the Piece holds the value as the owner's.
    """
    is_listed = any((one.field, one.value) == (value.field, value.value) for one in piece.suggested)
    if not is_listed and value.value in held_values(piece)[value.field]:
        raise NotFoundError(
            f"no model suggested {value.value[:60]!r} for this Piece", hint="edit the Piece to remove it"
        )
    listed = piece.suggested if is_listed else (*piece.suggested, value)
    return _without(piece, [value], listed)


def _without(piece: Piece, chosen: Sequence[SuggestedValue], listed: tuple[SuggestedValue, ...]) -> Changes:
    held = held_values(piece)
    found = [one for one in chosen if one.value in held[one.field]]
    gone = {(one.field, one.value) for one in found}
    fields = {one.field for one in found}
    left = tuple(link for link in piece.links if ("links", link) not in gone)
    return Changes(
        title="" if "title" in fields else None,
        description="" if "description" in fields else None,
        language="" if "language" in fields else None,
        remove_tags=tuple(one.value for one in found if one.field == "tags"),
        links=left if "links" in fields else None,
        suggested=listed,
    )


def _normal(field: str, text: str) -> str:
    try:
        return suggested_value(field, text)
    except UsageError:
        return ""


def _name(label: str) -> str:
    """Return the name of the model in a label: "titles" for "titles/1"."""
    return label.rpartition("/")[0]
