"""The directory of records."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.s3_servers import require
from tests.support.waiting import wait_until

from satchel_infra.box.opening import open_shard
from satchel_infra.box.records import Record
from satchel_infra.box.registry import Registry, Stage
from satchel_infra.box.state_directories import create_state
from satchel_infra.errors import ConfigurationError, DeniedError, FailedError, InfraError, UnavailableError
from satchel_infra.names import NameKey, identify
from satchel_infra.platform import CloudSpec
from satchel_infra.shards import Shard

OWNER = identify(NameKey(bytes(32)), issuer="https://issuer.example.org/", subject="one")
NAME = OWNER.name
ANOTHER = 65534
RECORD = Record.of(CloudSpec(OWNER, f"{NAME}.s1.clouds.example.org", "/opt/satchel/releases/1"))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "clouds", lock_s=0.1)
    made.prepare()
    return made


def test_others_may_enter_the_directory_but_neither_list_it_nor_read_a_record(registry: Registry) -> None:
    registry.write(NAME, RECORD)
    assert registry.directory.stat().st_mode & 0o777 == 0o711
    assert (registry.directory / f"{NAME}.env").stat().st_mode & 0o777 == 0o600


def test_a_removal_renames_the_record_and_is_repeated(registry: Registry) -> None:
    registry.write(NAME, RECORD)
    for _ in range(2):
        registry.begin_removal(NAME)
        assert registry.find(NAME) == (Stage.REMOVING, RECORD)
        assert registry.names() == {NAME: Stage.REMOVING}
    registry.forget(NAME)
    assert registry.find(NAME) is None
    assert [path.name for path in registry.directory.iterdir()] == [".locks"]


def test_other_files_are_no_clouds(registry: Registry) -> None:
    for name in ("notes.txt", f"{NAME}.new", "c.env", f"{NAME}.env.old", f"{NAME.upper()}.env"):
        (registry.directory / name).write_text("x")
    assert registry.names() == {}


def test_a_damaged_record_is_reported_with_its_file(registry: Registry) -> None:
    (registry.directory / f"{NAME}.env").write_text("CLOUD_OWNER=x\n")
    with pytest.raises(FailedError, match=f"{NAME}.env"):
        registry.find(NAME)


def test_two_processes_do_not_change_a_cloud_at_once(registry: Registry) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with Registry(registry.directory, lock_s=1).locked(NAME):
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        wait_until(inside.is_set)
        with pytest.raises(UnavailableError, match="another process"), registry.locked(NAME):
            pass
    finally:
        leave.set()
        holder.join()
    with registry.locked(NAME):
        pass


@pytest.fixture
def planted(registry: Registry) -> Iterator[tuple[Path, Path]]:
    """A file and a directory of root, beside a directory of records that belongs to another user."""
    require(os.geteuid() == 0, "needs root, to give a directory to another user")
    file, folder = registry.directory.parent / "secret", registry.directory.parent / "folder"
    file.write_text("secret")
    folder.mkdir(mode=0o700)
    for path in (registry.directory, registry.directory / ".locks"):
        os.chown(path, ANOTHER, ANOTHER)
    yield file, folder
    assert (file.read_text(), file.stat().st_uid, list(folder.iterdir())) == ("secret", 0, [])


@pytest.mark.parametrize("link", [".locks/XX", "NAME.new", "NAME.env", "NAME.removing", "NAME.earlier"])
def test_root_follows_no_link_that_the_owner_of_the_directory_planted(
    link: str, registry: Registry, planted: tuple[Path, Path]
) -> None:
    path = registry.directory / link.replace("XX", NAME[1:3]).replace("NAME", NAME)
    path.symlink_to(planted[0])
    refused: list[InfraError] = []
    calls = (Registry.find, Registry.earlier, use_lock, use_record, Registry.begin_removal, Registry.forget)
    for call in calls:
        try:
            call(registry, NAME)
        except InfraError as error:
            refused.append(error)
    assert all("secret" not in str(error) for error in refused)
    assert os.geteuid() == 0


def use_lock(registry: Registry, name: str) -> None:
    with registry.locked(name):
        pass


def use_record(registry: Registry, name: str) -> None:
    registry.write(name, RECORD)


def test_root_follows_no_link_in_place_of_a_directory(registry: Registry, planted: tuple[Path, Path]) -> None:
    (registry.directory / ".locks").rmdir()
    (registry.directory / ".locks").symlink_to(planted[1])
    with pytest.raises(DeniedError):
        use_lock(registry, NAME)
    registry.directory.rename(registry.directory.parent / "aside")
    registry.directory.symlink_to(planted[1])
    with pytest.raises(FailedError, match="clouds"):
        use_record(registry, NAME)


def test_what_root_writes_belongs_to_the_owner_of_the_directory(
    registry: Registry, planted: tuple[Path, Path]
) -> None:
    with registry.locked(NAME):
        assert Path("/proc/thread-self/status").read_text().count("\nUid:\t0\t0\t0\t0\n") == 1
        registry.write(NAME, RECORD)
    assert registry.find(NAME) == (Stage.EXISTS, RECORD)
    for file in (f"{NAME}.env", f".locks/{NAME[1:3]}"):
        assert (registry.directory / file).stat().st_uid == ANOTHER
    assert planted[0].exists()


def test_a_state_directory_is_made_where_systemd_makes_it(tmp_path: Path) -> None:
    for _ in range(2):
        create_state(tmp_path, NAME)
    link = tmp_path / "satchel-clouds" / NAME
    assert link.is_symlink()
    assert link.resolve() == tmp_path / "private" / "satchel-clouds" / NAME
    assert link.resolve().stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "options", [{"max_clouds": 0}, {"max_clouds": True}, {"records": "clouds"}, {"record": "/x"}]
)
def test_a_wrong_option_is_refused_with_its_name(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        open_shard(Shard("s1"), options, "clouds.example.org")


def test_a_box_has_one_place() -> None:
    with pytest.raises(ConfigurationError, match="region"):
        open_shard(Shard("s1", {"region": "x"}), {}, "clouds.example.org")
