"""What is known of suggestions: which values of a Piece are a model's, and which ones the owner refused.

A Piece lists every value that a model suggested for a field, with the label of the model. A listed value that the
field holds was taken from the model; one that it does not hold was refused, and is never suggested again.
"""

from typing import TYPE_CHECKING, Protocol

from satchel.pieces.model import Changes, Revision, SuggestedValue

if TYPE_CHECKING:
    from collections.abc import Collection

Suggested = tuple[SuggestedValue, ...]


class State(Protocol):
    """The fields of a Piece, a revision or a draft."""

    @property
    def title(self) -> str:
        """The title."""

    @property
    def description(self) -> str:
        """The description."""

    @property
    def language(self) -> str | None:
        """The language."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags."""

    @property
    def links(self) -> tuple[str, ...]:
        """The links."""

    @property
    def suggested(self) -> Suggested:
        """What models suggested."""


def held_values(state: State) -> dict[str, tuple[str, ...]]:
    """Return the values that each field holds."""
    single = {"title": state.title, "description": state.description, "language": state.language}
    held = {field: (value,) if value else () for field, value in single.items()}
    return {**held, "tags": state.tags, "links": state.links}


def taken(state: State) -> Suggested:
    """Return the values that are a model's, in the order of fields and values."""
    held = held_values(state)
    return tuple(one for one in state.suggested if one.value in held[one.field])


def refused(state: State) -> Suggested:
    """Return the values that models suggested and the owner refused."""
    held = held_values(state)
    return tuple(one for one in state.suggested if one.value not in held[one.field])


def after_edit(suggested: Suggested, changes: Changes) -> Suggested:
    """Return what is known of suggestions after normalized changes: what the owner sets is the owner's."""
    if changes.suggested is not None:
        return changes.suggested
    if not suggested:
        return ()
    chosen: dict[str, Collection[str | None]] = {
        "title": (changes.title,),
        "description": (changes.description,),
        "language": (changes.language,),
        "tags": {*(changes.tags or ()), *changes.add_tags} - set(changes.remove_tags),
        "links": changes.links or (),
    }
    return tuple(one for one in suggested if one.value not in chosen[one.field])


def after_return(current: Revision, earlier: Revision) -> Suggested:
    """Return what is known of suggestions after an earlier state is chosen again, which is an edit by the owner."""
    before, after = held_values(current), held_values(earlier)
    return tuple(
        one
        for one in current.suggested
        if one.value in before[one.field] or one.value not in after[one.field]
    )
