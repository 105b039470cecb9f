"""Pieces are saved, read, listed, edited and removed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.store.conftest import TickingClock

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.store import Changes, Draft, Piece, Source, Store

NOWHERE = "0" * 26


def _no_entropy(count: int) -> bytes:
    raise OSError("no entropy")


def _many(count: int) -> Iterator[Draft]:
    return (Draft(f"content {number}".encode(), title=f"title {number}") for number in range(count))


def test_a_saved_piece_has_every_field_of_its_draft(store: Store) -> None:
    draft = Draft(
        b"print('hi')\n",
        title="greet",
        description="says hi",
        language="py",
        tags=("b", "a"),
        links=("https://example.org",),
        source=Source("file", "/src/greet.py", "greet.py"),
    )
    piece = store.add(draft)
    assert store.piece(piece.id) == piece
    assert store.content(piece.id) == b"print('hi')\n"
    assert (piece.title, piece.description, piece.language) == ("greet", "says hi", "python")
    assert (piece.tags, piece.links, piece.source) == (("a", "b"), draft.links, draft.source)
    assert (piece.media_type, piece.size_bytes, piece.revision) == ("text/plain", 12, 1)
    assert piece.created == piece.updated == datetime(2025, 11, 22, 12, 0, 1, tzinfo=UTC)


def test_only_content_is_required(store: Store) -> None:
    piece = store.add(Draft(b""))
    assert (piece.title, piece.language, piece.tags, piece.source) == ("", None, (), None)
    assert store.content(piece.id) == b""


def test_given_times_are_kept_to_the_millisecond(store: Store) -> None:
    created = datetime(2019, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    piece = store.add(Draft(b"x", created=created, updated=created + timedelta(days=1)))
    assert piece.created == created.replace(microsecond=678_000)
    assert piece.updated == piece.created + timedelta(days=1)
    assert store.piece(piece.id) == piece


def test_a_piece_is_never_updated_before_it_was_created(store: Store) -> None:
    created = datetime(2019, 1, 2, tzinfo=UTC)
    piece = store.add(Draft(b"x", created=created, updated=created - timedelta(days=1)))
    assert piece.updated == piece.created


def test_times_before_1970_are_kept(store: Store) -> None:
    created = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
    piece = store.add(Draft(b"x", created=created))
    assert store.piece(piece.id).created == created


def test_many_pieces_are_saved_in_order(store: Store) -> None:
    added = list(store.add_many(_many(1_500)))
    assert [piece.title for piece in added] == [f"title {number}" for number in range(1_500)]
    assert list(store.pieces(newest_first=False)) == added
    assert store.count() == 1_500


def test_a_yielded_piece_is_on_disk(store: Store) -> None:
    adding = store.add_many(_many(2_000))
    first = next(adding)
    with Store.open(store.home) as other:
        assert other.piece(first.id) == first


def test_drafts_are_consumed_without_holding_a_lock(store: Store) -> None:
    with Store.open(store.home) as other:

        def drafts() -> Iterator[Draft]:
            for number in range(1_200):
                if number % 100 == 0:
                    other.add(Draft(b"from elsewhere"))
                yield Draft(b"x")

        assert len(list(store.add_many(drafts()))) == 1_200
    assert store.count() == 1_212


def test_drafts_before_a_refused_one_are_saved(store: Store) -> None:
    adding = store.add_many([Draft(b"1"), Draft(b"2"), Draft(b"3", title="x" * 10_000), Draft(b"4")])
    added = [next(adding), next(adding)]
    with pytest.raises(UsageError):
        next(adding)
    assert list(store.pieces(newest_first=False)) == added


def test_the_first_ten_characters_of_an_id_are_unique(store: Store, clock: TickingClock) -> None:
    clock.step = timedelta(0)
    pieces = list(store.add_many(_many(1_000)))
    assert len({piece.short_id for piece in pieces}) == 1_000
    assert all(store.resolve(piece.short_id) == piece.id for piece in pieces)


def test_ids_ascend_even_when_the_clock_goes_back(store: Store, clock: TickingClock) -> None:
    clock.step = timedelta(hours=-1)
    ids = [store.add(Draft(b"x")).id for _ in range(5)]
    assert ids == sorted(ids)


def test_an_id_is_found_by_any_unique_prefix(store: Store) -> None:
    first, second = store.add(Draft(b"1")), store.add(Draft(b"2"))
    common = next(at for at in range(26) if first.id[at] != second.id[at])
    assert store.resolve(first.id[: common + 1].lower()) == first.id
    assert store.resolve(second.id) == second.id
    with pytest.raises(UsageError) as ambiguous:
        store.resolve(first.id[:common])
    assert first.short_id in ambiguous.value.message


@pytest.mark.parametrize("prefix", ["7", "ZZZ", "hello!", "01" * 20, NOWHERE])
def test_an_unknown_prefix_is_not_found(store: Store, prefix: str) -> None:
    store.add(Draft(b"x"))
    with pytest.raises(NotFoundError):
        store.resolve(prefix)


def test_the_random_part_of_an_id_must_match(store: Store) -> None:
    piece = store.add(Draft(b"x"))
    other = piece.id[:-1] + ("0" if piece.id[-1] != "0" else "1")
    with pytest.raises(NotFoundError):
        store.piece(other)


def test_an_empty_prefix_is_a_usage_error(store: Store) -> None:
    with pytest.raises(UsageError):
        store.resolve(" ")


@pytest.mark.parametrize("piece_id", [NOWHERE, "", "x", "'; DROP TABLE pieces"])
def test_an_unknown_id_is_not_found(store: Store, piece_id: str) -> None:
    for ask in (store.piece, store.content, store.revisions, store.remove):
        with pytest.raises(NotFoundError):
            ask(piece_id)
    with pytest.raises(NotFoundError):
        store.edit(piece_id, Changes(title="x"))


def test_pages_follow_one_another(store: Store) -> None:
    list(store.add_many(_many(25)))
    everything = list(store.pieces())
    pages: list[Piece] = []
    after = None
    while page := list(store.pieces(after=after, limit=7)):
        pages += page
        after = page[-1].id
    assert pages == everything
    assert list(store.pieces(newest_first=False)) == everything[::-1]


def test_a_page_after_an_invalid_id_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        next(store.pieces(after="somewhere"))


def test_pieces_of_several_pages_are_each_listed_once(store: Store) -> None:
    list(store.add_many(_many(1_100)))
    listed = [piece.id for piece in store.pieces()]
    assert listed == sorted(set(listed), reverse=True)
    assert len(listed) == 1_100


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_returns_no_pieces(store: Store, limit: int) -> None:
    store.add(Draft(b"x"))
    assert list(store.pieces(limit=limit)) == []


def test_pieces_are_filtered_by_language_and_tag(store: Store) -> None:
    python = store.add(Draft(b"1", language="python", tags=("http", "x")))
    store.add(Draft(b"2", language="go", tags=("http",)))
    store.add(Draft(b"3", language="python", tags=("http-client",)))
    assert list(store.pieces(language="py", tag="#HTTP")) == [python]


def test_filters_apply_to_the_current_revision(store: Store) -> None:
    piece = store.add(Draft(b"1", language="python", tags=("old",)))
    store.edit(piece.id, Changes(language="go", tags=("new",)))
    assert list(store.pieces(language="python")) == []
    assert list(store.pieces(tag="old")) == []
    assert [found.id for found in store.pieces(language="go", tag="new")] == [piece.id]


def test_a_tag_with_special_characters_matches_only_as_a_whole(store: Store) -> None:
    store.add(Draft(b"1", tags=('"a', "b,c")))
    assert list(store.pieces(tag="a")) == []
    assert len(list(store.pieces(tag='"a'))) == 1


def test_tags_and_languages_are_counted(store: Store) -> None:
    store.add(Draft(b"1", language="go", tags=("a", "b")))
    store.add(Draft(b"2", language="go", tags=("a",)))
    store.add(Draft(b"3", language="python"))
    store.add(Draft(b"4"))
    assert list(store.tags().items()) == [("a", 2), ("b", 1)]
    assert list(store.languages().items()) == [("go", 2), ("python", 1)]


def test_an_edit_changes_only_the_given_fields(store: Store) -> None:
    piece = store.add(Draft(b"1", title="old", language="go", tags=("a",)))
    edited = store.edit(piece.id, Changes(title="new"))
    assert (edited.title, edited.language, edited.tags) == ("new", "go", ("a",))
    assert (edited.created, edited.revision) == (piece.created, 2)
    assert edited.updated > piece.updated
    assert store.piece(piece.id) == edited


def test_an_edit_without_effect_appends_no_revision(store: Store) -> None:
    piece = store.add(Draft(b"1", title="same", tags=("a",)))
    assert store.edit(piece.id, Changes(title=" same ", tags=("A",), content=b"1")) == piece
    assert store.change_counter == 1


def test_tags_are_added_to_and_removed_from_the_current_ones(store: Store) -> None:
    piece = store.add(Draft(b"1", tags=("a", "b")))
    edited = store.edit(piece.id, Changes(add_tags=("c", "a"), remove_tags=("b", "never")))
    assert edited.tags == ("a", "c")


def test_a_language_can_be_removed(store: Store) -> None:
    piece = store.add(Draft(b"1", language="go"))
    assert store.edit(piece.id, Changes(language="")).language is None


def test_the_type_of_new_content_is_detected(store: Store) -> None:
    piece = store.add(Draft(b"text"))
    edited = store.edit(piece.id, Changes(content=b"\x89PNG\r\n\x1a\n\x00"))
    assert (edited.media_type, edited.size_bytes) == ("image/png", 9)
    assert store.content(piece.id) == b"\x89PNG\r\n\x1a\n\x00"


def test_the_media_type_can_be_given(store: Store) -> None:
    piece = store.add(Draft(b"# a"))
    assert store.edit(piece.id, Changes(media_type="text/markdown")).media_type == "text/markdown"


def test_edited_text_keeps_its_text_type(store: Store) -> None:
    piece = store.add(Draft(b"# a", media_type="text/markdown"))
    assert store.edit(piece.id, Changes(content=b"# b")).media_type == "text/markdown"


def test_text_edited_to_utf_8_loses_its_old_charset(store: Store) -> None:
    piece = store.add(Draft("größer".encode("latin-1")))
    edited = store.edit(piece.id, Changes(content="größer!".encode()))
    assert edited.media_type == "text/plain"


def test_an_edit_based_on_an_older_revision_is_refused(store: Store) -> None:
    piece = store.add(Draft(b"1"))
    store.edit(piece.id, Changes(title="theirs"))
    with pytest.raises(SatchelError, match="the Piece has changed"):
        store.edit(piece.id, Changes(title="mine"), based_on=1)
    assert store.edit(piece.id, Changes(title="mine"), based_on=2).title == "mine"


def test_a_removed_piece_is_gone(store: Store) -> None:
    kept, removed = store.add(Draft(b"1")), store.add(Draft(b"2"))
    store.edit(removed.id, Changes(content=b"22"))
    store.remove(removed.id)
    assert list(store.pieces()) == [kept]
    with pytest.raises(NotFoundError):
        store.content(removed.id)
    assert list(store.problems()) == []


def test_readable_returns_the_start_of_the_text_and_the_description(store: Store) -> None:
    text = store.add(Draft(b"abcdef", description="about"))
    image = store.add(Draft(b"\x89PNG\r\n\x1a\n\x00", description="a picture"))
    assert store.readable(text.id, 3) == (text, "abc\nabout")
    assert store.readable(image.id, 3) == (image, "a picture")


def test_a_failed_change_leaves_no_trace(store: Store) -> None:
    piece = store.add(Draft(b"1"))
    store._entropy = _no_entropy
    with pytest.raises(OSError, match="no entropy"):
        store.add(Draft(b"2"))
    assert list(store.pieces()) == [piece]
    assert list(store.problems()) == []
