"""Taking back what one agent wrote: exactly that, whatever others wrote before, between and after."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satchel.agents.rewinding import Plan, plan, take_back
from satchel.errors import SatchelError
from satchel.index import Index
from satchel.pieces.model import Author, Changes, Draft, SuggestedValue, WholeFile
from satchel.store import Store

EVIL, GOOD = Author("evil", "a client 1"), Author("good")
TEXT = b"".join(b"line %d\n" % number for number in range(1, 10))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "home") as opened:
        yield opened


def rewind(store: Store, agent: str = "evil", *, with_edited: bool = False) -> list[Plan]:
    plans = plan(store, agent, 0, with_edited=with_edited)
    take_back(store, agent, 0, plans, with_edited=with_edited)
    assert list(store.problems()) == []
    return plans


def edit(store: Store, piece: str, author: Author | None = None, **changes: object) -> None:
    store.edit(piece, Changes(author=author, **changes))  # type: ignore[arg-type]


def lines(**changed: bytes) -> bytes:
    """Return the text with some lines changed: `_3=b"x"` is line 3."""
    text = TEXT
    for name, new in changed.items():
        text = text.replace(b"line %s\n" % name[1:].encode(), new + b"\n" if new else b"")
    return text


def test_a_piece_of_the_agent_goes_out_of_view_and_can_be_brought_back(store: Store) -> None:
    mine = store.add(Draft(b"needle of mine\n", title="mine", tags=("t",)))
    poisoned = store.add(Draft(b"needle of evil\n", title="poison", tags=("t",), language="go", author=EVIL))
    [one] = rewind(store)
    assert (one.piece_id, one.outcome, one.conflicts) == (poisoned.id, "withdrawn", ())
    assert [piece.id for piece in store.pieces()] == [mine.id]
    assert [piece.id for piece in store.pieces(order="saved")] == [mine.id]
    assert (store.count(), store.tags(), store.languages()) == (1, {"t": 1}, {})
    assert store.titled("poison", 5) == []
    last = store.last_changed()
    assert last is not None
    assert last.id == mine.id
    with Index.open(store.home, store) as index:
        assert [hit.piece.id for hit in index.search("needle")] == [mine.id]
    assert store.piece(poisoned.id).is_withdrawn
    assert [revision.is_withdrawn for revision in store.revisions(poisoned.id)] == [False, True]
    assert rewind(store) == []
    store.restore_revision(poisoned.id, 1)
    assert store.count() == 2
    with Index.open(store.home, store) as index:
        assert len(index.search("needle")) == 2
    [again] = plan(store, "evil", 0)
    assert (again.outcome, again.conflicts) == ("kept", ("the whole Piece",))


def test_an_edit_of_the_agent_is_undone_and_later_edits_stay(store: Store) -> None:
    piece = store.add(Draft(TEXT, title="title", description="about\n", tags=("a",))).id
    edit(store, piece, EVIL, content=lines(_3=b"evil"), title="evil title", add_tags=("evil",))
    edit(store, piece, content=lines(_3=b"evil", _7=b"mine"), add_tags=("mine",))
    edit(store, piece, GOOD, content=lines(_3=b"evil", _7=b"mine", _9=b"good"), description="by good\n")
    edit(store, piece, EVIL, links=("https://evil.example",))
    [one] = rewind(store)
    assert (one.outcome, one.revisions, one.conflicts) == ("changed", (2, 5), ())
    now = store.piece(piece)
    assert store.content(piece) == lines(_7=b"mine", _9=b"good")
    assert (now.title, now.description, now.tags, now.links) == ("title", "by good", ("a", "mine"), ())
    assert (now.author, now.revision) == (None, 6)
    assert rewind(store) == []
    store.restore_revision(piece, 5)
    assert store.content(piece) == lines(_3=b"evil", _7=b"mine", _9=b"good")


def test_what_overlaps_stays_and_is_a_conflict(store: Store) -> None:
    piece = store.add(Draft(TEXT, title="title")).id
    edit(store, piece, EVIL, content=lines(_3=b"evil"), title="evil title")
    edit(store, piece, content=lines(_3=b"evil, but mine"), title="evil title, improved")
    [one] = rewind(store)
    assert (one.outcome, set(one.conflicts)) == ("kept", {"content", "title"})
    assert store.content(piece) == lines(_3=b"evil, but mine")
    assert store.piece(piece).title == "evil title, improved"


def test_a_piece_of_the_agent_that_somebody_edited_stays_and_is_a_conflict(store: Store) -> None:
    piece = store.add(Draft(TEXT, title="poison", author=EVIL)).id
    edit(store, piece, content=lines(_5=b"mine"))
    edit(store, piece, EVIL, content=lines(_1=b"evil", _5=b"mine"), add_tags=("evil",))
    [one] = rewind(store)
    assert (one.outcome, one.conflicts) == ("changed", ("the whole Piece",))
    assert store.content(piece) == lines(_5=b"mine")
    assert store.piece(piece).tags == ()
    [one] = rewind(store, with_edited=True)
    assert one.outcome == "withdrawn"
    assert store.count() == 0


def test_what_a_model_filled_in_is_no_edit(store: Store) -> None:
    piece = store.add(Draft(TEXT, author=EVIL)).id
    store.edit(
        piece, Changes(title="By a model", tags=("http",), suggested=(SuggestedValue("title", "By a model", "titles/1"), SuggestedValue("tags", "http", "tags/1")))
    )  # fmt: skip
    assert [one.outcome for one in rewind(store)] == ["withdrawn"]


def test_further_files_are_taken_back_by_name(store: Store) -> None:
    piece = store.add(Draft(b"main", files=(WholeFile("keep.py", TEXT), WholeFile("gone.py", b"x\n")))).id
    edit(
        store,
        piece,
        EVIL,
        add_files=(WholeFile("evil.py", b"evil\n"), WholeFile("keep.py", lines(_2=b"evil"))),
        remove_files=("gone.py",),
    )
    edit(
        store,
        piece,
        add_files=(WholeFile("keep.py", lines(_2=b"evil", _8=b"mine")), WholeFile("mine.py", b"mine\n")),
    )
    [one] = rewind(store)
    assert one.conflicts == ()
    files = {file.name: file.content for file in store.files(piece)}
    assert files == {"keep.py": lines(_8=b"mine"), "gone.py": b"x\n", "mine.py": b"mine\n"}


def test_content_that_is_not_text_is_taken_back_whole(store: Store) -> None:
    piece = store.add(Draft(b"\xff\x00 old")).id
    edit(store, piece, EVIL, content=b"\xff\x00 evil")
    assert [one.outcome for one in rewind(store)] == ["changed"]
    assert store.content(piece) == b"\xff\x00 old"
    edit(store, piece, EVIL, content=b"\xff\x00 evil again")
    edit(store, piece, content=b"\xff\x00 mine")
    [one] = rewind(store)
    assert (one.outcome, one.conflicts) == ("kept", ("content",))


def test_only_writes_since_the_time_are_taken_back(tmp_path: Path) -> None:
    now = [dt.datetime(2026, 11, 1, tzinfo=dt.UTC)]
    with Store.create(tmp_path / "home", clock=lambda: now[0]) as store:
        old = store.add(Draft(b"old\n", author=EVIL)).id
        now[0] += dt.timedelta(days=10)
        new = store.add(Draft(b"new\n", author=EVIL)).id
        edit(store, old, EVIL, content=b"changed\n")
        since_ms = int((now[0] - dt.timedelta(days=1)).timestamp() * 1000)
        plans = plan(store, "evil", since_ms)
        take_back(store, "evil", since_ms, plans)
        assert {one.piece_id: one.outcome for one in plans} == {old: "changed", new: "withdrawn"}
        assert store.content(old) == b"old\n"


def test_another_agent_is_left_alone(store: Store) -> None:
    piece = store.add(Draft(b"x\n", author=GOOD)).id
    edit(store, piece, EVIL, title="evil")
    [one] = rewind(store)
    assert (one.outcome, one.revisions) == ("changed", (2,))
    assert store.piece(piece).title == ""
    assert [one.outcome for one in rewind(store, "good")] == ["withdrawn"]


def test_a_store_that_changed_meanwhile_is_not_touched(store: Store) -> None:
    piece = store.add(Draft(b"x\n")).id
    edit(store, piece, EVIL, title="evil")
    plans = plan(store, "evil", 0)
    edit(store, piece, title="mine")
    with pytest.raises(SatchelError, match="changed since"):
        take_back(store, "evil", 0, plans)
    assert store.piece(piece).title == "mine"


EDITS = st.lists(
    st.tuples(st.sampled_from(["owner", "evil", "good"]), st.integers(1, 9), st.integers(0, 9)), max_size=8
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(EDITS)
def test_edits_of_others_to_other_lines_are_as_if_the_agent_had_never_been(
    store: Store, edits: list[tuple[str, int, int]]
) -> None:
    """Each writer has lines of its own, with an untouched line between them, so that nothing overlaps."""
    own = {"owner": 1, "evil": 4, "good": 7}
    text = [f"line {number}\n" for number in range(9)]
    expected = list(text)
    piece = store.add(Draft("".join(text).encode())).id
    authors = {"owner": None, "evil": EVIL, "good": GOOD}
    for who, _, value in edits:
        text[own[who]] = f"{who} {value}\n"
        if who != "evil":
            expected[own[who]] = text[own[who]]
        edit(store, piece, authors[who], content="".join(text).encode())
    plans = plan(store, "evil", 0)
    take_back(store, "evil", 0, plans)
    assert store.content(piece).decode() == "".join(expected)
    assert all(not one.conflicts for one in plans)
