"""The latest backup is this device's own; another one's is taken on request."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import NOON, FolderDestination, add_pieces, context_of, make_store

from satchel.archive.destination import StoredBackup
from satchel.archive.summary import Summary
from satchel.backup.create.backup import BackupOptions, back_up
from satchel.backup.listing import BackupEntry, LocalStore, ThisDevice, choose
from satchel.backup.restore.restore import restore, select_backup
from satchel.errors import IntegrityError, NotFoundError

STORE, OTHER = "ab" * 16, "cd" * 16
LOCAL = LocalStore(STORE, 5)


def entry(
    number: int, device: str = "laptop", store: str = STORE, sequence: int | None = None
) -> BackupEntry:
    archive = f"{number:032x}"
    created = NOON + timedelta(minutes=number)
    summary = Summary(
        format="satchel-summary/1",
        archive=archive,
        store=store,
        sequence=sequence or number,
        created=created,
        kind="full",
        device=device,
        pieces=1,
        new_bytes=1,
    )
    return BackupEntry(StoredBackup(archive, created, None, 1, (), b""), summary)


LAPTOP = ThisDevice("laptop")
TWO = [entry(1), entry(2, "desk"), entry(3), entry(4, "desk")]


@pytest.mark.parametrize(
    ("entries", "this", "device", "chosen", "newer"),
    [
        (TWO, LAPTOP, None, 3, 4),
        (TWO, ThisDevice("desk"), None, 4, None),
        (TWO, ThisDevice(None), None, 4, None),
        # a device without backups of its own takes the latest of all
        (TWO, ThisDevice("new"), None, 4, None),
        # what was restored here is this device's too
        (TWO, ThisDevice("laptop", frozenset({f"{4:032x}"})), None, 4, None),
        (TWO, ThisDevice("renamed", frozenset({f"{1:032x}"})), None, 1, 4),
        (TWO, LAPTOP, "desk", 4, None),
        (TWO, LAPTOP, "DESK", 4, None),
        (TWO, LAPTOP, "laptop", 3, None),
        ([*TWO, entry(9, "desk", OTHER)], LAPTOP, None, 3, 4),
        ([*TWO, entry(9, "phone", OTHER)], LAPTOP, "phone", 9, None),
    ],
)
def test_the_latest_is_this_device_s(
    entries: list[BackupEntry], this: ThisDevice, device: str | None, chosen: int, newer: int | None
) -> None:
    found = choose(entries, "latest", LOCAL, this, device)
    assert found.entry.stored.id == f"{chosen:032x}"
    assert (found.newer.stored.id if found.newer else None) == (None if newer is None else f"{newer:032x}")
    assert not found.is_named


def test_an_id_names_any_backup() -> None:
    found = choose([*TWO, entry(0xABC, "desk", OTHER)], f"{0xABC:032x}"[:31], LOCAL, LAPTOP)
    assert found.entry.stored.id == f"{0xABC:032x}"
    assert found.is_named


def test_an_unknown_device_is_named_with_those_that_exist() -> None:
    with pytest.raises(NotFoundError, match="'phone'") as raised:
        choose(TWO, "latest", LOCAL, LAPTOP, "phone")
    assert "'desk', 'laptop'" in raised.value.hint


def test_summaries_that_do_not_authenticate_are_no_candidates() -> None:
    broken = [BackupEntry(each.stored, None) for each in TWO]
    assert choose([*broken[2:], *TWO[:2]], "latest", LOCAL, LAPTOP).entry is TWO[0]
    with pytest.raises(IntegrityError):
        choose(broken, "latest", LOCAL, LAPTOP)


def test_two_devices_restore_their_own(tmp_path: Path) -> None:
    destination = FolderDestination(tmp_path / "cloud")
    homes = {}
    for number, label in enumerate(("laptop", "desk")):
        homes[label] = make_store(tmp_path / label)
        add_pieces(homes[label], range(1000 * (number + 1), 1000 * (number + 1) + number + 1))
        back_up(context_of(homes[label]), destination, BackupOptions(label))
    for label, home in homes.items():
        context = msgspec.structs.replace(context_of(home))
        with select_backup(destination, context, this=ThisDevice(label)) as selection:
            assert restore(context, selection).manifest.device == label
