"""Pieces are taken from backups without replacing anything, and devices end with the same store."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.golden.archives.test_golden_archives import KEYS, expected
from tests.support.archives import NOON, STRANGER, FolderDestination, add_pieces, context_of, make_store

from satchel.archive.destination import Inventory
from satchel.backup import Context
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up, back_up_to_file
from satchel.backup.listing import ThisDevice, open_summaries
from satchel.backup.local.places import Places
from satchel.backup.local.sequences import SequenceRecord
from satchel.backup.restore.restore import restore, select_backup, select_file
from satchel.backup.syncing import MergedBackup, SyncResult, merge_backup, newest_of_others, sync
from satchel.errors import IntegrityError, NotFoundError, UnreachableError, UsageError
from satchel.local_files import SourceFile
from satchel.store import Changes, Draft, Piece, Store

GOLDEN = Path(__file__).parents[2] / "golden" / "archives"


class Device:
    """A home with a name and a clock."""

    def __init__(self, home: Path, label: str, destination: FolderDestination) -> None:
        self.home, self.label, self.destination = home, label, destination
        self.minutes = 0

    @property
    def context(self) -> Context:
        self.minutes += 1
        now = NOON + timedelta(minutes=self.minutes)
        return msgspec.structs.replace(context_of(self.home), clock=lambda: now)

    def back_up(self) -> BackupResult:
        return back_up(self.context, self.destination, BackupOptions(self.label))

    def sync(self, *, is_plan: bool = False) -> SyncResult:
        options, this = BackupOptions(self.label), ThisDevice(self.label)
        return sync(self.context, self.destination, options, this, is_plan=is_plan)

    def merge(self, choice: str, *pieces: str, is_plan: bool = False) -> MergedBackup:
        with select_backup(self.destination, self.context, choice) as selection:
            return merge_backup(self.context, selection, pieces=pieces or None, is_plan=is_plan)

    def pieces(self) -> dict[str, tuple[Piece, bytes]]:
        with Store.open(self.home) as store:
            assert list(store.problems()) == []
            return {piece.id: (piece, store.content(piece.id)) for piece in store.pieces()}

    def state(self) -> dict[str, object]:
        """Everything but the numbers of revisions, which is the same on devices that are in step."""
        with Store.open(self.home) as store:
            return {
                piece.id: (
                    [(each.id, each.title) for each in store.revisions(piece.id)],
                    store.content(piece.id),
                )
                for piece in store.pieces()
            }


@pytest.fixture
def cloud(tmp_path: Path) -> FolderDestination:
    return FolderDestination(tmp_path / "cloud")


def device(tmp_path: Path, label: str, cloud: FolderDestination, pieces: int = 3) -> Device:
    return Device(make_store(tmp_path / label, pieces=pieces), label, cloud)


@pytest.fixture
def laptop(tmp_path: Path, cloud: FolderDestination) -> Device:
    return device(tmp_path, "laptop", cloud)


@pytest.fixture
def desk(tmp_path: Path, cloud: FolderDestination) -> Device:
    return device(tmp_path, "desk", cloud)


# -- merging a backup -----------------------------------------------------------------------------------------


def test_a_backup_of_another_store_is_merged_and_nothing_is_lost(laptop: Device, desk: Device) -> None:
    made = desk.back_up()
    before = laptop.pieces()
    plan = laptop.merge(made.summary.archive, is_plan=True)
    assert laptop.pieces() == before
    merged = laptop.merge(made.summary.archive)
    assert plan.result == merged.result
    assert merged.result.added == 3
    assert laptop.pieces() == {**before, **desk.pieces()}
    assert laptop.merge(made.summary.archive).result.changed == 0


def test_a_removal_is_respected_and_an_edit_wins_over_it(laptop: Device, cloud: FolderDestination) -> None:
    with Store.open(laptop.home) as store:
        removed, edited, stays = (piece.id for piece in store.pieces())
    made = laptop.back_up()
    with Store.open(laptop.home) as store:
        store.remove(removed)
        store.edit(edited, Changes(title="edited since"))
    assert laptop.merge(made.summary.archive).result.changed == 0
    found = laptop.pieces()
    assert set(found) == {edited, stays}
    assert found[edited][0].title == "edited since"


def test_one_piece_comes_back_as_it_was_with_its_history(laptop: Device) -> None:
    with Store.open(laptop.home) as store:
        first, second, third = (piece.id for piece in store.pieces())
        store.edit(first, Changes(title="second title"))
        history = [revision.title for revision in store.revisions(first)]
    made = laptop.back_up()
    before = laptop.pieces()
    with Store.open(laptop.home) as store:
        store.remove(first)
        store.edit(second, Changes(title="edited since"))
        store.remove(third)
    merged = laptop.merge(made.summary.archive, first[:12], second)
    assert merged.pieces == (first, second)
    after = laptop.pieces()
    assert set(after) == {first, second}
    assert after[first][1] == before[first][1]
    assert after[second][0].title == before[second][0].title
    with Store.open(laptop.home) as store:
        assert [revision.title for revision in store.revisions(first)][:2] == history
        assert "edited since" in [revision.title for revision in store.revisions(second)]


@pytest.mark.parametrize(
    ("wanted", "error"), [("01ARZ3NDEKTSV4RRFFQ69G5FAV", NotFoundError), ("", UsageError), ("0", UsageError)]
)
def test_a_piece_that_the_backup_lacks_is_named(laptop: Device, wanted: str, error: type[Exception]) -> None:
    made = laptop.back_up()
    before = laptop.pieces()
    with pytest.raises(error):
        laptop.merge(made.summary.archive, wanted)
    assert laptop.pieces() == before


def test_a_fork_can_be_merged(laptop: Device, tmp_path: Path, desk: Device) -> None:
    path = tmp_path / "desk.age"
    back_up_to_file(desk.context, path, BackupOptions("desk"))
    with select_file(path) as selection:
        assert merge_backup(laptop.context, selection).result.added == 3


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_backup_of_an_earlier_version_is_merged(tmp_path: Path, version: str) -> None:
    facts = expected(version)["full"]
    home = make_store(tmp_path / "home", pieces=2)
    with select_file(GOLDEN / version / "full.age") as selection:
        merged = merge_backup(Context(home, KEYS), selection)
    assert merged.result.added == facts["pieces"]
    with Store.open(home) as store:
        assert store.count() == 2 + facts["pieces"]
        assert list(store.problems()) == []


def test_only_what_the_store_lacks_is_fetched(tmp_path: Path, cloud: FolderDestination) -> None:
    laptop = device(tmp_path, "laptop", cloud, pieces=0)
    with Store.open(laptop.home) as store:
        for _ in store.add_many(Draft(b"%d" % number * 500, title=f"{number}") for number in range(3000)):
            pass
    first = laptop.back_up()
    desk = Device(tmp_path / "desk", "desk", cloud)
    with select_backup(cloud, desk.context) as selection:
        restore(desk.context, selection)
    add_pieces(desk.home, range(10))
    second = desk.back_up()
    assert second.summary.kind == "incremental"
    merged = laptop.merge(second.summary.archive)
    assert merged.result.added == 10
    assert merged.fetched_bytes < first.size_bytes / 2


def test_a_backup_of_another_owner_is_not_merged(laptop: Device, tmp_path: Path) -> None:
    path = tmp_path / "a.age"
    back_up_to_file(context_of(make_store(tmp_path / "theirs"), STRANGER), path, BackupOptions("x"))
    before = laptop.pieces()
    with select_file(path) as selection, pytest.raises(IntegrityError, match="other keys"):
        merge_backup(laptop.context, selection)
    assert laptop.pieces() == before


def test_without_a_store_there_is_nothing_to_merge_into(laptop: Device, tmp_path: Path) -> None:
    made = laptop.back_up()
    with pytest.raises(NotFoundError):
        Device(tmp_path / "new", "new", laptop.destination).merge(made.summary.archive)


# -- sync -----------------------------------------------------------------------------------------------------


def test_three_devices_end_with_the_same_pieces(laptop: Device, desk: Device, tmp_path: Path) -> None:
    phone = device(tmp_path, "phone", laptop.destination)
    devices = (laptop, desk, phone)
    everything = {piece_id for each in devices for piece_id in each.pieces()}
    for _ in range(2):
        for each in devices:
            each.sync()
    assert set(laptop.state()) == everything
    assert laptop.state() == desk.state() == phone.state()


def test_edits_on_two_devices_are_both_kept_and_reported(laptop: Device, desk: Device) -> None:
    laptop.sync()
    desk.sync()
    laptop.sync()
    piece_id = next(iter(laptop.pieces()))
    for each, title in ((laptop, "from the laptop"), (desk, "from the desk")):
        with Store.open(each.home) as store:
            store.edit(piece_id, Changes(title=title))
    desk.sync()
    (merged,) = laptop.sync().merged
    assert merged.result.conflict_count == 1
    assert merged.result.conflicts[0].piece_id == piece_id
    desk.sync()
    assert laptop.state() == desk.state()
    with Store.open(laptop.home) as store:
        titles = [revision.title for revision in store.revisions(piece_id)]
    assert {"from the laptop", "from the desk"} <= set(titles)


def test_syncing_again_merges_nothing_again(laptop: Device, desk: Device) -> None:
    made = desk.back_up()
    assert len(laptop.sync().merged) == 1
    again = laptop.sync()
    assert again.merged == ()
    assert [summary.archive for summary in again.known] == [made.summary.archive]
    desk.back_up()
    assert len(laptop.sync().merged) == 1


def test_after_a_restore_backups_are_merged_again(laptop: Device, desk: Device) -> None:
    old = laptop.back_up()
    desk.back_up()
    laptop.sync()
    with select_backup(laptop.destination, laptop.context, old.summary.archive) as selection:
        restore(laptop.context, selection)
    assert laptop.sync().merged[0].result.added == 3


def test_a_plan_changes_and_backs_up_nothing(laptop: Device, desk: Device) -> None:
    desk.back_up()
    before = laptop.pieces()
    result = laptop.sync(is_plan=True)
    assert result.merged[0].result.added == 3
    assert result.backup is None
    assert laptop.pieces() == before
    assert len(laptop.destination.inventory().backups) == 1
    assert laptop.sync().merged[0].result.added == 3


def test_a_backup_that_cannot_be_read_does_not_stop_the_others(
    laptop: Device, desk: Device, tmp_path: Path
) -> None:
    phone = device(tmp_path, "phone", laptop.destination)
    broken, fine = desk.back_up(), phone.back_up()
    path = laptop.destination.folder / f"{broken.summary.archive}.age"
    path.write_bytes(path.read_bytes()[:-1])
    result = laptop.sync()
    assert [each.manifest.archive for each in result.merged] == [fine.summary.archive]
    assert [(each.summary.archive, each.error.exit_code) for each in result.failed] == [
        (broken.summary.archive, 5)
    ]
    assert result.backup is not None
    assert result.backup.summary.pieces == 6


def test_an_unreachable_cloud_ends_the_sync(laptop: Device, desk: Device) -> None:
    desk.back_up()

    class Unplugged(FolderDestination):
        def open(self, archive_id: str) -> SourceFile:
            raise UnreachableError(f"the cloud cannot be reached for {archive_id}")

    laptop.destination = Unplugged(laptop.destination.folder)
    with pytest.raises(UnreachableError):
        laptop.sync()
    assert len(laptop.destination.inventory().backups) == 1


def test_merging_does_not_make_another_device_s_backup_this_one_s(laptop: Device, desk: Device) -> None:
    laptop.back_up()
    desk.back_up()
    laptop.sync()
    record = SequenceRecord(Places(laptop.home).sequences)
    with Store.open(desk.home) as store:
        assert record.seen(store.store_id) == ()


class Reporting(FolderDestination):
    """Reports a device for each backup, as a cloud does."""

    def __init__(self, folder: Path, devices: dict[str, str]) -> None:
        super().__init__(folder)
        self.devices = devices

    def inventory(self) -> Inventory:
        found = super().inventory()
        backups = tuple(
            msgspec.structs.replace(each, device=self.devices.get(each.id)) for each in found.backups
        )
        return msgspec.structs.replace(found, backups=backups)


def test_the_newest_backup_of_each_other_device_is_chosen(tmp_path: Path, cloud: FolderDestination) -> None:
    """Two devices have the same name; the cloud tells them apart."""
    one, two = device(tmp_path, "one", cloud), device(tmp_path, "two", cloud)
    made = []
    for each in (one, two, two):
        each.label = "localhost"
        made.append(each.back_up().summary.archive)
    reporting = Reporting(cloud.folder, dict(zip(made, ("11", "22", "22"), strict=True)))
    entries = open_summaries(reporting.inventory().backups, context_of(one.home).keys)

    def others(this: ThisDevice) -> list[str]:
        return [each.summary.archive for each in newest_of_others(entries, this)]

    assert others(ThisDevice("localhost", device_id="11")) == [made[2]]
    assert others(ThisDevice("localhost", device_id="22")) == [made[0]]
    assert others(ThisDevice("localhost")) == []
    assert sorted(others(ThisDevice("renamed", device_id="33"))) == sorted([made[0], made[2]])
