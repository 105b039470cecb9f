"""Older backups and forks are noticed, each place by its own numbers."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import (
    OWNER,
    FolderDestination,
    add_pieces,
    back_up_into,
    context_of,
    make_store,
    manifest_in,
    parts_of,
    sealed_zip,
    signed_again,
)

from satchel.archive.limits import MAX_SEQUENCE
from satchel.archive.manifest import Manifest, SignedManifest
from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.local.places import Places
from satchel.backup.local.sequences import (
    MAX_SEEN,
    Seen,
    SequenceRecord,
    Series,
    series_of_cloud,
    series_of_file,
)
from satchel.backup.restore.guard import History, check_expected, joined
from satchel.backup.restore.restore import restore, select_backup, select_file
from satchel.errors import IntegrityError, SatchelError

CLOUD = series_of_cloud("https://cloud.example")
OTHER = series_of_cloud("https://other.example")
STICK = series_of_file(Path("/media/stick/a.age"))
STORE = "ab" * 16


@pytest.fixture
def template(home: Path, tmp_path: Path) -> Manifest:
    path = tmp_path / "template.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    return manifest_in(parts_of(path.read_bytes()))


def signed(template: Manifest, number: int, digest: str = "0") -> SignedManifest:
    manifest = msgspec.structs.replace(template, store=STORE, sequence=number, archive=f"{number:032x}")
    return SignedManifest(manifest, digest * 64)


def seen(series: Series, number: int, digest: str = "0") -> Seen:
    return Seen(series.key, STORE, number, f"{number:032x}", digest * 64)


def history(*each: Seen, highest: int = 0) -> History:
    return History(each, max([highest, *(one.sequence for one in each)]))


@pytest.mark.parametrize(
    ("known", "number", "digest", "series", "expected"),
    [
        (history(), 1, "0", CLOUD, None),
        (history(seen(CLOUD, 5)), 5, "0", CLOUD, None),
        (history(seen(CLOUD, 5)), 6, "1", CLOUD, None),
        (history(seen(CLOUD, 5)), 4, "1", CLOUD, "older"),
        (history(seen(CLOUD, 4), seen(CLOUD, 5)), 4, "0", CLOUD, "older"),
        # each place has its own numbers
        (history(seen(CLOUD, 5), seen(STICK, 6)), 5, "0", CLOUD, None),
        (history(seen(CLOUD, 5), seen(OTHER, 9)), 5, "0", CLOUD, None),
        (history(seen(CLOUD, 5), seen(STICK, 6)), 6, "0", STICK, None),
        (history(seen(CLOUD, 7)), 3, "1", STICK, None),
        # the same number from another device or a copy, wherever it is
        (history(seen(CLOUD, 5, "0")), 5, "1", CLOUD, "fork"),
        (history(seen(STICK, 5, "0")), 5, "1", CLOUD, "fork"),
        (history(seen(CLOUD, 5, "0"), seen(CLOUD, 6, "2")), 5, "1", CLOUD, "fork"),
        # a record of an earlier satchel does not say where it has seen the highest number
        (history(highest=5), 4, "0", CLOUD, "older"),
        (history(highest=5), 5, "0", CLOUD, None),
        (history(highest=5), 4, "0", STICK, None),
    ],
)
def test_a_backup_is_compared_with_those_seen(  # noqa: PLR0917  the fields of each case
    template: Manifest, known: History, number: int, digest: str, series: Series, expected: str | None
) -> None:
    finding = check_expected(signed(template, number, digest), known, series)
    assert (finding.kind if finding else None) == expected
    if finding is not None:
        assert f"number {number}" in finding.message
        assert finding.hint


def test_the_guard_names_what_it_compared(template: Manifest) -> None:
    finding = check_expected(signed(template, 4), history(seen(CLOUD, 5)), CLOUD)
    assert finding is not None
    assert "https://cloud.example" in finding.message
    assert "number 5 (00000000)" in finding.message
    assert "by 'laptop'" in finding.message


def test_two_homes_know_what_either_knows(template: Manifest) -> None:
    both = joined([history(), history(seen(CLOUD, 5))])
    assert both.knows(CLOUD)
    assert not both.knows(STICK)
    assert check_expected(signed(template, 4), both, CLOUD) is not None


# -- as it happens --------------------------------------------------------------------------------------------


def test_a_backup_to_a_file_does_not_make_the_cloud_s_look_old(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    context = context_of(home)
    back_up_into(home, destination)
    for name in ("a.age", "b.age", "a.age"):
        back_up_to_file(context, tmp_path / name, BackupOptions("laptop"))
    with select_backup(destination, context) as selection:
        assert restore(context, selection).manifest.sequence == 1
    with select_file(tmp_path / "b.age") as selection:
        assert restore(context, selection).manifest.sequence == 3
    assert back_up_into(home, destination).summary.sequence == 5


def test_an_older_backup_under_the_name_of_a_newer_one_is_refused(home: Path, tmp_path: Path) -> None:
    context, path = context_of(home), tmp_path / "a.age"
    back_up_to_file(context, path, BackupOptions("laptop"))
    older = path.read_bytes()
    back_up_to_file(context, path, BackupOptions("laptop"))
    path.write_bytes(older)
    with select_file(path) as selection, pytest.raises(IntegrityError, match="older") as raised:
        restore(context, selection)
    assert str(path) in raised.value.message


@pytest.mark.parametrize("how", ["file", "cloud"])
def test_a_copy_that_used_the_same_number_is_reported_as_a_fork(
    home: Path, destination: FolderDestination, tmp_path: Path, how: str
) -> None:
    back_up_into(home, destination)
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    elsewhere = FolderDestination(tmp_path / "elsewhere")
    add_pieces(home, [1000])
    add_pieces(copy, [2000])
    back_up_into(home, destination)
    context = context_of(home)
    before = (home / "store.db").read_bytes()
    if how == "file":
        back_up_to_file(context_of(copy), tmp_path / "copy.age", BackupOptions("desk"))
        opened = select_file(tmp_path / "copy.age")
    else:
        back_up_into(copy, elsewhere, full=True)
        opened = select_backup(elsewhere, context)
    with opened as selection, pytest.raises(IntegrityError, match="another device or a copy"):
        restore(context, selection)
    assert (home / "store.db").read_bytes() == before


# -- the record -----------------------------------------------------------------------------------------------


def test_the_record_of_an_earlier_version_is_read(home: Path, destination: FolderDestination) -> None:
    store_id = back_up_into(home, destination).summary.store
    path = Places(home).sequences
    path.write_text(json.dumps({"format": "satchel-sequences/1", "stores": {store_id: 7}}))
    context = context_of(home)
    with select_backup(destination, context) as selection, pytest.raises(IntegrityError, match="number 7"):
        restore(context, selection)
    assert back_up_into(home, destination).summary.sequence == 8
    with select_backup(destination, context) as selection:
        assert restore(context, selection).manifest.sequence == 8


def test_the_record_keeps_the_newest_of_every_cloud(tmp_path: Path, template: Manifest) -> None:
    record = SequenceRecord(tmp_path / "sequences.json")
    first = signed(template, 1)
    record.update(first.manifest, first.digest, CLOUD)
    for number in range(2, MAX_SEEN + 20):
        one = signed(template, number)
        record.update(one.manifest, one.digest, series_of_file(tmp_path / f"{number}.age"))
    found = record.seen(STORE)
    assert len(found) == MAX_SEEN
    assert found[0] == seen(CLOUD, 1)
    assert found[-1].sequence == record.highest(STORE) == MAX_SEEN + 19


@pytest.mark.parametrize(
    "spoiled",
    [
        "{",
        "[]",
        "null",
        '{"format":"satchel-sequences/9","highest":{}}',
        '{"format":"satchel-sequences/2","highest":{"x":1}}',
        '{"format":"satchel-sequences/2","highest":{},"seen":[1]}',
        " " * (5 * 2**20),
    ],
)
def test_a_damaged_record_is_an_error(tmp_path: Path, spoiled: str) -> None:
    path = tmp_path / "sequences.json"
    path.write_text(spoiled)
    with pytest.raises(IntegrityError, match="damaged"):
        SequenceRecord(path).highest(STORE)


# -- numbers beyond the limit ---------------------------------------------------------------------------------


def with_number(path: Path, number: int) -> None:
    parts = parts_of(path.read_bytes())
    raw = manifest_in(parts).to_bytes().replace(b'"sequence":1,', b'"sequence":%d,' % number)
    path.write_bytes(sealed_zip(signed_again(parts, raw), OWNER))


@pytest.mark.parametrize("number", [0, -1, MAX_SEQUENCE + 1, 2**53 - 1, 2**53, 10**400])
def test_a_backup_with_a_number_out_of_range_is_refused(home: Path, tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    with_number(path, number)
    new = context_of(tmp_path / "new")
    with select_file(path) as selection, pytest.raises(IntegrityError):
        restore(new, selection)


def test_after_the_highest_number_but_one_the_next_backup_works_and_then_says_why_not(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    path = tmp_path / "a.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    with_number(path, MAX_SEQUENCE - 1)
    new = context_of(tmp_path / "new")
    with select_file(path) as selection:
        restore(new, selection)
    assert back_up_into(new.home, destination).summary.sequence == MAX_SEQUENCE
    add_pieces(new.home, [1])
    with pytest.raises(SatchelError, match="last number of a backup"):
        back_up_into(new.home, destination)


def test_a_recorded_number_beyond_the_limit_is_forgotten(home: Path, destination: FolderDestination) -> None:
    store_id = back_up_into(home, destination).summary.store
    document = {"format": "satchel-sequences/1", "stores": {store_id: 2**53 - 1}}
    Places(home).sequences.write_text(json.dumps(document))
    assert back_up_into(home, destination).summary.sequence == 2


def test_a_store_of_another_id_has_its_own_numbers(destination: FolderDestination, tmp_path: Path) -> None:
    for name in ("one", "two"):
        home = make_store(tmp_path / name)
        assert back_up_into(home, destination).summary.sequence == 1
