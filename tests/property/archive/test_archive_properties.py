"""Properties of every archive."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from tests.support.archives import OWNER

from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.contents import read_contents
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.frames import frame_sizes
from satchel.archive.limits import BLOCK_BYTES, SPAN_BLOCKS
from satchel.archive.padme import choose_padding, padded_length
from satchel.archive.plan import Borrowed, Extents, Known, frames_of, full_plan, plan_backup
from satchel.archive.zipformat import TAIL_BYTES, Entry, parse_directory, parse_end
from satchel.archive.zipwriter import ZipWriter
from satchel.backup.scan import STRIDE_BLOCKS, STRIDE_SPANS, NoKnownNames, StrideNames, scan
from satchel.errors import IntegrityError

DIGESTS = Digests(OWNER.block_key)


@given(st.integers(0, 2**50))
def test_padding_costs_at_most_an_eighth(length: int) -> None:
    assert length <= padded_length(length) <= length + max(1, length // 8)


@given(st.integers(0, 10**7), st.integers(1, 70_000), st.integers(0, 40))
def test_padding_reaches_a_padme_length_for_any_step(length: int, step: int, tag: int) -> None:
    def sealed(padding: int) -> int:
        plain = length + padding
        return plain + (plain // step) * tag

    reached = sealed(choose_padding(sealed))
    assert reached == padded_length(reached)


STATES = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=60), min_size=1, max_size=8)


@given(STATES, st.sets(st.integers(0, 8)))
def test_a_chain_of_backups_restores_every_state(states: list[list[int]], gone: set[int]) -> None:
    """Each state is a database, each block a number. Archives hold what the plan sends."""
    archives: dict[str, list[int]] = {}
    known: Known | None = None
    before: list[int] = []
    for number, state in enumerate(states):
        changed = Extents()
        for place, block in enumerate(state):
            if place >= len(before) or before[place] != block:
                changed.append(place, 1)
        kept = {name for name in archives if int(name) not in gone}
        plan = full_plan(len(state)) if known is None else plan_backup(len(state), changed, known, kept)
        own = [
            state[extent.start + n]
            for frame in frames_of(plan.new)
            for extent in frame
            for n in range(extent.blocks)
        ]
        archives[str(number)] = own
        sources = [own, *(archives[borrowed.id] for borrowed in plan.borrowed)]
        assert all(borrowed.id in kept for borrowed in plan.borrowed)
        plan.block_map.check(len(state), [len(source) for source in sources])
        assert [
            sources[run.source][run.first + n] for run in plan.block_map for n in range(run.blocks)
        ] == state
        assert sum(run.blocks for run in plan.block_map if run.source == 0) == len(own)
        known = Known(plan.block_map, (Borrowed(str(number), "", len(own)), *plan.borrowed))
        before = state


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 9))))
def test_frames_hold_every_block_once_in_order(pieces: list[tuple[int, int]]) -> None:
    new = Extents()
    at = 0
    for blocks, gap in pieces:
        new.append(at, blocks)
        at += blocks + gap
    frames = list(frames_of(new))
    flat = [extent.start + n for frame in frames for extent in frame for n in range(extent.blocks)]
    assert flat == [extent.start + n for extent in new for n in range(extent.blocks)]
    assert [sum(extent.blocks for extent in frame) for frame in frames] == list(frame_sizes(new.blocks))
    assert all(size % 2 for size in frame_sizes(new.blocks))


RUNS = st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 4), max_size=20)


@given(RUNS)
def test_a_map_survives_encoding(runs: list[tuple[int, int, int, int]]) -> None:
    raw = b"".join(number.to_bytes(4, "little") for run in runs for number in run)
    assert BlockMap.from_bytes(raw).to_bytes() == raw
    assert list(BlockMap.from_bytes(raw)) == [Run(*run) for run in runs]


ENTRIES = st.lists(
    st.builds(
        Entry,
        name=st.text("abc/.0123", min_size=1, max_size=20),
        method=st.sampled_from([0, 93]),
        crc32=st.integers(0, 2**32 - 1),
        compressed_bytes=st.integers(0, 2**40),
        size_bytes=st.integers(0, 2**40),
        offset=st.integers(0, 2**40),
    )
)


@given(ENTRIES)
def test_a_directory_survives_encoding(entries: list[Entry]) -> None:
    raw = b"".join(entry.central_header() for entry in entries)
    assert parse_directory(raw, len(entries)) == entries


@given(st.dictionaries(st.text("abc/", min_size=1, max_size=9), st.binary(max_size=50), max_size=6))
def test_a_zip_survives_encoding(files: dict[str, bytes]) -> None:
    sink = BytesIO()
    writer = ZipWriter(sink)
    for name, data in files.items():
        writer.add_stored(name, data)
    writer.finish()
    raw = sink.getvalue()
    directory = parse_end(raw[-TAIL_BYTES:], len(raw))
    entries = parse_directory(
        raw[directory.offset : directory.offset + directory.size_bytes], directory.count
    )
    assert {entry.name: raw[entry.data_offset : entry.end_offset] for entry in entries} == files


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_an_integrity_error(raw: bytes) -> None:
    try:
        read_contents(lambda offset, length: raw[offset : offset + length], len(raw))
    except IntegrityError:
        return
    raise AssertionError("an archive of arbitrary bytes was accepted")


class Kept:
    """The names that a scan recorded."""

    def __init__(self) -> None:
        self.records = b""

    def keep(self, records: bytes) -> None:
        self.records += records

    def stride(self, number: int) -> StrideNames:
        size = (STRIDE_SPANS + STRIDE_BLOCKS) * NAME_BYTES
        record = self.records[number * size : (number + 1) * size]
        blocks = (len(record) // NAME_BYTES * SPAN_BLOCKS) // (SPAN_BLOCKS + 1)
        return StrideNames(
            record[: len(record) - blocks * NAME_BYTES], record[len(record) - blocks * NAME_BYTES :]
        )


class InMemory:
    """A database in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.blocks = len(data) // BLOCK_BYTES

    def read_into(self, offset: int, buffer: memoryview) -> None:
        buffer[:] = self._data[offset : offset + len(buffer)]


@given(
    st.integers(1, 1200),
    st.integers(1, 1200),
    st.sets(st.integers(0, 1199), max_size=30),
)
def test_a_scan_finds_exactly_what_changed(before: int, now: int, touched: set[int]) -> None:
    def database(blocks: int, version: dict[int, int]) -> bytes:
        return b"".join(
            (number * 10 + version.get(number, 0)).to_bytes(8, "big") * (BLOCK_BYTES // 8)
            for number in range(blocks)
        )

    kept = Kept()
    old, new = database(before, {}), database(now, dict.fromkeys(touched, 1))
    nothing = NoKnownNames()

    def run(data: bytes, known: Kept | NoKnownNames, keep: Kept) -> tuple[bytes, list[int]]:
        found = scan(
            InMemory(data),
            digests=DIGESTS,
            known=known,
            append=keep.keep,
            advance=lambda _: None,
        )
        return found.root, [extent.start + n for extent in found.changed for n in range(extent.blocks)]

    run(old, nothing, kept)
    again, fresh = Kept(), Kept()
    root, changed = run(new, kept, again)
    assert changed == [number for number in range(now) if number in touched or number >= before]
    assert (root, list(range(now))) == run(new, nothing, fresh)
    assert again.records == fresh.records
