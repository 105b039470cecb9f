"""The files under a directory, used without following a symbolic link beneath it.

    tree = Tree(Path("/var/lib/satchel"))
    tree.make_folders(Path(), ["blobs", "staging"])
    tree.write(Path("staging/5a"), b"sealed")
    tree.link(Path("staging/5a"), Path("blobs/key"))
    tree.sync(Path("blobs"))

The service owns the directory, and a move by root must not read, write or delete what a compromised service linked
there, whenever it did so. Every path is therefore opened one directory at a time. What root makes belongs to the owner
of the directory around it; otherwise the service could not read it.

Paths are relative to the root. Every method raises OSError, also if a part of the path is a link.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO, RawIOBase
from pathlib import Path
from typing import Final

FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FILE_FLAGS: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Opening a named pipe does not wait for a writer."""
NEW_FILE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL


class Tree:
    """The files under `root`, which may itself be a link."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # -- directories ------------------------------------------------------------------------------------

    @contextmanager
    def opened(self, folder: Path) -> Iterator[int]:
        """Open a directory during the block and yield its descriptor."""
        descriptor = os.open(self.root, FOLDER_FLAGS)
        try:
            for name in folder.parts:
                inner = os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """Make a directory and its parents durably; existing ones are kept."""
        self.make_folders(folder.parent, [folder.name])

    def make_folders(self, parent: Path, names: Iterable[str]) -> None:
        """Make directories of one parent durably, with one sync; existing ones are kept."""
        if parent.parts:
            if not self.exists(parent):
                self.make_folder(parent)
        else:
            _make_root(self.root)
        with self.opened(parent) as descriptor:
            missing = [name for name in names if not _is_folder(name, descriptor)]
            for name in missing:
                _make(name, descriptor)
            if missing:
                os.fsync(descriptor)

    def names(self, folder: Path) -> list[str]:
        """Return the names in a directory, in order."""
        with self.opened(folder) as descriptor:
            return sorted(os.listdir(descriptor))  # noqa: PTH208  pathlib takes no descriptor

    def sync(self, folder: Path) -> None:
        """Make the names in a directory durable."""
        with self.opened(folder) as descriptor:
            os.fsync(descriptor)

    # -- files ------------------------------------------------------------------------------------------

    def open(self, path: Path, flags: int = os.O_RDONLY) -> int:
        """Open an existing regular file and return its descriptor. Anything else is an error."""
        with self.opened(path.parent) as folder:
            descriptor = os.open(path.name, flags | FILE_FLAGS, dir_fd=folder)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")

    def create(self, path: Path) -> int:
        """Make a new file and return its descriptor, for reading and writing."""
        with self.opened(path.parent) as folder:
            descriptor = os.open(path.name, NEW_FILE | FILE_FLAGS, 0o600, dir_fd=folder)
            try:
                _give(descriptor, folder)
            except OSError:
                os.close(descriptor)
                raise
            return descriptor

    def open_or_create(self, path: Path) -> int:
        """Return the descriptor of a regular file, for reading and writing, which is made if it is absent."""
        try:
            return self.create(path)
        except FileExistsError:
            return self.open(path, os.O_RDWR)

    def read(self, path: Path) -> bytes:
        """Return the bytes of a regular file."""
        with os.fdopen(self.open(path), "rb") as file:
            return file.read()

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file and sync it. Its name is durable after `sync`."""
        with FileIO(self.create(path), "r+") as file:
            write_all(file, data)
            os.fsync(file.fileno())

    def sync_file(self, path: Path) -> None:
        """Make a file's bytes durable."""
        descriptor = self.open(path)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    # -- names ------------------------------------------------------------------------------------------

    def exists(self, path: Path) -> bool:
        """Return whether something of this name exists."""
        try:
            self.status(path)
        except FileNotFoundError:
            return False
        return True

    def status(self, path: Path) -> os.stat_result:
        """Return the status of a file or of a link, which is not followed."""
        with self.opened(path.parent) as folder:
            return os.stat(path.name, dir_fd=folder, follow_symlinks=False)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name. Raise FileExistsError if the name is taken."""
        with self.opened(source.parent) as left, self.opened(target.parent) as right:
            os.link(source.name, target.name, src_dir_fd=left, dst_dir_fd=right, follow_symlinks=False)

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file, atomically replacing another one."""
        with self.opened(source.parent) as left, self.opened(target.parent) as right:
            os.replace(source.name, target.name, src_dir_fd=left, dst_dir_fd=right)

    def unlink(self, path: Path) -> None:
        """Delete a name; an absent one is ignored."""
        with suppress(FileNotFoundError), self.opened(path.parent) as folder:
            os.unlink(path.name, dir_fd=folder)

    def remove(self, path: Path) -> None:
        """Delete a file, or a directory with everything in it; an absent one is ignored."""
        with suppress(FileNotFoundError), self.opened(path.parent) as folder:
            if _is_folder(path.name, folder):
                shutil.rmtree(path.name, dir_fd=folder)
            else:
                os.unlink(path.name, dir_fd=folder)


def write_all(file: RawIOBase, data: bytes) -> None:
    """Write every byte to an unbuffered file, whose single writes may be partial."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _make_root(root: Path) -> None:
    """Make the root and its parents durably. Their owner is trusted: the operator has named them."""
    if not root.is_dir():
        Tree(root.parent).make_folders(Path(), [root.name])


def _make(name: str, folder: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
    made = os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    try:
        _give(made, folder)
    finally:
        os.close(made)


def _is_folder(name: str, folder: int) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _give(descriptor: int, folder: int) -> None:
    """Give what root has made to the owner of the directory around it."""
    owner = os.fstat(folder)
    if os.geteuid() == 0 and (owner.st_uid, owner.st_gid) != (0, 0):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
