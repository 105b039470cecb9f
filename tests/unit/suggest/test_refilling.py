"""Suggesting again for an existing Piece: what is replaced, what stays, and what is refused."""

from datetime import UTC, datetime
from typing import Final

import pytest

from satchel.errors import NotFoundError
from satchel.models.interface import Field, Suggestion
from satchel.pieces.suggested import held_values, refused, taken
from satchel.store import Changes, Piece, SuggestedValue
from satchel.suggest.filling import Described
from satchel.suggest.refilling import owners_draft, refilled, refusal

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
TITLE: Final = SuggestedValue("title", "old title", "titles/1")
OLD: Final = SuggestedValue("tags", "old", "tags/1")
HTTP: Final = SuggestedValue("tags", "http", "tags/1")
GONE: Final = SuggestedValue("tags", "gone", "tags/1")


def piece(
    *,
    title: str = "",
    tags: tuple[str, ...] = (),
    language: str | None = None,
    suggested: tuple[SuggestedValue, ...] = (),
) -> Piece:
    return Piece("01", title, "", language, "text/plain", tags, (), None, NOW, NOW, 1, 1, (), suggested)


def one(field: Field, value: str, model: str) -> Described:
    return Described(Suggestion(field, value, 0.9, "a reason"), model)


def again(kept: Piece, *described: Described, absent: tuple[str, ...] = ()) -> Changes | None:
    return refilled(kept, owners_draft(kept, b"x"), described, absent=absent)


def test_models_see_only_what_the_owner_set() -> None:
    kept = piece(title="old title", tags=("http", "mine"), language="go", suggested=(HTTP, GONE, TITLE))
    draft = owners_draft(kept, b"content")
    assert (draft.title, draft.tags, draft.language) == ("", ("mine",), "go")
    assert draft.suggested == (GONE,)
    assert (draft.content, draft.media_type) == (b"content", "text/plain")


def test_an_empty_field_is_filled() -> None:
    assert again(piece(title="mine"), one("language", "go", "language/1")) == Changes(
        language="go", suggested=(SuggestedValue("language", "go", "language/1"),)
    )


def test_a_newer_suggestion_replaces_an_older_one_and_drops_it() -> None:
    kept = piece(title="old title", suggested=(TITLE,))
    newer = SuggestedValue("title", "new title", "titles/2")
    assert again(kept, one("title", "new title", "titles/2")) == Changes(
        title="new title", suggested=(newer,)
    )


def test_the_same_suggestion_changes_nothing() -> None:
    kept = piece(title="old title", tags=("http", "old"), suggested=(HTTP, OLD, TITLE))
    described = [
        one("title", "old title", "titles/2"),
        one("tag", "old", "tags/2"),
        one("tag", "http", "tags/2"),
    ]
    assert again(kept, *described) is None
    assert again(kept) is None


def test_what_the_owner_set_stays() -> None:
    kept = piece(title="mine", tags=("mine", "http"), suggested=(HTTP,))
    assert again(kept, one("title", "t", "titles/1"), one("tag", "other", "tags/2")) is None


def test_what_was_refused_is_neither_suggested_nor_forgotten() -> None:
    kept = piece(tags=("http",), suggested=(GONE, HTTP, TITLE))
    changes = again(
        kept, one("title", "old title", "titles/2"), one("tag", "gone", "tags/2"), one("tag", "new", "tags/2")
    )
    assert changes is not None
    assert (changes.title, changes.tags) == (None, ("new",))
    assert set(changes.suggested or ()) == {GONE, TITLE, SuggestedValue("tags", "new", "tags/2")}


def test_tags_that_are_suggested_again_keep_their_model() -> None:
    kept = piece(tags=("http", "old"), suggested=(HTTP, OLD))
    changes = again(kept, one("tag", "http", "tags/2"), one("tag", "new", "tags/2"))
    assert changes is not None
    assert set(changes.suggested or ()) == {HTTP, SuggestedValue("tags", "new", "tags/2")}


def test_values_of_a_model_that_did_not_run_are_kept() -> None:
    kept = piece(title="old title", suggested=(TITLE,))
    assert again(kept, one("title", "first line", "first-lines/2"), absent=("titles",)) is None
    assert again(kept, one("title", "first line", "first-lines/2"), absent=("tags",)) is not None


@pytest.mark.parametrize("what", ["tags", "tag"])
def test_a_field_is_refused_by_its_name(what: str) -> None:
    kept = piece(title="old title", tags=("http", "mine", "old"), suggested=(HTTP, OLD, TITLE))
    assert refusal(kept, what) == Changes(remove_tags=("http", "old"), suggested=kept.suggested)


@pytest.mark.parametrize("what", ["http", "#HTTP"])
def test_one_value_is_refused(what: str) -> None:
    kept = piece(tags=("http", "old"), suggested=(HTTP, OLD))
    assert refusal(kept, what) == Changes(remove_tags=("http",), suggested=kept.suggested)


def test_single_fields_are_emptied() -> None:
    values = (SuggestedValue("language", "go", "language/1"), TITLE)
    kept = piece(title="old title", language="go", suggested=values)
    assert refusal(kept, "title") == refusal(kept, "old title") == Changes(title="", suggested=values)
    assert refusal(kept, "golang") == refusal(kept, "language") == Changes(language="", suggested=values)


@pytest.mark.parametrize("what", ["mine", "gone", "title", "links", "x" * 5_000, ""])
def test_what_no_model_suggested_cannot_be_refused(what: str) -> None:
    kept = piece(title="mine", tags=("mine", "http"), suggested=(GONE, HTTP))
    with pytest.raises(NotFoundError, match="no model suggested"):
        refusal(kept, what)


def test_taken_and_refused_are_told_apart() -> None:
    kept = piece(tags=("http",), suggested=(GONE, HTTP, TITLE))
    assert (taken(kept), refused(kept)) == ((HTTP,), (GONE, TITLE))
    assert held_values(kept)["title"] == ()
