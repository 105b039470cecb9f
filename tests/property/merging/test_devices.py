"""Devices that edit, remove, merge and copy in any order end with the same store, and lose no live Piece."""

import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule
from tests.support.merging import Devices, copy_database, holdings, newest_removal

from satchel.index import Index
from satchel.merging import merge, plan_merge
from satchel.pieces.suggested import refused
from satchel.store import Changes, Draft, Store, SuggestedValue, WholeFile

CHOICES = st.integers(min_value=0, max_value=1_000)
CONTENTS = st.sampled_from([b"alpha", b"beta", b"gamma", b"\x89PNG\r\n\x1a\n\x00", b"long " * 2_000])
FILES = st.lists(
    st.builds(WholeFile, st.sampled_from(["a.py", "b.txt"]), CONTENTS),
    max_size=2,
    unique_by=lambda file: file.name,
).map(tuple)
OFFSETS = st.sampled_from([timedelta(0), timedelta(days=-400), timedelta(hours=3), timedelta(days=9_000)])
MAX_DEVICES = 5
SUGGESTIONS = st.sets(
    st.sampled_from(
        [
            SuggestedValue("title", "t", "titles/1"),
            SuggestedValue("title", "u", "titles/2"),
            SuggestedValue("tags", "x", "tags/1"),
            SuggestedValue("tags", "y", "tags/1"),
        ]
    )
).map(lambda found: tuple(sorted(found)))


class DevicesMachine(RuleBasedStateMachine):
    """Three devices, and copies of them. Every revision and removal that ever existed is remembered."""

    devices = Bundle("devices")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="satchel-test-")
        self.opened = Devices(Path(self.folder.name))
        self.stores: list[Store] = []
        self.indexes: list[Index] = []
        self.copies = 0
        self.revisions: dict[str, set[str]] = defaultdict(set)
        self.removals: dict[str, set[str]] = defaultdict(set)

    @initialize(target=devices, offsets=st.tuples(OFFSETS, OFFSETS, OFFSETS))
    def start(self, offsets: tuple[timedelta, ...]) -> int:
        for number, offset in enumerate(offsets):
            self.join(self.opened.new(f"device-{number}", offset))
        return 0

    @rule(target=devices, number=st.integers(0, 2))
    def choose(self, number: int) -> int:
        return number

    @rule(target=devices, device=devices, offset=OFFSETS)
    def copy_home(self, device: int, offset: timedelta) -> int:
        if len(self.stores) < MAX_DEVICES:
            copy = self.opened.copy(self.stores[device], f"device-{len(self.stores)}", offset)
            self.join(copy)
        return len(self.stores) - 1

    @rule(device=devices, content=CONTENTS, files=FILES, suggested=SUGGESTIONS)
    def save(
        self,
        device: int,
        content: bytes,
        files: tuple[WholeFile, ...],
        suggested: tuple[SuggestedValue, ...],
    ) -> None:
        self.stores[device].add(Draft(content, title="t", files=files, suggested=suggested))
        self.remember(device)

    @rule(device=devices, choice=CHOICES, suggested=SUGGESTIONS)
    def suggest(self, device: int, choice: int, suggested: tuple[SuggestedValue, ...]) -> None:
        tags = tuple(one.value for one in suggested if one.field == "tags")
        for piece_id in self.chosen(device, choice):
            self.stores[device].edit(piece_id, Changes(tags=tags, suggested=suggested))
        self.remember(device)

    @rule(device=devices, choice=CHOICES, tag=st.sampled_from(["x", "y"]))
    def refuse_tag(self, device: int, choice: int, tag: str) -> None:
        for piece_id in self.chosen(device, choice):
            before = self.stores[device].piece(piece_id)
            edited = self.stores[device].edit(piece_id, Changes(remove_tags=(tag,)))
            assert edited.suggested == before.suggested
            assert not any(one.value == tag for one in edited.suggested if one not in refused(edited))
        self.remember(device)

    @rule(
        device=devices, choice=CHOICES, title=st.sampled_from(["t", "u", "v"]), content=st.none() | CONTENTS
    )
    def edit(self, device: int, choice: int, title: str, content: bytes | None) -> None:
        for piece_id in self.chosen(device, choice):
            self.stores[device].edit(piece_id, Changes(title=title, content=content))
        self.remember(device)

    @rule(device=devices, choice=CHOICES, files=FILES)
    def edit_files(self, device: int, choice: int, files: tuple[WholeFile, ...]) -> None:
        for piece_id in self.chosen(device, choice):
            self.stores[device].edit(piece_id, Changes(add_files=files))
        self.remember(device)

    @rule(device=devices, choice=CHOICES, number=CHOICES)
    def restore_revision(self, device: int, choice: int, number: int) -> None:
        store = self.stores[device]
        for piece_id in self.chosen(device, choice):
            store.restore_revision(piece_id, number % len(store.revisions(piece_id)) + 1)
        self.remember(device)

    @rule(device=devices, choice=CHOICES)
    def remove(self, device: int, choice: int) -> None:
        for piece_id in self.chosen(device, choice):
            self.stores[device].remove(piece_id)
            self.removals[piece_id].add(newest_removal(self.stores[device]))

    @rule(into=devices, other=devices)
    def merge_one_way(self, into: int, other: int) -> None:
        self.merge(self.stores[into], self.stores[other].path)

    @rule(one=devices, two=devices)
    def merge_both_ways(self, one: int, two: int) -> None:
        """Each merges the state in which the other was."""
        self.copies += 1
        before = copy_database(self.stores[one], self.opened.folder / f"copy-{self.copies}")
        self.merge(self.stores[one], self.stores[two].path)
        self.merge(self.stores[two], before)
        assert holdings(self.stores[one]) == holdings(self.stores[two])

    @rule(into=devices, other=devices, choice=CHOICES)
    def bring_one_piece(self, into: int, other: int, choice: int) -> None:
        for piece_id in self.chosen(other, choice):
            theirs, store = self.stores[other].piece(piece_id), self.stores[into]
            merge(
                store, self.stores[other].path, pieces={piece_id}, clock=store._clock, entropy=store._entropy
            )
            ours = store.piece(piece_id)
            assert (ours.title, ours.tags, ours.size_bytes, ours.files) == (
                theirs.title,
                theirs.tags,
                theirs.size_bytes,
                theirs.files,
            )
            assert store.content(piece_id) == self.stores[other].content(piece_id)
            again = merge(store, self.stores[other].path, pieces={piece_id}, clock=store._clock)
            assert again.changed == 0
        self.remember(into)

    @rule(device=devices)
    def search(self, device: int) -> None:
        self.indexes[device].update()

    def merge(self, store: Store, other: Path) -> None:
        planned = plan_merge(store, other)
        assert merge(store, other) == planned
        again = merge(store, other)
        assert (again.changed, again.conflict_count) == (0, 0)

    def join(self, store: Store) -> None:
        self.stores.append(store)
        self.indexes.append(Index.open(store.home, store))

    def chosen(self, device: int, choice: int) -> list[str]:
        """Return one Piece of a device, or nothing if it has none."""
        ids = [piece.id for piece in self.stores[device].pieces(order="saved")]
        return [ids[choice % len(ids)]] if ids else []

    def remember(self, device: int) -> None:
        store = self.stores[device]
        for piece in store.pieces():
            self.revisions[piece.id] |= {revision.id for revision in store.revisions(piece.id)}

    def teardown(self) -> None:
        for _ in self.stores:
            for store in self.stores:
                for other in self.stores:
                    self.merge(store, other.path)
        for store, index in zip(self.stores, self.indexes, strict=True):
            self.check(store, index)
        self.opened.__exit__()
        self.folder.cleanup()

    def check(self, store: Store, index: Index) -> None:
        """Require what every device must hold after enough merges."""
        assert holdings(store) == holdings(self.stores[0])
        live = {
            piece_id
            for piece_id, revisions in self.revisions.items()
            if max(revisions) > max(self.removals[piece_id], default="")
        }
        assert {piece.id for piece in store.pieces()} == live
        for piece_id in live:
            ids = [revision.id for revision in store.revisions(piece_id)]
            assert ids == sorted(ids)
            assert ids[0] == piece_id
            assert ids[-1] == max(self.revisions[piece_id])
            removed = max(self.removals[piece_id], default="")
            assert {each for each in self.revisions[piece_id] if each > removed} <= set(ids)
        assert list(store.problems()) == []
        index.update()
        assert index.count() == len(live)
        with_alpha = {piece.id for piece in store.pieces() if _holds(store, piece.id, b"alpha")}
        assert {hit.piece.id for hit in index.search("alpha", 1_000)} == with_alpha
        index.close()


def _holds(store: Store, piece_id: str, content: bytes) -> bool:
    return content in {store.content(piece_id), *(file.content for file in store.files(piece_id))}


TestDevices = DevicesMachine.TestCase
TestDevices.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
