"""Saving, looking, editing and removing Pieces."""

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


def test_what_was_saved_is_there(store: Store) -> None:
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


def test_a_piece_needs_nothing_but_content(store: Store) -> None:
    piece = store.add(Draft(b""))
    assert (piece.title, piece.language, piece.tags, piece.source) == ("", None, (), None)
    assert store.content(piece.id) == b""


def test_times_that_come_with_a_draft_are_kept_to_the_millisecond(store: Store) -> None:
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


def test_many_are_saved_in_order(store: Store) -> None:
    added = list(store.add_many(_many(1_500)))
    assert [piece.title for piece in added] == [f"title {number}" for number in range(1_500)]
    assert list(store.pieces(newest_first=False)) == added
    assert store.count() == 1_500


def test_a_piece_that_was_given_out_is_on_the_disk(store: Store) -> None:
    adding = store.add_many(_many(2_000))
    first = next(adding)
    with Store.open(store.home) as other:
        assert other.piece(first.id) == first


def test_drafts_are_taken_while_nothing_is_locked(store: Store) -> None:
    with Store.open(store.home) as other:

        def drafts() -> Iterator[Draft]:
            for number in range(1_200):
                if number % 100 == 0:
                    other.add(Draft(b"from elsewhere"))
                yield Draft(b"x")

        assert len(list(store.add_many(drafts()))) == 1_200
    assert store.count() == 1_212


def test_what_came_before_a_refused_draft_is_saved(store: Store) -> None:
    adding = store.add_many([Draft(b"1"), Draft(b"2"), Draft(b"3", title="x" * 10_000), Draft(b"4")])
    added = [next(adding), next(adding)]
    with pytest.raises(UsageError):
        next(adding)
    assert list(store.pieces(newest_first=False)) == added


def test_the_first_ten_characters_of_an_id_name_a_piece(store: Store, clock: TickingClock) -> None:
    clock.step = timedelta(0)
    pieces = list(store.add_many(_many(1_000)))
    assert len({piece.short_id for piece in pieces}) == 1_000
    assert all(store.resolve(piece.short_id) == piece.id for piece in pieces)


def test_ids_ascend_even_when_the_clock_goes_back(store: Store, clock: TickingClock) -> None:
    clock.step = timedelta(hours=-1)
    ids = [store.add(Draft(b"x")).id for _ in range(5)]
    assert ids == sorted(ids)


def test_an_id_is_found_by_any_prefix_that_is_its_own(store: Store) -> None:
    first, second = store.add(Draft(b"1")), store.add(Draft(b"2"))
    common = next(at for at in range(26) if first.id[at] != second.id[at])
    assert store.resolve(first.id[: common + 1].lower()) == first.id
    assert store.resolve(second.id) == second.id
    with pytest.raises(UsageError) as ambiguous:
        store.resolve(first.id[:common])
    assert first.short_id in ambiguous.value.message


@pytest.mark.parametrize("prefix", ["7", "ZZZ", "hello!", "01" * 20, NOWHERE])
def test_a_prefix_of_nothing_is_not_found(store: Store, prefix: str) -> None:
    store.add(Draft(b"x"))
    with pytest.raises(NotFoundError):
        store.resolve(prefix)


def test_the_random_part_of_an_id_counts(store: Store) -> None:
    piece = store.add(Draft(b"x"))
    other = piece.id[:-1] + ("0" if piece.id[-1] != "0" else "1")
    with pytest.raises(NotFoundError):
        store.piece(other)


def test_an_empty_prefix_is_a_mistake(store: Store) -> None:
    with pytest.raises(UsageError):
        store.resolve(" ")


@pytest.mark.parametrize("piece_id", [NOWHERE, "", "x", "'; DROP TABLE pieces"])
def test_what_is_not_there_is_not_found(store: Store, piece_id: str) -> None:
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


def test_a_page_behind_what_is_no_id_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        next(store.pieces(after="somewhere"))


def test_more_pieces_than_a_page_holds_are_listed_once(store: Store) -> None:
    list(store.add_many(_many(1_100)))
    listed = [piece.id for piece in store.pieces()]
    assert listed == sorted(set(listed), reverse=True)
    assert len(listed) == 1_100


@pytest.mark.parametrize("limit", [0, -3])
def test_no_pieces_are_given_when_none_are_asked_for(store: Store, limit: int) -> None:
    store.add(Draft(b"x"))
    assert list(store.pieces(limit=limit)) == []


def test_pieces_are_filtered_by_language_and_tag(store: Store) -> None:
    python = store.add(Draft(b"1", language="python", tags=("http", "x")))
    store.add(Draft(b"2", language="go", tags=("http",)))
    store.add(Draft(b"3", language="python", tags=("http-client",)))
    assert list(store.pieces(language="py", tag="#HTTP")) == [python]


def test_filters_go_by_the_current_revision(store: Store) -> None:
    piece = store.add(Draft(b"1", language="python", tags=("old",)))
    store.edit(piece.id, Changes(language="go", tags=("new",)))
    assert list(store.pieces(language="python")) == []
    assert list(store.pieces(tag="old")) == []
    assert [found.id for found in store.pieces(language="go", tag="new")] == [piece.id]


def test_a_tag_matches_whole_whatever_is_in_it(store: Store) -> None:
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


def test_an_edit_changes_what_it_names_and_nothing_else(store: Store) -> None:
    piece = store.add(Draft(b"1", title="old", language="go", tags=("a",)))
    edited = store.edit(piece.id, Changes(title="new"))
    assert (edited.title, edited.language, edited.tags) == ("new", "go", ("a",))
    assert (edited.created, edited.revision) == (piece.created, 2)
    assert edited.updated > piece.updated
    assert store.piece(piece.id) == edited


def test_an_edit_that_changes_nothing_is_no_revision(store: Store) -> None:
    piece = store.add(Draft(b"1", title="same", tags=("a",)))
    assert store.edit(piece.id, Changes(title=" same ", tags=("A",), content=b"1")) == piece
    assert store.change_counter == 1


def test_tags_are_added_and_taken_away_from_what_is_there(store: Store) -> None:
    piece = store.add(Draft(b"1", tags=("a", "b")))
    edited = store.edit(piece.id, Changes(add_tags=("c", "a"), remove_tags=("b", "never")))
    assert edited.tags == ("a", "c")


def test_a_language_can_be_taken_away(store: Store) -> None:
    piece = store.add(Draft(b"1", language="go"))
    assert store.edit(piece.id, Changes(language="")).language is None


def test_new_content_is_what_it_is(store: Store) -> None:
    piece = store.add(Draft(b"text"))
    edited = store.edit(piece.id, Changes(content=b"\x89PNG\r\n\x1a\n\x00"))
    assert (edited.media_type, edited.size_bytes) == ("image/png", 9)
    assert store.content(piece.id) == b"\x89PNG\r\n\x1a\n\x00"


def test_the_media_type_can_be_said(store: Store) -> None:
    piece = store.add(Draft(b"# a"))
    assert store.edit(piece.id, Changes(media_type="text/markdown")).media_type == "text/markdown"


def test_edited_text_keeps_its_own_kind_of_text(store: Store) -> None:
    piece = store.add(Draft(b"# a", media_type="text/markdown"))
    assert store.edit(piece.id, Changes(content=b"# b")).media_type == "text/markdown"


def test_text_of_another_encoding_becomes_utf_8_when_it_is_edited(store: Store) -> None:
    piece = store.add(Draft("größer".encode("latin-1")))
    edited = store.edit(piece.id, Changes(content="größer!".encode()))
    assert edited.media_type == "text/plain"


def test_an_edit_of_something_older_is_refused_if_the_caller_says_what_it_saw(store: Store) -> None:
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


def test_the_readable_part_of_a_text_is_its_start_and_the_description(store: Store) -> None:
    text = store.add(Draft(b"abcdef", description="about"))
    image = store.add(Draft(b"\x89PNG\r\n\x1a\n\x00", description="a picture"))
    assert store.readable(text.id, 3) == (text, "abc\nabout")
    assert store.readable(image.id, 3) == (image, "a picture")


def test_a_failed_change_leaves_nothing_behind(store: Store) -> None:
    piece = store.add(Draft(b"1"))
    store._entropy = _no_entropy
    with pytest.raises(OSError, match="no entropy"):
        store.add(Draft(b"2"))
    assert list(store.pieces()) == [piece]
    assert list(store.problems()) == []
