"""A file that is no backup is refused for its true cause."""

import sqlite3
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.archives import OWNER, STRANGER, context_of, make_store

from satchel.age import ScryptRecipient, armor, seal
from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore.restore import restore, select_file, verify
from satchel.errors import IntegrityError, NotFoundError, SatchelError, UsageError
from satchel.exchange.satchel_zip.writer import export
from satchel.store import Store


def exported(home: Path) -> bytes:
    target = BytesIO()
    with Store.open(home, read_only=True) as store:
        export(store, target)
    return target.getvalue()


def a_zip(_: Path) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("notes.txt", "mine")
    return target.getvalue()


def a_database(home: Path) -> bytes:
    path = home / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t(a)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def a_backup(home: Path) -> bytes:
    back_up_to_file(context_of(home), home / "a.age", BackupOptions("laptop"))
    return (home / "a.age").read_bytes()


CASES: dict[str, tuple[Callable[[Path], bytes], str, str]] = {
    "empty": (lambda _: b"", "is empty", "copy the backup again"),
    "export": (exported, "is an export of satchel", "satchel import"),
    "sealed export": (
        lambda home: seal(exported(home), [OWNER.recipient]),
        "is a sealed export",
        "satchel import",
    ),
    "zip": (a_zip, "is a zip file", "satchel backup --to"),
    "sealed zip": (lambda home: seal(a_zip(home), [OWNER.recipient]), "opens with your keys, but", "--to"),
    "sealed text": (lambda _: seal(b"hello", [OWNER.recipient]), "opens with your keys, but", "--to"),
    "sealed nothing": (lambda _: seal(b"", [OWNER.recipient]), "opens with your keys, but", "--to"),
    "another owner's": (
        lambda _: seal(b"hello", [STRANGER.recipient]),
        "sealed to other keys",
        "recovery use",
    ),
    "store": (lambda home: (home / "store.db").read_bytes(), "is a store", "--home"),
    "database": (a_database, "is an SQLite database", "--to"),
    "text": (lambda _: b"just some text\n" * 100, "is not sealed", "--to"),
    "cut in its first line": (lambda _: b"age-encryption", "cut off after 14 bytes", "copy it again"),
    "cut in its header": (lambda home: a_backup(home)[:60], "damaged or cut off", "copy it again"),
    "cut in its payload": (lambda home: a_backup(home)[:-1], "damaged or cut off", "copy it again"),
    "cut to half": (lambda home: a_backup(home)[:5000], "damaged or cut off", "copy it again"),
    "longer": (lambda home: a_backup(home) + b"\0", "damaged or cut off", "copy it again"),
    "changed": (lambda home: a_backup(home)[:-9] + b"\0" * 9, "damaged or cut off", "copy it again"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_named(home: Path, tmp_path: Path, name: str) -> None:
    build, cause, hint = CASES[name]
    path = tmp_path / "file.age"
    path.write_bytes(build(home))
    for operation in (restore, verify):
        with select_file(path) as selection, pytest.raises(IntegrityError) as raised:
            operation(context_of(home), selection)
        assert cause in raised.value.message
        assert str(path) in raised.value.message
        assert hint in raised.value.hint
        assert "\n" not in raised.value.message


def test_an_armored_file_is_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "file.age"
    path.write_bytes(armor(a_backup(home)))
    with select_file(path) as selection, pytest.raises(IntegrityError, match="text form"):
        verify(context_of(home), selection)


def test_a_file_under_a_passphrase_is_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "file.age"
    path.write_bytes(seal(b"hello", [ScryptRecipient("secret", log_n=10)]))
    with select_file(path) as selection, pytest.raises(IntegrityError, match="with a passphrase"):
        verify(context_of(home), selection)


@pytest.mark.parametrize(
    ("make", "error", "cause"),
    [
        (lambda path: path.mkdir(), UsageError, "is a directory"),
        (lambda path: path.symlink_to(path.with_name("nowhere")), NotFoundError, "does not exist"),
        (lambda _: None, NotFoundError, "does not exist"),
    ],
)
def test_a_path_that_is_no_file_is_named(
    tmp_path: Path, make: Callable[[Path], object], error: type[SatchelError], cause: str
) -> None:
    path = tmp_path / "a.age"
    make(path)
    with pytest.raises(error, match=cause), select_file(path):
        pass


def test_a_backup_of_another_owner_is_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.age"
    back_up_to_file(context_of(home, STRANGER), path, BackupOptions("laptop"))
    with select_file(path) as selection, pytest.raises(IntegrityError, match="other keys than yours"):
        restore(context_of(make_store(tmp_path / "mine")), selection)
