"""A sample proves that random Pieces of a backup can be restored, and records the proof."""

import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest
from tests.support.archives import NOON, FolderDestination, back_up_into, context_of, make_store

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.local.places import Places
from satchel.backup.local.record import (
    MAX_PLACES,
    BackupRecord,
    MadeBackup,
    Proof,
    read_record,
    record_backup,
    record_proof,
)
from satchel.backup.local.sequences import series_of_cloud
from satchel.backup.reading.sampling import Sample, SampleResult, verify_sample
from satchel.backup.restore.restore import select_backup, select_file, verify
from satchel.errors import IntegrityError
from satchel.store import Changes, Draft, Store, WholeFile


def sample(
    home: Path, destination: FolderDestination, wanted: Sample, draw: Callable[[int], int] | None = None
) -> SampleResult:
    context = context_of(home)
    with select_backup(destination, context) as selection:
        return verify_sample(context, selection, wanted, draw or random.Random(1).randrange)


def corrupt(home: Path, what: str) -> None:
    """Change what a store holds without changing any revision."""
    connection = apsw.Connection(str(home / "store.db"))
    connection.execute(what).fetchall()
    connection.close()


@pytest.mark.parametrize(
    ("wanted", "pieces", "expected"),
    [
        (Sample(share=0.01), 0, 0),
        (Sample(share=0.01), 1, 1),
        (Sample(share=0.01), 100, 1),
        (Sample(share=0.01), 101, 2),
        (Sample(share=1.0), 40, 40),
        (Sample(count=5), 40, 5),
        (Sample(count=50), 40, 40),
    ],
)
def test_a_share_or_a_number_of_pieces(wanted: Sample, pieces: int, expected: int) -> None:
    assert wanted.of(pieces) == expected


def test_a_sample_is_compared_with_the_store(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    result = sample(home, destination, Sample(count=10))
    assert (result.checked, result.same, result.changed, result.removed) == (10, 10, 0, 0)
    assert result.fetched_bytes > 0
    proof = read_record(home).sample
    assert proof is not None
    assert (proof.checked, proof.pieces, proof.is_whole, proof.proven) == (10, 40, False, NOON)
    assert proof.archive == result.manifest.archive


def test_every_piece_can_be_checked_with_edits_files_and_removals(
    home: Path, destination: FolderDestination
) -> None:
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces()]
        for piece_id in ids[:10]:
            store.edit(piece_id, Changes(content=b"edited", title="edited"))
        for piece_id in ids[10:15]:
            store.remove(piece_id)
        store.add(Draft(b"main", files=(WholeFile("a.txt", b"one"), WholeFile("b.txt", b"two"))))
    back_up_into(home, destination)
    with Store.open(home) as store:
        store.edit(ids[20], Changes(title="later"))
        store.remove(ids[21])
    result = sample(home, destination, Sample(share=1.0))
    assert (result.checked, result.same, result.removed) == (36, 35, 1)


def test_every_piece_is_as_likely_as_another(tmp_path: Path) -> None:
    home = make_store(tmp_path / "home", pieces=6)
    destination = FolderDestination(tmp_path / "cloud")
    with Store.open(home) as store:
        first = next(store.pieces())
        for number in range(12):
            store.edit(first.id, Changes(title=f"edit {number}"))
    back_up_into(home, destination)
    with Store.open(home) as store:
        for piece in store.pieces():
            if piece.id != first.id:
                store.remove(piece.id)
    chance = random.Random(7)
    outcomes = Counter[str]()
    for _ in range(60):
        result = sample(home, destination, Sample(count=1), chance.randrange)
        outcomes["same"] += result.same
        outcomes["removed"] += result.removed
    assert 2 <= outcomes["same"] <= 22  # one in six of 60 is 10


def test_if_no_draw_finds_a_piece_all_are_listed(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    assert sample(home, destination, Sample(count=5), lambda _: 0).checked == 5


def test_an_empty_backup_has_nothing_to_check(tmp_path: Path) -> None:
    home = make_store(tmp_path / "home", pieces=0)
    destination = FolderDestination(tmp_path / "cloud")
    back_up_into(home, destination)
    assert sample(home, destination, Sample(share=0.01)).checked == 0


def test_a_content_that_does_not_match_its_digest_is_found(
    home: Path, destination: FolderDestination
) -> None:
    corrupt(home, "UPDATE contents SET data = zeroblob(length(data))")
    back_up_into(home, destination)
    with pytest.raises(IntegrityError, match="SHA-256"):
        sample(home, destination, Sample(count=1))
    assert read_record(home).sample is None


def test_a_piece_that_differs_from_the_store_is_found(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces()]
    assert ids
    corrupt(home, "UPDATE contents SET sha256 = zeroblob(32)")
    with pytest.raises(IntegrityError, match="differs"):
        sample(home, destination, Sample(count=1))


def test_nothing_is_taken_from_the_local_store(tmp_path: Path) -> None:
    home = make_store(tmp_path / "home", pieces=3000, size_bytes=3000)
    destination = FolderDestination(tmp_path / "cloud")
    result = back_up_into(home, destination)
    archive = destination.folder / f"{result.summary.archive}.age"
    data = bytearray(archive.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 70_000] = os.urandom(70_000)
    archive.write_bytes(data)
    with pytest.raises(IntegrityError):
        sample(home, destination, Sample(share=1.0))


def test_a_sample_of_a_file_is_recorded_with_its_path(home: Path, tmp_path: Path) -> None:
    context, path = context_of(home), tmp_path / "a.age"
    back_up_to_file(context, path, BackupOptions("laptop"))
    with select_file(path) as selection:
        verify_sample(context, selection, Sample(count=3), random.Random(1).randrange)
    proof = read_record(home).last_proof()
    assert proof is not None
    assert proof.place == f"file:{path}"


# -- the record -----------------------------------------------------------------------------------------------


def test_confirmed_backups_and_proofs_are_recorded(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    assert read_record(home) == BackupRecord()
    to_file = back_up_to_file(context_of(home), tmp_path / "a.age", BackupOptions("laptop"))
    first, second = (back_up_into(home, destination) for _ in range(2))
    record = read_record(home)
    assert [(each.archive, each.is_in_cloud) for each in record.backups] == [
        (to_file.summary.archive, False),
        (second.summary.archive, True),
    ]
    last = record.last_backup()
    assert last is not None
    assert (last.place, last.pieces, last.device) == (f"cloud:{destination.name}", 40, "laptop")
    assert last.size_bytes == second.size_bytes
    assert first.summary.archive != last.archive
    context = context_of(home)
    with select_backup(destination, context) as selection:
        verify(context, selection)
    proof = read_record(home).last_proof()
    assert proof is not None
    assert (proof.is_whole, proof.checked, proof.archive) == (True, 40, second.summary.archive)
    assert (Places(home).record.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize(
    "spoiled", [b"", b"{", b"[]", b'{"format":"satchel-backup-record/9"}', b"\xff" * 100_000]
)
def test_a_damaged_record_reads_as_empty_and_is_replaced(
    home: Path, destination: FolderDestination, spoiled: bytes
) -> None:
    back_up_into(home, destination)
    Places(home).record.write_bytes(spoiled)
    assert read_record(home) == BackupRecord()
    back_up_into(home, destination)
    assert len(read_record(home).backups) == 1


def made(number: int, place: str) -> MadeBackup:
    return MadeBackup(
        place=place,
        archive=f"{number:032x}",
        store="ab" * 16,
        sequence=number + 1,
        device="laptop",
        pieces=1,
        size_bytes=1,
        created=NOON,
        confirmed=NOON + timedelta(minutes=number),
        expires=None,
    )


@pytest.mark.parametrize("chars", [10, 4096])
def test_the_record_is_bounded(tmp_path: Path, chars: int) -> None:
    for number in range(MAX_PLACES + 5):
        record_backup(tmp_path, made(number, f"file:/{number:02}".ljust(chars, "x")))
    record = read_record(tmp_path)
    assert 0 < len(record.backups) <= MAX_PLACES
    last = record.last_backup()
    assert last is not None
    assert last.archive == f"{MAX_PLACES + 4:032x}"


def test_the_newest_proof_of_either_kind_counts(tmp_path: Path) -> None:
    proof = Proof(
        place=series_of_cloud("x").key,
        archive="ab" * 16,
        store="cd" * 16,
        created=NOON,
        proven=NOON,
        checked=1,
        pieces=100,
        is_whole=False,
    )
    whole = msgspec.structs.replace(proof, is_whole=True, proven=NOON - timedelta(days=1))
    record_proof(tmp_path, proof)
    record_proof(tmp_path, whole)
    assert read_record(tmp_path).last_proof() == proof
    assert read_record(tmp_path).whole == whole
