"""After any sequence of operations, a store and its index match a simple model."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from satchel.errors import NotFoundError
from satchel.index import Index
from satchel.store import Changes, Draft, Store, WholeFile

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
CONTENTS = st.one_of(st.binary(max_size=60), TEXTS.map(str.encode), st.just(b"x" * 9_000))
TAGS = st.frozensets(st.sampled_from(["a", "b", "c++", "日本"]), max_size=3)
LANGUAGES = st.sampled_from([None, "python", "go"])
NAMES = st.sampled_from(["a.py", "b", "文件.md"])
FILES = st.dictionaries(NAMES, CONTENTS, max_size=3).map(lambda found: tuple(found.items()))
Files = tuple[tuple[str, bytes], ...]


@dataclass
class Known:
    """A Piece in the model: one entry per revision."""

    revisions: list[tuple[bytes, Files, str | None, frozenset[str]]] = field(default_factory=list)


class StoreMachine(RuleBasedStateMachine):
    """Add, edit, restore, remove and reopen, comparing store and model after each step."""

    pieces = Bundle("pieces")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="satchel-test-")
        self.home = Path(self.folder.name) / "home"
        self.random = Random(7)
        self.now = datetime(2025, 1, 1, tzinfo=UTC)
        self.store = Store.create(self.home, clock=self.clock, entropy=self.random.randbytes)
        self.index = Index.open(self.home, self.store)
        self.known: dict[str, Known] = {}

    def clock(self) -> datetime:
        """Return a time that may advance, repeat or go back."""
        self.now += timedelta(milliseconds=self.random.randint(-5, 5))
        return self.now

    @rule(target=pieces, content=CONTENTS, files=FILES, language=LANGUAGES, tags=TAGS)
    def add(self, content: bytes, files: Files, language: str | None, tags: frozenset[str]) -> str:
        whole_files = tuple(WholeFile(*file) for file in files)
        piece = self.store.add(
            Draft(content, title="t", language=language, tags=tuple(tags), files=whole_files)
        )
        self.known[piece.id] = Known([(content, files, language, tags)])
        return piece.id

    @rule(piece=pieces, added=FILES, removed=st.booleans())
    def edit_files(self, piece: str, added: Files, removed: bool) -> None:
        revisions = self.known[piece].revisions
        content, old, language, tags = revisions[-1]
        gone = tuple(name for name, _ in old[:1]) if removed else ()
        left = {name: data for name, data in old if name not in gone} | dict(added)
        changes = Changes(add_files=tuple(WholeFile(*file) for file in added), remove_files=gone)
        edited = self.store.edit(piece, changes)
        if tuple(left.items()) != old:
            revisions.append((content, tuple(left.items()), language, tags))
        assert edited.revision == len(revisions)

    @rule(
        piece=pieces, content=st.none() | CONTENTS, language=st.none() | LANGUAGES, added=TAGS, removed=TAGS
    )
    def edit(
        self,
        piece: str,
        content: bytes | None,
        language: str | None,
        added: frozenset[str],
        removed: frozenset[str],
    ) -> None:
        revisions = self.known[piece].revisions
        old = revisions[-1]
        new = (
            old[0] if content is None else content,
            old[1],
            language or old[2],
            (old[3] | added) - removed,
        )
        changes = Changes(
            content=content, language=language, add_tags=tuple(added), remove_tags=tuple(removed)
        )
        edited = self.store.edit(piece, changes)
        if new != old:
            revisions.append(new)
        assert edited.revision == len(revisions)

    @rule(piece=pieces, choice=st.integers(min_value=0))
    def restore(self, piece: str, choice: int) -> None:
        revisions = self.known[piece].revisions
        number = choice % len(revisions) + 1
        self.store.restore_revision(piece, number)
        if number != len(revisions):
            revisions.append(revisions[number - 1])

    @rule(piece=consumes(pieces))
    def remove(self, piece: str) -> None:
        self.store.remove(piece)
        del self.known[piece]
        with pytest.raises(NotFoundError):
            self.store.piece(piece)

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.store.close()
        assert sorted(path.name for path in self.home.iterdir()) == ["index.db", "store.db"]
        self.store = Store.open(self.home, clock=self.clock, entropy=self.random.randbytes)
        self.index = Index.open(self.home, self.store)

    @invariant()
    def the_store_matches_the_model(self) -> None:
        assert [piece.id for piece in self.store.pieces(order="saved", newest_first=False)] == list(
            self.known
        )
        for piece_id, known in self.known.items():
            assert self.store.resolve(piece_id[:10]) == piece_id
            now = self.store.piece(piece_id)
            content, files, language, tags = known.revisions[-1]
            assert (now.language, frozenset(now.tags)) == (language, tags)
            assert [(file.name, file.size_bytes) for file in now.files] == [
                (n, len(data)) for n, data in files
            ]
            assert (now.size_bytes, self.store.content(piece_id)) == (len(content), content)
            assert len(self.store.revisions(piece_id)) == now.revision == len(known.revisions)
            for number, revision in enumerate(known.revisions, 1):
                assert self.store.content(piece_id, number) == revision[0]
                stored = self.store.files(piece_id, number)
                assert tuple((file.name, file.content) for file in stored) == revision[1]

    @invariant()
    def the_index_matches_the_model(self) -> None:
        for tag in ("a", "c++", "日本"):
            expected = {piece for piece, known in self.known.items() if tag in known.revisions[-1][3]}
            assert {hit.piece.id for hit in self.index.search(f"tag:{tag}", 1_000)} == expected
        expected = {piece for piece, known in self.known.items() if known.revisions[-1][2] == "go"}
        assert {hit.piece.id for hit in self.index.search("lang:go", 1_000)} == expected
        assert self.index.count() == len(self.known)

    def teardown(self) -> None:
        assert list(self.store.problems()) == []
        assert self.index.problems() == []
        self.index.close()
        self.store.close()
        self.folder.cleanup()


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
