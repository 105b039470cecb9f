"""Hostile archives: each is refused as damage (exit code 5), and the store does not change."""

import hashlib
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import (
    OWNER,
    STRANGER,
    FolderDestination,
    Part,
    add_pieces,
    back_up_into,
    context_of,
    make_store,
    manifest_in,
    parts_of,
    sealed_zip,
    signed_again,
    with_part,
    zip_of,
)

from satchel.age import seal, unseal
from satchel.age.stream import CHUNK_BYTES
from satchel.archive.contents import frame_name
from satchel.archive.destination import ArchiveReader
from satchel.archive.digests import Digests
from satchel.archive.frames import pack
from satchel.archive.limits import FRAME_BYTES
from satchel.archive.manifest import ArchiveRef
from satchel.backup.archive_opening import open_archive
from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore import assembly as assembling
from satchel.backup.restore.assembly import open_chain
from satchel.backup.restore.restore import restore, select_backup, select_file, verify
from satchel.errors import IntegrityError, SatchelError
from satchel.keys import RootSecret, Vault
from satchel.local_files import SourceFile

Refuse = Callable[[bytes], SatchelError]
SEED = random.SystemRandom().randrange(2**32)


@pytest.fixture
def damage(refused: Refuse) -> Refuse:
    """Like `refused`, with an IntegrityError."""

    def attempt(sealed: bytes) -> SatchelError:
        error = refused(sealed)
        assert error.exit_code == IntegrityError.exit_code
        return error

    return attempt


# -- age ----------------------------------------------------------------------------------------------------


class Flipped:
    """A sealed archive in memory with one flipped bit."""

    def __init__(self, sealed: bytes, bit: int) -> None:
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        self._sealed = bytes(changed)

    @property
    def size_bytes(self) -> int:
        return len(self._sealed)

    def read_at(self, offset: int, length: int) -> bytes:
        return self._sealed[offset : offset + length]


def opens(sealed: bytes, bit: int) -> bool:
    try:
        open_archive(_reader(Flipped(sealed, bit)), OWNER, None)
    except IntegrityError:
        return False
    return True


def _reader(flipped: Flipped) -> ArchiveReader:
    return flipped  # type: ignore[return-value]  # opening closes nothing


def test_every_flipped_bit_of_a_small_archive_is_refused(sealed: bytes) -> None:
    assert len(sealed) < 8 * 1024
    assert not [bit for bit in range(8 * len(sealed)) if opens(sealed, bit)]


def test_flipped_bits_of_a_restore_leave_the_store_alone(sealed: bytes, damage: Refuse) -> None:
    for place in range(0, len(sealed), 61):
        changed = bytearray(sealed)
        changed[place] ^= 1 << place % 8
        damage(bytes(changed))


def test_flipped_bits_anywhere_in_a_large_archive_are_refused(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    home = make_store(tmp_path / "large", pieces=1500, size_bytes=3000)
    path = tmp_path / "large.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    sealed = path.read_bytes()
    edges = [chunk * (CHUNK_BYTES + 16) for chunk in range(len(sealed) // CHUNK_BYTES)]
    for bit in [
        *(8 * (200 + edge) for edge in edges),
        *(chance.randrange(8 * len(sealed)) for _ in range(30)),
    ]:
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert is_refused(path, tmp_path / "other"), f"bit {bit} of {len(sealed)} bytes, seed {SEED}"


def is_refused(path: Path, home: Path) -> bool:
    context = context_of(home)
    try:
        with select_file(path) as selection:
            verify(context, selection)
    except IntegrityError:
        return True
    return False


def test_a_truncated_archive_is_refused(sealed: bytes, damage: Refuse) -> None:
    header = sealed.index(b"\n---") + 48
    lengths = {0, 1, 21, 22, header - 1, header, header + 15, header + 16, header + 17, len(sealed) // 2}
    lengths |= {len(sealed) - cut for cut in (1, 15, 16, 17, 64, 100)}
    for length in sorted(lengths):
        damage(sealed[:length])


@pytest.mark.parametrize("chunks", [1, 2])
def test_an_archive_cut_at_a_chunk_is_refused(tmp_path: Path, damage: Refuse, chunks: int) -> None:
    home = make_store(tmp_path / "larger", pieces=300, size_bytes=3000)
    path = tmp_path / "larger.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    sealed = path.read_bytes()
    start = sealed.index(b"\n---") + 49 + 16
    damage(sealed[: start + chunks * (CHUNK_BYTES + 16)])


def test_an_archive_with_trailing_bytes_is_refused(sealed: bytes, damage: Refuse) -> None:
    damage(sealed + b"\0")
    damage(sealed + sealed)


def test_an_archive_sealed_to_someone_else_is_refused(sealed: bytes, damage: Refuse) -> None:
    damage(seal(unseal(sealed, [OWNER.identity]), [STRANGER.recipient]))


def test_an_archive_written_by_another_owner_is_refused(tmp_path: Path, damage: Refuse) -> None:
    theirs = make_store(tmp_path / "theirs")
    path = tmp_path / "theirs.age"
    back_up_to_file(context_of(theirs, STRANGER), path, BackupOptions("laptop"))
    plain = unseal(path.read_bytes(), [STRANGER.identity])
    assert "not by you" in damage(seal(plain, [OWNER.recipient])).message


# -- the zip ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/x", "frames/00000001", "frames\\00000000", "x", "manifest.json"]
)
def test_other_names_are_refused(sealed: bytes, damage: Refuse, tmp_path: Path, name: str) -> None:
    first, *rest = parts_of(sealed)
    damage(sealed_zip([Part(name, first.method, first.data, first.size_bytes, first.checksum), *rest]))
    assert not (tmp_path.parent / "x").exists()


def test_a_name_that_occurs_twice_is_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    for place in range(len(parts)):
        damage(sealed_zip([*parts[: place + 1], *parts[place:]]))


def test_missing_and_extra_entries_are_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    for place in range(len(parts)):
        damage(sealed_zip(parts[:place] + parts[place + 1 :]))
    damage(sealed_zip([*parts, Part.stored("evil", b"x")]))
    damage(sealed_zip([]))


def test_a_zip_with_extra_bytes_is_refused(sealed: bytes, damage: Refuse) -> None:
    raw = zip_of(parts_of(sealed))
    for changed in (
        b"x" + raw,
        raw + b"x",
        raw[:500] + b"x" + raw[500:],
        raw[:-22],
        b"",
        raw[:-2] + b"\1\0x",
    ):
        damage(seal(changed, [OWNER.recipient]))


def test_a_frame_that_expands_too_far_is_refused(sealed: bytes, damage: Refuse) -> None:
    """A bomb by ratio: longer than any frame may be, and longer than it states."""
    parts = parts_of(sealed)
    bomb = pack(bytes(64 * 2**20))
    size = parts[0].size_bytes
    for stated in (bomb.size_bytes, size, 2**20):
        damage(sealed_zip([Part(frame_name(0), 93, bomb.data, stated, bomb.checksum), *parts[1:]]))


def test_a_map_that_expands_too_far_is_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    bomb = pack(bytes(64 * 2**20))
    for stated in (bomb.size_bytes, 16):
        damage(sealed_zip(with_part(parts, Part("blocks.map", 93, bomb.data, stated, bomb.checksum))))


def test_too_many_entries_are_refused(sealed: bytes, damage: Refuse) -> None:
    """A bomb by count."""
    parts = parts_of(sealed)
    tiny = pack(bytes(2**20))
    frames = [Part(frame_name(n), 93, tiny.data, tiny.size_bytes, tiny.checksum) for n in range(70_000)]
    assert "more entries" in damage(sealed_zip([*frames, *parts[1:]])).message


def test_a_manifest_that_is_too_long_is_refused(sealed: bytes, damage: Refuse) -> None:
    """A bomb by size."""
    raw = b" " * (9 * 2**20)
    damage(sealed_zip(signed_again(parts_of(sealed), raw)))


# -- the manifest, even if it is signed -----------------------------------------------------------------------


def test_a_database_larger_than_its_archive_is_refused(sealed: bytes, damage: Refuse) -> None:
    """A frame cannot supply more blocks than it has, whatever the map says."""
    parts = parts_of(sealed)
    manifest = manifest_in(parts)
    blocks = manifest.database.blocks
    records = b"".join(
        number.to_bytes(4, "little") for n in range(1000) for number in (n * blocks, blocks, 0, 0)
    )
    packed = pack(records)
    database = msgspec.structs.replace(
        manifest.database, blocks=1000 * blocks, size_bytes=1000 * blocks * 4096
    )
    block_map = msgspec.structs.replace(
        manifest.map, runs=1000, digest=Digests(OWNER.block_key).map(records).hex()
    )
    forged = signed_again(parts, msgspec.structs.replace(manifest, database=database, map=block_map))
    damage(sealed_zip(with_part(forged, Part("blocks.map", 93, packed.data, len(records), packed.checksum))))


@pytest.mark.parametrize(
    "change",
    [
        {"root": "0" * 64},
        {"blocks": 2**23, "size_bytes": 2**35},
        {"blocks": 1, "size_bytes": 4096},
    ],
)
def test_a_manifest_of_another_database_is_refused(
    sealed: bytes, damage: Refuse, change: dict[str, object]
) -> None:
    parts = parts_of(sealed)
    manifest = manifest_in(parts)
    database = msgspec.structs.replace(manifest.database, **change)
    damage(sealed_zip(signed_again(parts, msgspec.structs.replace(manifest, database=database))))


@pytest.mark.parametrize("change", [{"pieces": 99}, {"store": "f" * 32}, {"schema": 0}])
def test_a_manifest_of_another_store_is_refused(
    sealed: bytes, damage: Refuse, change: dict[str, object]
) -> None:
    parts = parts_of(sealed)
    damage(sealed_zip(signed_again(parts, msgspec.structs.replace(manifest_in(parts), **change))))


def test_a_manifest_without_its_owner_s_mac_is_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    damage(sealed_zip(signed_again(parts, manifest_in(parts), STRANGER)))
    damage(sealed_zip(with_part(parts, Part.stored("manifest.mac", b""))))


def test_padding_that_is_not_zero_is_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    damage(sealed_zip(with_part(parts, Part.stored("padding", b"x" * parts[-1].size_bytes))))


def with_map(
    parts: list[Part], records: bytes, *, runs: int | None = None, digest: str | None = None
) -> list[Part]:
    """Replace an archive's block map, signed by its owner."""
    packed = pack(records)
    manifest = manifest_in(parts)
    block_map = msgspec.structs.replace(
        manifest.map,
        runs=len(records) // 16 if runs is None else runs,
        digest=Digests(OWNER.block_key).map(records).hex() if digest is None else digest,
    )
    forged = signed_again(parts, msgspec.structs.replace(manifest, map=block_map))
    return with_part(forged, Part("blocks.map", 93, packed.data, len(records), packed.checksum))


def record(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


def test_a_map_that_does_not_match_the_manifest_is_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    blocks = manifest_in(parts).database.blocks
    whole = record(0, blocks, 0, 0)
    damage(sealed_zip(with_map(parts, whole, runs=2)))
    damage(sealed_zip(with_map(parts, whole, digest="0" * 64)))
    damage(sealed_zip(with_map(parts, record(0, blocks, 1, 0))))
    damage(sealed_zip(with_map(parts, record(0, 1, 0, 0) + record(1, blocks - 1, 0, 0))))


def test_unused_own_blocks_are_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    manifest = manifest_in(parts)
    blocks = manifest.database.blocks - 1
    database = msgspec.structs.replace(manifest.database, blocks=blocks, size_bytes=blocks * 4096)
    shorter = signed_again(parts, msgspec.structs.replace(manifest, database=database))
    assert "does not use" in damage(sealed_zip(with_map(shorter, record(0, blocks, 0, 0)))).message


def test_fewer_frames_than_the_manifest_lists_are_refused(sealed: bytes, damage: Refuse) -> None:
    parts = parts_of(sealed)
    last = max(place for place, part in enumerate(parts) if part.name.startswith("frames/"))
    assert "the frames of the archive differ" in damage(sealed_zip(parts[:last] + parts[last + 1 :])).message


def test_frames_of_another_archive_are_refused(sealed: bytes, damage: Refuse, tmp_path: Path) -> None:
    other = make_store(tmp_path / "second", pieces=5)
    path = tmp_path / "second.age"
    back_up_to_file(context_of(other), path, BackupOptions("laptop"))
    theirs = parts_of(path.read_bytes())
    parts = parts_of(sealed)
    damage(sealed_zip([theirs[0], *parts[1:]]))


def test_a_replayed_older_archive_is_refused(home: Path, sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "backup.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    path.write_bytes(sealed)
    before = (home / "store.db").read_bytes()
    with select_file(path) as selection, pytest.raises(IntegrityError, match="older") as raised:
        restore(context_of(home), selection)
    assert "--allow-older" in raised.value.hint
    assert (home / "store.db").read_bytes() == before


# -- chains ---------------------------------------------------------------------------------------------------


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Path, FolderDestination, str, str]:
    """A home with a full backup and one that borrows from it."""
    home = make_store(tmp_path / "chain", pieces=60, size_bytes=3000)
    destination = FolderDestination(tmp_path / "destination")
    first = back_up_into(home, destination).summary.archive
    add_pieces(home, [1000])
    second = back_up_into(home, destination)
    assert second.summary.kind == "incremental"
    return home, destination, first, second.summary.archive


def refuses(
    home: Path, destination: FolderDestination, choice: str = "latest", *, allow_older: bool = True
) -> IntegrityError:
    before = (home / "store.db").read_bytes()
    context = context_of(home)
    with pytest.raises(IntegrityError) as raised, select_backup(destination, context, choice) as selection:
        restore(context, selection, allow_older=allow_older)  # else the chain is at fault, not its number
    assert (home / "store.db").read_bytes() == before
    return raised.value


def test_a_changed_borrowed_archive_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, first, _ = chain
    path = destination.folder / f"{first}.age"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    refuses(home, destination)


def test_an_archive_swapped_for_a_borrowed_one_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, first, second = chain
    target = destination.folder / f"{first}.age"
    target.write_bytes((destination.folder / f"{second}.age").read_bytes())
    refuses(home, destination)


def test_an_archive_swapped_for_the_latest_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, first, second = chain
    target = destination.folder / f"{second}.age"
    target.write_bytes((destination.folder / f"{first}.age").read_bytes())
    assert "replaced by another" in refuses(home, destination).message


def test_a_borrowed_archive_resealed_with_other_blocks_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    """Even if the owner signed it: the borrowing manifest names it by digest."""
    home, destination, first, _ = chain
    path = destination.folder / f"{first}.age"
    parts = parts_of(path.read_bytes())
    changed = msgspec.structs.replace(manifest_in(parts), device="elsewhere")
    path.write_bytes(sealed_zip(signed_again(parts, changed)))
    assert "not the one" in refuses(home, destination).message


def test_swapped_frames_of_the_archives_of_a_chain_are_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, first, second = chain
    paths = [destination.folder / f"{name}.age" for name in (first, second)]
    one, two = (parts_of(path.read_bytes()) for path in paths)
    paths[0].write_bytes(sealed_zip([two[0], *one[1:]]))
    refuses(home, destination)


def test_an_archive_that_borrows_from_a_later_one_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, first, second = chain
    path = destination.folder / f"{second}.age"
    parts = parts_of(path.read_bytes())
    manifest = manifest_in(parts)
    first_parts = parts_of((destination.folder / f"{first}.age").read_bytes())
    later = msgspec.structs.replace(manifest_in(first_parts), sequence=manifest.sequence)
    raw = later.to_bytes()
    (destination.folder / f"{first}.age").write_bytes(sealed_zip(signed_again(first_parts, raw)))
    ref = ArchiveRef(archive=first, manifest=hashlib.sha256(raw).hexdigest())
    forged = msgspec.structs.replace(manifest, borrowed=(ref,))
    path.write_bytes(sealed_zip(signed_again(parts, forged)))
    assert "not the one" in refuses(home, destination).message


def test_a_listing_without_the_latest_backup_is_refused(
    chain: tuple[Path, FolderDestination, str, str],
) -> None:
    home, destination, _, second = chain
    (destination.folder / f"{second}.json").unlink()
    assert "older" in refuses(home, destination, allow_older=False).message


# -- the real command -----------------------------------------------------------------------------------------


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SATCHEL_KEYRING": "off"}
    command = [str(Path(sys.executable).with_name("satchel")), "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.mark.parametrize("forge", ["flip", "cut", "stranger", "names"])
@pytest.mark.parametrize("words", ["restore", "verify"])
def test_the_command_exits_with_5_and_one_line(
    home: Path, sealed: bytes, tmp_path: Path, forge: str, words: str
) -> None:
    Vault(home, use_keyring=False).create(RootSecret(bytes(range(32))))
    before = (home / "store.db").read_bytes()
    parts = parts_of(sealed)
    hostile = {
        "flip": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "cut": sealed[:-100],
        "stranger": sealed_zip(signed_again(parts, manifest_in(parts), STRANGER)),
        "names": sealed_zip([*parts, Part.stored("../../x", b"x")]),
    }[forge]
    path = tmp_path / "hostile.age"
    path.write_bytes(hostile)
    done = run(home, words, "--from", str(path))
    assert done.returncode == 5
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["satchel", "hint"]
    assert (home / "store.db").read_bytes() == before


def test_reads_stay_within_the_file(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.age"
    path.write_bytes(sealed)
    with SourceFile(path) as reader:
        os.truncate(path, 100)
        with pytest.raises(IntegrityError):
            open_archive(reader, OWNER, None)


def test_padding_is_read_in_pieces(sealed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "padded.age"
    monkeypatch.setattr(assembling, "REQUEST_BYTES", CHUNK_BYTES)
    monkeypatch.setattr(assembling, "THREADS", 1)
    path.write_bytes(sealed_zip(with_part(parts_of(sealed), Part.stored("padding", bytes(2 * FRAME_BYTES)))))
    tracemalloc.start()
    try:
        with ExitStack() as readers:
            archive = open_archive(SourceFile(path), OWNER, None)
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            open_chain(archive, lambda _: pytest.fail("it borrows nothing"), OWNER, readers)
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < FRAME_BYTES
