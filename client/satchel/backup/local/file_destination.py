"""Archives in single files: `backup --to FILE`, `restore --from FILE`."""

from pathlib import Path

from satchel.archive.destination import ArchiveReader
from satchel.backup.archive_opening import OpenedArchive, Readable, open_archive
from satchel.backup.local.file_kinds import explain
from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.keys.derive import OwnerKeys
from satchel.local_files import SourceFile


def refuse_borrowed(archive_id: str) -> ArchiveReader:
    """Raise NotFoundError instead of opening a borrowed archive: a backup in a file is self-contained."""
    raise NotFoundError(
        f"the archive borrows from another one, {archive_id!r}, which is not in the file",
        hint="restore it from the cloud, or make a self-contained one: satchel backup --to FILE",
    )


def open_file_archive(reader: Readable, keys: OwnerKeys, path: Path) -> OpenedArchive:
    """Open the archive in a file. IntegrityError that names what the file is, if it is no backup of this owner."""
    try:
        return open_archive(reader, keys, None)
    except IntegrityError as exc:
        raise explain(reader, keys, path, exc) from exc


def check_source(path: Path) -> None:
    """Raise UsageError or NotFoundError unless a path names a file to read."""
    if path.is_dir():
        raise UsageError(f"{str(path)!r} is a directory", hint="name the file of the backup in it")
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "does not exist"
        raise NotFoundError(f"the file {str(path)!r} {what}", hint="check the path")


def check_target(path: Path, keys: OwnerKeys) -> None:
    """Raise UsageError or NotFoundError unless a backup may be written to a path.

    It may replace an earlier backup of the same owner, and no other file.
    """
    if not path.parent.is_dir():
        raise NotFoundError(f"there is no directory {str(path.parent)!r}")
    if path.is_dir():
        raise UsageError(f"{str(path)!r} is a directory", hint="name a file, for example backup.age")
    if path.exists():
        try:
            with SourceFile(path) as reader:
                open_archive(reader, keys, None)
        except (IntegrityError, NotFoundError) as exc:
            raise UsageError(
                f"{str(path)!r} exists and is not a backup of yours",
                hint="name another file, or remove it first",
            ) from exc
