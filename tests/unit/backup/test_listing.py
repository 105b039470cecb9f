"""Listing and deleting backups."""

import json
from pathlib import Path

import pytest
from tests.support.archives import STRANGER, FolderDestination, add_pieces, back_up_into, context_of

from satchel.backup.listing import delete_backups, list_backups
from satchel.errors import NotFoundError, UsageError


def test_backups_are_listed_newest_first(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    add_pieces(home, [1000])
    back_up_into(home, destination)
    found = [entry.summary for entry in list_backups(context_of(home), destination)]
    assert [(s.sequence, s.kind, s.pieces, s.device) for s in found if s is not None] == [
        (2, "incremental", 41, "laptop"),
        (1, "full", 40, "laptop"),
    ]


def test_a_summary_moved_to_another_backup_is_ignored(home: Path, destination: FolderDestination) -> None:
    ids = [back_up_into(home, destination).summary.archive for _ in range(2)]
    documents = [json.loads((destination.folder / f"{name}.json").read_text()) for name in ids]
    documents[1]["summary"] = documents[0]["summary"]
    (destination.folder / f"{ids[1]}.json").write_text(json.dumps(documents[1]))
    found = {entry.stored.id: entry.summary for entry in list_backups(context_of(home), destination)}
    assert found[ids[0]] is not None
    assert found[ids[1]] is None


def test_other_keys_open_no_summary(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    (entry,) = list_backups(context_of(home, STRANGER), destination)
    assert entry.summary is None


def test_deleting_a_backup_keeps_the_archives_that_others_need(
    home: Path, destination: FolderDestination
) -> None:
    first = back_up_into(home, destination).summary.archive
    back_up_into(home, destination)
    (deleted,) = delete_backups(context_of(home), destination, [first[:10], first])
    assert deleted.stored.id == first
    assert first in destination.inventory().archives
    assert len(list_backups(context_of(home), destination)) == 1


def test_deleting_an_unknown_backup_is_an_error(home: Path, destination: FolderDestination) -> None:
    known = back_up_into(home, destination).summary.archive
    for prefix in ("", "zz"):
        with pytest.raises((NotFoundError, UsageError)):
            delete_backups(context_of(home), destination, [known, prefix])
    assert len(destination.inventory().backups) == 1
