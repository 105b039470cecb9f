"""The records of a home under the new address of a moved cloud: its backups, proofs and audit log stay known."""

import datetime as dt
from pathlib import Path

import pytest

from satchel.backup.local.record import (
    MadeBackup,
    Proof,
    read_record,
    record_backup,
    record_proof,
    rename_place,
)
from satchel.backup.local.sequences import series_of_cloud, series_of_file
from satchel.cloud.audit_heads import AuditHeads
from satchel_wire.audit import DIGEST_BYTES, Link

OLD, NEW = "https://old.example.org", "https://new.example.org"
NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def made(place: str, minute: int) -> MadeBackup:
    moment = NOW + dt.timedelta(minutes=minute)
    return MadeBackup(
        place=place,
        archive=f"{minute:032x}",
        store="ab" * 16,
        sequence=minute,
        device="laptop",
        pieces=1,
        size_bytes=1,
        created=moment,
        confirmed=moment,
        expires=None,
    )


def proof(place: str, *, is_whole: bool) -> Proof:
    return Proof(
        place=place,
        archive="cd" * 16,
        store="ab" * 16,
        created=NOW,
        proven=NOW,
        checked=1,
        pieces=1,
        is_whole=is_whole,
    )


def test_backups_and_proofs_move_with_the_cloud_and_others_stay(tmp_path: Path) -> None:
    old, new = series_of_cloud(OLD), series_of_cloud(NEW)
    file = series_of_file(tmp_path / "copy.age")
    for each in (made(old.key, 1), made(file.key, 2)):
        record_backup(tmp_path, each)
    record_proof(tmp_path, proof(old.key, is_whole=True))
    record_proof(tmp_path, proof(file.key, is_whole=False))
    for _ in range(2):  # an interrupted run is repeated
        rename_place(tmp_path, old, new)
        record = read_record(tmp_path)
        assert record.backups == (made(new.key, 1), made(file.key, 2))
        assert record.whole == proof(new.key, is_whole=True)
        assert record.sample == proof(file.key, is_whole=False)


@pytest.mark.parametrize(("at_old", "at_new"), [(1, 2), (2, 1)])
def test_the_later_backup_of_both_addresses_stays(tmp_path: Path, at_old: int, at_new: int) -> None:
    old, new = series_of_cloud(OLD), series_of_cloud(NEW)
    record_backup(tmp_path, made(old.key, at_old))
    record_backup(tmp_path, made(new.key, at_new))
    rename_place(tmp_path, old, new)
    assert read_record(tmp_path).backups == (made(new.key, 2),)


@pytest.mark.parametrize(("at_old", "at_new"), [(3, None), (3, 5), (5, 3)])
def test_the_later_head_of_both_addresses_stays(tmp_path: Path, at_old: int, at_new: int | None) -> None:
    heads = AuditHeads(tmp_path)
    heads.advance(OLD, Link(at_old, bytes(DIGEST_BYTES)), NOW)
    if at_new is not None:
        heads.advance(NEW, Link(at_new, bytes(DIGEST_BYTES)), NOW)
    for _ in range(2):
        heads.rename(OLD, NEW)
        kept = heads.find(NEW)
        assert kept is not None
        assert (kept.number, heads.find(OLD)) == (max(at_old, at_new or 0), None)
