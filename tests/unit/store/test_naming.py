"""Typed ids: beginnings of whole ids, short ids, and the shortest text that is unambiguous."""

from random import Random

import pytest

from satchel.errors import NotFoundError, UsageError
from satchel.pieces import ulid
from satchel.store import Draft, Store


@pytest.fixture
def pieces(store: Store) -> list[str]:
    """The ids of Pieces whose random parts share beginnings of every length."""
    parts = [
        "AAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAB",
        "AAAABBBBBBBBBBBB",
        "AAACAAAAAAAAAAAA",
        "B0NGC0AN00000000",
    ]
    added = list(store.add_many(Draft(b"x") for _ in parts))
    for piece, part in zip(added, parts, strict=True):
        values = (piece.id[:10] + part, piece.id)
        store._connection.execute("UPDATE pieces SET ulid = ? WHERE ulid = ?", values)
    return [piece.id[:10] + part for piece, part in zip(added, parts, strict=True)]


def test_every_unambiguous_beginning_of_a_random_part_stands_for_its_piece(
    store: Store, pieces: list[str]
) -> None:
    assert store.resolve("B") == pieces[4]
    assert store.resolve("b0ng-c0an") == store.resolve("bongcoan") == pieces[4]
    assert store.resolve("AAAC") == pieces[3]
    assert store.resolve(pieces[0][10:]) == pieces[0]


@pytest.mark.parametrize("text", ["A", "AAA", "AAAA", "AAAAAAAAAAAAAAA"])
def test_a_beginning_that_several_pieces_share_is_refused(store: Store, pieces: list[str], text: str) -> None:
    with pytest.raises(UsageError, match="several Pieces") as ambiguous:
        store.resolve(text)
    assert "AAA" in ambiguous.value.message.partition(":")[2]


@pytest.mark.parametrize(
    "text", ["C", "AAAAAAAAAAAAAAAAA", "%", "_", "AAA*", "U", "~", "a' OR 1=1", "\0", "é"]
)
def test_a_text_that_stands_for_no_piece_is_not_found(store: Store, pieces: list[str], text: str) -> None:
    with pytest.raises(NotFoundError):
        store.resolve(text)


def test_the_beginning_of_a_whole_id_comes_before_a_short_id(store: Store, pieces: list[str]) -> None:
    beginning = pieces[0][:10]
    store._connection.execute(
        "UPDATE pieces SET ulid = ? WHERE ulid = ?", (pieces[4][:10] + beginning + "000000", pieces[4])
    )
    assert store.resolve(beginning) == pieces[0]
    assert store.resolve(beginning + "0") == pieces[4][:10] + beginning + "000000"
    shown = store.short_ids([pieces[4][:10] + beginning + "000000"])
    assert all(store.resolve(short) == whole for whole, short in shown.items())


def test_short_ids_are_as_short_as_possible_and_stand_for_their_piece(
    store: Store, pieces: list[str]
) -> None:
    shown = store.short_ids(pieces)
    assert [shown[each] for each in pieces] == [
        "AAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAB",
        "AAAAB",
        "AAAC",
        "B0NG",
    ]
    assert all(store.resolve(short.lower()) == whole for whole, short in shown.items())


def test_equal_random_parts_are_shown_as_whole_ids(store: Store, pieces: list[str]) -> None:
    store._connection.execute("UPDATE pieces SET ulid = substr(ulid, 1, 10) || 'AAAAAAAAAAAAAAAA'")
    ids = [piece.id for piece in store.pieces()]
    assert store.short_ids(ids) == {each: each for each in ids}


def test_short_ids_of_some_pieces_differ_from_those_of_all(store: Store, pieces: list[str]) -> None:
    assert store.short_ids([pieces[2]]) == {pieces[2]: "AAAAB"}
    assert store.short_ids([]) == {}


def test_short_ids_of_many_pieces_stand_for_them(store: Store) -> None:
    ids = [piece.id for piece in store.add_many(Draft(b"%d" % number) for number in range(5_000))]
    shown = store.short_ids(ids)
    assert len(set(shown.values())) == 5_000
    assert {len(short) for short in shown.values()} <= {4, 5, 6, 7}
    assert all(store.resolve(shown[each]) == each for each in Random(1).sample(ids, 100))


def test_pieces_are_found_by_both_kinds_of_beginnings(store: Store, pieces: list[str]) -> None:
    assert [found.id for found in store.with_prefix("AAA", 10)] == pieces[3::-1]
    assert [found.id for found in store.with_prefix("", 2)] == pieces[:2:-1]
    assert [found.id for found in store.with_prefix(pieces[0][:6], 10)] == pieces[::-1]
    assert store.with_prefix("ZZZ", 10) == []


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", True),
        ("0" * 26, True),
        ("76EZ91ZPZZ" + "Z" * 16, True),
        ("76EZ91ZQ00" + "0" * 16, False),
        ("7" + "Z" * 25, False),
        ("8" + "0" * 25, False),
        ("0" * 25, False),
        ("0" * 27, False),
        ("0" * 25 + "U", False),
        ("01arz3ndektsv4rrffq69g5fav", False),
        ("0" * 26 + "\n", False),
    ],
)
def test_an_id_is_whole_canonical_and_before_the_year_10000(text: str, is_id: bool) -> None:
    assert ulid.is_id(text) == is_id
