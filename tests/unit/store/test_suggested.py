"""Which values are a model's: kept with each revision, given to the owner by an edit, refused, and bounded."""

import json

import pytest

from satchel.errors import IntegrityError, UsageError
from satchel.pieces import fields
from satchel.pieces.suggested import refused, taken
from satchel.store import Changes, Draft, Piece, Store, SuggestedValue

TITLE = SuggestedValue("title", "Parse a header", "titles/1")
LANGUAGE = SuggestedValue("language", "python", "language/1")
HTTP = SuggestedValue("tags", "http", "tags/1")
WIRE = SuggestedValue("tags", "wire", "tags/1")
LINK = SuggestedValue("links", "https://docs.python.org/3/", "links/1")


@pytest.fixture
def piece(store: Store) -> Piece:
    return store.add(
        Draft(
            b"def parse(line): ...",
            title=TITLE.value,
            language=LANGUAGE.value,
            tags=(HTTP.value, WIRE.value),
            links=(LINK.value,),
            suggested=(TITLE, LANGUAGE, HTTP, WIRE, LINK),
        )
    )


def column(store: Store) -> list[object]:
    return [row[0] for row in store._connection.execute("SELECT suggested FROM revisions ORDER BY seq")]


def test_the_column_is_one_canonical_object(store: Store) -> None:
    store.add(
        Draft(
            b"x",
            title=TITLE.value,
            language="python",
            tags=("http",),
            suggested=(TITLE, HTTP, LANGUAGE),
        )
    )
    written = (
        '{"language":{"python":"language/1"},"tags":{"http":"tags/1"},"title":{"Parse a header":"titles/1"}}'
    )
    assert column(store) == [written]


def test_a_piece_without_suggestions_has_none(store: Store) -> None:
    piece = store.add(Draft(b"x", title="mine"))
    store.edit(piece.id, Changes(title="mine too"))
    assert column(store) == [None, None]
    assert store.piece(piece.id).suggested == ()


def test_values_are_normalized_as_their_fields_are(store: Store) -> None:
    given = (SuggestedValue("tags", " #New Tag ", "tags/1"), SuggestedValue("language", "PY", "language/1"))
    piece = store.add(Draft(b"x", language="py", tags=("New Tag",), suggested=given))
    assert [one.value for one in taken(piece)] == ["python", "new-tag"]
    assert refused(piece) == ()


def test_every_reader_knows_what_is_from_a_model(store: Store, piece: Piece) -> None:
    assert taken(piece) == tuple(sorted((TITLE, LANGUAGE, HTTP, WIRE, LINK)))
    assert store.piece(piece.id) == piece
    assert list(store.pieces()) == [piece]
    assert store.revisions(piece.id)[0].suggested == piece.suggested
    (batch,) = store.changed_since(0, text_bytes=10)
    assert batch.changed[0].piece == piece


def test_what_the_owner_sets_is_the_owners(store: Store, piece: Piece) -> None:
    edited = store.edit(piece.id, Changes(title=TITLE.value, add_tags=("http",)))
    assert edited.revision == 2
    assert taken(edited) == tuple(sorted((LANGUAGE, WIRE, LINK)))
    assert refused(edited) == ()
    assert store.revisions(piece.id)[0].suggested == piece.suggested


def test_what_the_owner_replaces_or_removes_is_refused(store: Store, piece: Piece) -> None:
    edited = store.edit(piece.id, Changes(title="mine", language="", remove_tags=("wire",), links=()))
    assert refused(edited) == tuple(sorted((TITLE, LANGUAGE, WIRE, LINK)))
    assert taken(edited) == (HTTP,)


def test_a_tag_that_is_added_and_removed_at_once_is_refused(store: Store, piece: Piece) -> None:
    edited = store.edit(piece.id, Changes(add_tags=("http",), remove_tags=("http",)))
    assert refused(edited) == (HTTP,)


def test_replacing_all_tags_gives_the_kept_ones_to_the_owner(store: Store, piece: Piece) -> None:
    edited = store.edit(piece.id, Changes(tags=("http", "other")))
    assert refused(edited) == (WIRE,)
    assert HTTP not in edited.suggested


def test_an_edit_of_the_content_keeps_what_is_known(store: Store, piece: Piece) -> None:
    assert store.edit(piece.id, Changes(content=b"other")).suggested == piece.suggested


def test_a_model_replaces_what_is_known(store: Store, piece: Piece) -> None:
    newer = SuggestedValue("title", "Split a header", "titles/2")
    edited = store.edit(piece.id, Changes(title=newer.value, suggested=(newer, HTTP)))
    assert edited.suggested == (HTTP, newer)
    assert edited.title == newer.value


def test_going_back_is_an_edit_by_the_owner(store: Store, piece: Piece) -> None:
    newer = SuggestedValue("title", "Split a header", "titles/2")
    store.edit(piece.id, Changes(title=newer.value, suggested=(newer, LANGUAGE, HTTP, WIRE, LINK)))
    store.edit(piece.id, Changes(remove_tags=("wire",)))
    back = store.restore_revision(piece.id, 1)
    assert (back.title, back.tags) == (TITLE.value, ("http", "wire"))
    assert refused(back) == (newer,)
    assert taken(back) == tuple(sorted((LANGUAGE, HTTP, LINK)))


@pytest.mark.parametrize(
    "suggested",
    [
        [SuggestedValue("title", "x" * (fields.MAX_SUGGESTED_CHARS + 1), "titles/1")],
        [SuggestedValue("title", "x", "m" * (fields.MAX_MODEL_CHARS + 1))],
        [SuggestedValue("tags", f"t{number}", "tags/1") for number in range(fields.MAX_SUGGESTED + 1)],
        [SuggestedValue("media_type", "text/plain", "other/1")],
    ],
    ids=["a long value", "a long label", "many values", "another field"],
)
def test_suggestions_over_a_limit_are_refused(
    store: Store, piece: Piece, suggested: list[SuggestedValue]
) -> None:
    with pytest.raises(UsageError):
        store.add(Draft(b"x", suggested=tuple(suggested)))
    with pytest.raises(UsageError):
        store.edit(piece.id, Changes(suggested=tuple(suggested)))


def test_suggestions_at_the_limits_are_kept(store: Store) -> None:
    suggested = tuple(
        SuggestedValue(field, f"{number:02}" + '"' * 900, "m" * fields.MAX_MODEL_CHARS)
        for field in ("title", "description", "links")
        for number in range(fields.MAX_SUGGESTED)
    )
    piece = store.add(Draft(b"x", suggested=suggested))
    assert store.piece(piece.id).suggested == tuple(sorted(suggested))
    assert list(store.problems()) == []


DAMAGED = [
    "",
    "{}",
    "[]",
    "null",
    '{"title":{}}',
    '{"title":{"a":1}}',
    '{"title":"a"}',
    '{"owner":{"a":"titles/1"}}',
    '{"title":{"a":"titles/1"}',
    "[" * 20_000,
    json.dumps({"title": {"x" * 1_000_000: "titles/1"}}, separators=(",", ":")),
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_column_is_refused_and_reported(store: Store, piece: Piece, text: str) -> None:
    store._connection.execute("UPDATE revisions SET suggested = ?", (text,))
    with pytest.raises(IntegrityError, match="damaged suggestions"):
        store.piece(piece.id)
    assert list(store.problems()) == ["the suggestions of revision 1 are unreadable or break a rule"]


@pytest.mark.parametrize(
    "text",
    [
        '{"title": {"a":"titles/1"}}',
        '{"title":{"a":"titles/1"},"language":{"go":"language/1"}}',
        '{"title":{"a":"titles/1","a":"titles/2"}}',
        '{"title":{"\\u0061":"titles/1"}}',
        '{"language":{},"title":{"a":"titles/1"}}',
        '{"other":{"a":"m/1"}}',
        '{"title":{"a\\nb":"m/1"}}',
        '{"title":{"":"m/1"}}',
        '{"title":{"a":""}}',
        '{"title":{"a":"m\u001b"}}',
        json.dumps({"title": {"x" * 1_001: "m/1"}}, separators=(",", ":")),
        json.dumps({"tags": {f"{number:03}": "m/1" for number in range(51)}}, separators=(",", ":")),
    ],
)
def test_suggestions_that_break_a_rule_are_reported(store: Store, piece: Piece, text: str) -> None:
    store._connection.execute("UPDATE revisions SET suggested = ?", (text,))
    assert list(store.problems()) == ["the suggestions of revision 1 are unreadable or break a rule"]
