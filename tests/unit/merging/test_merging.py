"""A merge unites histories, carries removals, reports conflicts, and changes nothing the second time."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.merging import DeviceClock, Devices, holdings, newest_removal
from tests.unit.store.conftest import child, finish

from satchel.errors import NotFoundError, SatchelError
from satchel.index import Index
from satchel.merging import Conflict, ConflictSide, MergeResult, merge, plan_merge
from satchel.merging.results import MAX_CONFLICTS
from satchel.pieces.suggested import refused, taken
from satchel.store import Author, Changes, Draft, Piece, Source, Store, SuggestedValue, WholeFile

PNG = b"\x89PNG\r\n\x1a\n\x00"


def test_a_new_piece_comes_with_its_whole_history(devices: Devices, ours: Store) -> None:
    theirs = devices.new("theirs")
    draft = Draft(
        b"print(1)\n",
        title="Größe 文件",
        description="two\nlines",
        language="python",
        tags=("a", 'q"uote'),
        links=("https://example.org",),
        source=Source("file", "/x/main.py", "main.py"),
        files=(WholeFile("a.txt", b""), WholeFile("shot.png", PNG)),
    )
    added = theirs.add(draft)
    theirs.edit(added.id, Changes(content=b"print(2)\n", remove_files=("a.txt",)))
    theirs.restore_revision(added.id, 1)
    result = merge(ours, theirs.path)
    assert result == MergeResult(added=1)
    assert holdings(ours)[added.id] == holdings(theirs)[added.id]
    assert ours.count() == 2
    assert list(ours.problems()) == []


def test_authors_and_withdrawals_come_with_their_revisions(devices: Devices, ours: Store) -> None:
    theirs = devices.new("theirs")
    agent = Author("claude", "a client 1")
    added, gone = theirs.add(Draft(b"by an agent", author=agent)), theirs.add(Draft(b"gone", author=agent))
    theirs.edit(added.id, Changes(title="mine"))
    theirs.withdraw(gone.id)
    merge(ours, theirs.path)
    assert [each.author for each in ours.revisions(added.id)] == [agent, None]
    assert (ours.piece(gone.id).is_withdrawn, ours.count()) == (True, 2)
    ours.restore_revision(gone.id, 1)
    merge(theirs, ours.path)
    assert [each.is_withdrawn for each in theirs.revisions(gone.id)] == [False, True, False]
    assert theirs.count() == 3
    assert list(theirs.problems()) == []


def test_a_single_piece_comes_back_into_view(devices: Devices, ours: Store) -> None:
    piece = next(ours.pieces())
    theirs = devices.new("theirs")
    merge(theirs, ours.path)
    ours.withdraw(piece.id)
    merge(ours, theirs.path, pieces=[piece.id])
    assert not ours.piece(piece.id).is_withdrawn
    assert ours.content(piece.id) == theirs.content(piece.id)


def test_equal_contents_of_a_piece_are_stored_once(devices: Devices, ours: Store) -> None:
    theirs = devices.new("theirs")
    added = theirs.add(Draft(b"same"))
    theirs.edit(added.id, Changes(title="new"))
    theirs.edit(added.id, Changes(add_files=(WholeFile("a", b"same"),)))
    merge(ours, theirs.path)
    assert ours._connection.execute("SELECT count(*) FROM contents WHERE data = x'73616d65'").get == 1
    assert list(ours.problems()) == []


def test_a_merge_into_an_empty_store_takes_everything(devices: Devices, ours: Store) -> None:
    ours.remove(ours.add(Draft(b"gone")).id)
    empty = devices.new("empty")
    assert merge(empty, ours.path) == MergeResult(added=1)
    assert holdings(empty) == holdings(ours)
    assert newest_removal(empty) == newest_removal(ours)


def test_later_edits_are_appended(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.edit(piece.id, Changes(title="edited"))
    theirs.edit(piece.id, Changes(content=b"edited"))
    assert merge(ours, theirs.path) == MergeResult(updated=1)
    assert holdings(ours) == holdings(theirs)
    assert merge(theirs, ours.path) == MergeResult()


def test_edits_on_both_sides_are_a_conflict_and_both_are_kept(
    ours: Store, theirs: Store, piece: Piece
) -> None:
    ours.edit(piece.id, Changes(title="ours"))
    theirs._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    theirs.edit(piece.id, Changes(title="theirs"))
    result = merge(ours, theirs.path)
    [conflict] = result.conflicts
    second, third = ours.revisions(piece.id)[1:]
    assert conflict == Conflict(
        piece.id, ConflictSide(2, second.at, "ours"), ConflictSide(3, third.at, "theirs")
    )
    assert (conflict.current, conflict.title, result.conflict_count) == ("theirs", "theirs", 1)
    assert [revision.title for revision in ours.revisions(piece.id)] == ["shared", "ours", "theirs"]
    assert ours.piece(piece.id).title == "theirs"
    assert (result.updated, result.changed) == (1, 1)


def test_an_earlier_edit_of_the_other_side_goes_between(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.edit(piece.id, Changes(title="theirs"))
    ours._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    ours.edit(piece.id, Changes(title="ours"))
    [conflict] = merge(ours, theirs.path).conflicts
    assert conflict.current == "ours"
    assert [revision.title for revision in ours.revisions(piece.id)] == ["shared", "theirs", "ours"]
    assert [revision.number for revision in ours.revisions(piece.id)] == [1, 2, 3]
    assert ours.piece(piece.id).revision == 3
    assert merge(theirs, ours.path).conflict_count == 0
    assert holdings(ours) == holdings(theirs)


def test_only_pieces_in_conflict_are_updated_in_place(ours: Store, theirs: Store, piece: Piece) -> None:
    other = ours.add(Draft(b"other"))
    ours.edit(other.id, Changes(title="other"))
    theirs.edit(piece.id, Changes(title="theirs"))
    ours.edit(piece.id, Changes(title="ours"))
    before = dict(ours._connection.execute("SELECT seq, number FROM revisions"))
    merge(ours, theirs.path)
    after = dict(ours._connection.execute("SELECT seq, number FROM revisions"))
    assert sum(after[seq] != number for seq, number in before.items()) <= 1


def test_a_removal_removes_the_piece_here(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.remove(piece.id)
    assert merge(ours, theirs.path) == MergeResult(removed=1)
    assert ours.count() == 0
    assert newest_removal(ours) == newest_removal(theirs)
    assert list(ours.problems()) == []


def test_a_removed_piece_leaves_nothing_but_its_removal(ours: Store, theirs: Store, piece: Piece) -> None:
    secret = b"correct horse battery staple"
    for store in (ours, theirs):
        store.edit(
            piece.id, Changes(content=secret, title=secret.decode(), add_files=(WholeFile("f", secret * 9),))
        )
    merge(ours, theirs.path)
    merge(theirs, ours.path)
    with Index.open(ours.home, ours) as index:
        assert len(index.search("battery")) == 1
        theirs.remove(piece.id)
        merge(ours, theirs.path)
        assert index.search("battery") == []
    ours.close()
    assert [path.name for path in sorted(ours.home.iterdir())] == ["index.db", "store.db"]
    for path in ours.home.iterdir():
        data = path.read_bytes()
        assert not any(word in data for word in (secret, b"horse", b"battery"))
        assert data.count(piece.id.encode()) == (1 if path.name == "store.db" else 0)


def test_a_removal_is_remembered_for_a_piece_that_was_never_here(
    devices: Devices, ours: Store, theirs: Store, piece: Piece
) -> None:
    third = devices.new("third")
    theirs.remove(piece.id)
    assert merge(third, theirs.path) == MergeResult()
    assert merge(third, ours.path) == MergeResult()
    assert third.count() == 0


def test_an_edit_after_a_removal_brings_the_piece_back(ours: Store, theirs: Store, piece: Piece) -> None:
    ours.edit(piece.id, Changes(title="lost"))
    ours.remove(piece.id)
    theirs._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    theirs.edit(piece.id, Changes(title="later"))
    assert merge(ours, theirs.path) == MergeResult(restored=1)
    assert [revision.title for revision in ours.revisions(piece.id)] == ["shared", "later"]
    assert merge(theirs, ours.path) == MergeResult()
    assert theirs.count() == 1
    assert list(ours.problems()) == []


def test_a_removal_wins_over_an_older_edit(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.edit(piece.id, Changes(title="earlier"))
    ours._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    ours.remove(piece.id)
    assert merge(ours, theirs.path) == MergeResult()
    assert merge(theirs, ours.path) == MergeResult(removed=1)


@pytest.mark.parametrize("offset", [timedelta(days=-3_000), timedelta(days=3_000)])
def test_what_was_done_on_purpose_wins_whatever_the_clock_says(
    devices: Devices, ours: Store, piece: Piece, offset: timedelta
) -> None:
    ours.edit(piece.id, Changes(title="first"))
    wrong = devices.copy(ours, "wrong", offset)
    wrong.edit(piece.id, Changes(title="second"))
    assert merge(ours, wrong.path).conflict_count == 0
    assert ours.piece(piece.id).title == "second"
    ours.edit(piece.id, Changes(title="third"))
    merge(wrong, ours.path)
    assert wrong.piece(piece.id).title == "third"
    wrong.remove(piece.id)
    assert merge(ours, wrong.path) == MergeResult(removed=1)


def test_a_merged_piece_from_the_future_does_not_move_the_ids_of_this_store(
    devices: Devices, ours: Store
) -> None:
    future = devices.new("future", timedelta(days=9_000))
    merged = future.add(Draft(b"from the future"))
    merge(ours, future.path)
    later = ours.add(Draft(b"later"))
    assert later.id < merged.id
    assert [found.id for found in ours.pieces(order="saved")][:2] == [later.id, merged.id]


def test_pieces_saved_in_the_same_millisecond_have_ids_of_their_own(devices: Devices) -> None:
    one, two = devices.new("one"), devices.new("two")
    first, second = one.add(Draft(b"1")), two.add(Draft(b"2"))
    assert first.id[:10] == second.id[:10]
    assert merge(one, two.path) == MergeResult(added=1)
    assert {one.resolve(each.id[10:16]) for each in (first, second)} == {first.id, second.id}
    assert one.piece(second.id) == second
    assert list(one.problems()) == []


def test_old_removals_take_no_part(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.remove(piece.id)
    theirs._connection.execute("UPDATE removals SET ulid = NULL, piece_ulid = NULL")
    assert merge(ours, theirs.path) == MergeResult()
    assert merge(theirs, ours.path) == MergeResult(added=1)


def test_a_plan_writes_nothing_and_says_what_a_merge_does(ours: Store, theirs: Store, piece: Piece) -> None:
    gone = ours.add(Draft(b"gone"))
    merge(theirs, ours.path)
    theirs.remove(gone.id)
    theirs.edit(piece.id, Changes(title="theirs"))
    theirs.add(Draft(b"new"))
    ours.edit(piece.id, Changes(title="ours"))
    counter = ours.change_counter
    planned = plan_merge(ours, theirs.path)
    assert ours.change_counter == counter
    assert (planned.added, planned.updated, planned.removed, planned.conflict_count) == (1, 1, 1, 1)
    assert merge(ours, theirs.path) == planned


def test_a_read_only_store_can_be_planned_for_but_not_merged_into(ours: Store, theirs: Store) -> None:
    theirs.add(Draft(b"new"))
    with Store.open(ours.home, read_only=True) as reading:
        assert plan_merge(reading, theirs.path) == MergeResult(added=1)
        with pytest.raises(SatchelError, match="read-only"):
            merge(reading, theirs.path)


def test_the_other_store_is_not_changed(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.edit(piece.id, Changes(title="x"))
    theirs.close()
    before = theirs.path.read_bytes()
    merge(ours, theirs.path)
    assert theirs.path.read_bytes() == before
    assert [path.name for path in theirs.home.iterdir()] == ["store.db"]


def test_the_index_follows_a_merge(ours: Store, theirs: Store, piece: Piece) -> None:
    with Index.open(ours.home, ours) as index:
        index.update()
        theirs.add(Draft(b"needle in theirs"))
        theirs.edit(piece.id, Changes(content=b"another needle"))
        merge(ours, theirs.path)
        assert len(index.search("needle")) == 2
        mark = ours.mark
        theirs.remove(piece.id)
        merge(ours, theirs.path)
        assert ours.recognizes(mark)
        assert len(index.search("needle")) == 1
        assert index.problems() == []
        assert index.count() == ours.count()


def test_the_index_follows_a_conflict_whose_later_edit_was_here(
    ours: Store, theirs: Store, piece: Piece
) -> None:
    theirs.edit(piece.id, Changes(content=b"earlier"))
    ours._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    ours.edit(piece.id, Changes(content=b"later"))
    with Index.open(ours.home, ours) as index:
        merge(ours, theirs.path)
        assert (len(index.search("later")), index.search("earlier")) == (1, [])


def test_a_failed_merge_changes_nothing(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.add(Draft(b"fine"))
    theirs.add(Draft(b"damaged"))
    theirs._connection.execute("UPDATE contents SET sha256 = zeroblob(32) WHERE data = x'64616d61676564'")
    before, counter = holdings(ours), ours.change_counter
    with pytest.raises(SatchelError) as refused:
        merge(ours, theirs.path)
    assert refused.value.exit_code == 5
    assert (holdings(ours), ours.change_counter) == (before, counter)
    assert ours.add(Draft(b"still writable")).revision == 1


def test_conflicts_beyond_the_limit_are_counted(
    devices: Devices, ours: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.merging.results.MAX_CONFLICTS", 3)
    list(ours.add_many(Draft(b"%d" % number) for number in range(4)))
    theirs = devices.copy(ours, "copy")
    for store in (ours, theirs):
        for each in list(store.pieces()):
            store.edit(each.id, Changes(title=store.home.name))
    result = merge(ours, theirs.path)
    assert (result.conflict_count, len(result.conflicts)) == (5, 3)
    assert MAX_CONFLICTS == 1_000


# -- suggestions

TITLE = SuggestedValue("title", "by a model", "titles/1")
TAG = SuggestedValue("tags", "http", "tags/1")


def test_suggestions_and_refusals_come_with_their_revisions(ours: Store, theirs: Store) -> None:
    draft = Draft(b"new", title=TITLE.value, tags=(TAG.value,), suggested=(TITLE, TAG))
    added = theirs.add(draft)
    theirs.edit(added.id, Changes(title="mine"))
    merge(ours, theirs.path)
    assert holdings(ours)[added.id] == holdings(theirs)[added.id]
    assert (taken(ours.piece(added.id)), refused(ours.piece(added.id))) == ((TAG,), (TITLE,))


def test_each_side_of_a_conflict_keeps_what_it_knew(ours: Store, theirs: Store, piece: Piece) -> None:
    ours.edit(piece.id, Changes(title=TITLE.value, suggested=(TITLE,)))
    theirs._clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    theirs.edit(piece.id, Changes(add_tags=("http",), suggested=(TAG,)))
    assert merge(ours, theirs.path).conflict_count == 1
    merge(theirs, ours.path)
    assert holdings(ours) == holdings(theirs)
    assert [each.suggested for each in ours.revisions(piece.id)] == [(), (TITLE,), (TAG,)]


def test_a_piece_that_returns_keeps_refusals_and_is_the_owners_choice(devices: Devices, ours: Store) -> None:
    draft = Draft(b"new", title=TITLE.value, tags=(TAG.value,), suggested=(TITLE, TAG))
    added = ours.add(draft)
    backup = devices.copy(ours, "backup")
    ours.edit(added.id, Changes(title="mine", suggested=(SuggestedValue("title", "mine", "titles/2"), TAG)))
    assert merge(ours, backup.path, pieces={added.id}) == MergeResult(updated=1)
    returned = ours.piece(added.id)
    assert (returned.title, returned.tags) == (TITLE.value, ("http",))
    assert taken(returned) == (TAG,)
    assert [one.value for one in refused(returned)] == ["mine"]
    assert merge(ours, backup.path, pieces={added.id}) == MergeResult()


# -- stores of other versions

GOLDEN = Path(__file__).parents[2] / "golden" / "stores"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_stores_of_earlier_versions_merge_with_suggestions_of_this_one(
    version: int, devices: Devices, tmp_path: Path
) -> None:
    older = GOLDEN / f"v{version}" / "store.db"
    ours, theirs = devices.new("one"), devices.new("two")
    merge(ours, older)
    assert all(each.suggested == () for piece in ours.pieces() for each in ours.revisions(piece.id))
    piece = next(each for each in ours.pieces() if not each.tags)
    edited = ours.edit(piece.id, Changes(add_tags=("http",), suggested=(TAG,)))
    assert merge(ours, older) == MergeResult()
    assert ours.piece(piece.id) == edited
    merge(theirs, older)
    assert merge(theirs, ours.path) == MergeResult(updated=1)
    assert holdings(theirs) == holdings(ours)
    assert list(theirs.problems()) == []


# -- single Pieces


def test_a_single_piece_comes_alone(ours: Store, theirs: Store, piece: Piece) -> None:
    wanted, other = theirs.add(Draft(b"wanted")), theirs.add(Draft(b"other"))
    theirs.remove(piece.id)
    assert merge(ours, theirs.path, pieces={wanted.id.lower()}) == MergeResult(added=1)
    assert {each.id for each in ours.pieces()} == {piece.id, wanted.id}
    assert other.id not in holdings(ours)


def test_a_piece_that_was_removed_here_comes_back_and_stays(
    devices: Devices, ours: Store, theirs: Store, piece: Piece
) -> None:
    ours.edit(piece.id, Changes(title="last state", tags=("kept",), add_files=(WholeFile("f.txt", b"f"),)))
    backup = devices.copy(ours, "backup")
    ours._clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    ours.remove(piece.id)
    merge(theirs, ours.path)
    assert theirs.count() == 0
    result = merge(ours, backup.path, pieces={piece.id}, clock=DeviceClock(timedelta(days=-9)))
    assert result == MergeResult(restored=1)
    assert ours.content(piece.id) == b"content"
    restored = ours.piece(piece.id)
    assert (restored.title, restored.tags, [file.name for file in restored.files]) == (
        "last state",
        ("kept",),
        ["f.txt"],
    )
    assert restored.revision == 3
    assert merge(theirs, ours.path) == MergeResult(restored=1)
    assert merge(ours, theirs.path) == MergeResult()
    assert holdings(ours) == holdings(theirs)
    assert merge(ours, backup.path, pieces={piece.id}) == MergeResult()


def test_a_piece_that_was_edited_here_returns_to_its_state_in_the_other_store(
    devices: Devices, ours: Store, piece: Piece
) -> None:
    backup = devices.copy(ours, "backup")
    ours.edit(piece.id, Changes(content=b"spoiled"))
    assert plan_merge(ours, backup.path, pieces={piece.id}) == MergeResult(updated=1)
    assert merge(ours, backup.path, pieces={piece.id}) == MergeResult(updated=1)
    assert ours.content(piece.id) == b"content"
    assert [ours.content(piece.id, number) for number in (1, 2, 3)] == [b"content", b"spoiled", b"content"]


def test_an_unknown_single_piece_is_not_found_and_nothing_changes(ours: Store, theirs: Store) -> None:
    wanted = theirs.add(Draft(b"wanted"))
    missing = "01" + "0" * 24
    with pytest.raises(NotFoundError, match=missing):
        merge(ours, theirs.path, pieces={wanted.id, missing})
    assert ours.count() == 1


# -- other processes

HOLD = """
import sys
from pathlib import Path
from satchel.store import Draft, Store
with Store.open(Path(sys.argv[1])) as store:
    for number in range(200):
        store.add(Draft(b"%d" % number))
"""


def test_other_processes_can_save_during_merges(ours: Store, theirs: Store) -> None:
    saving = child(HOLD, ours.home)
    for number in range(50):
        theirs.add(Draft(b"theirs %d" % number))
        merge(ours, theirs.path)
    finish(saving)
    assert ours.count() == 1 + 50 + 200
    assert list(ours.problems()) == []


def test_an_open_connection_is_read_before_the_store_is_locked(ours: Store, theirs: Store) -> None:
    """Its pages may come over a network; other processes can save meanwhile."""
    list(theirs.add_many(Draft(b"new %d" % number) for number in range(3)))
    could_save: list[bool] = []

    def trace(_cursor: object, sql: str, _values: object) -> bool:
        if sql.startswith("SELECT data FROM contents"):
            could_save.append(_can_save(ours.home))
        return True

    theirs._connection.exec_trace = trace
    assert merge(ours, theirs._connection).added == 3
    assert could_save == [True] * 3 + [False] * 3
    assert ours.count() == 1 + 3 + 3


def _can_save(home: Path) -> bool:
    with Store.open(home) as store:
        store._connection.set_busy_timeout(1)
        try:
            store.add(Draft(b"saved meanwhile"))
        except SatchelError:
            return False
    return True
