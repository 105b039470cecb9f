"""The database of a backup, opened by SQLite through a virtual file system that fetches each page when it is asked for.

    with FetchedFrames(folder) as frames:
        with opened_lazily(LazyDatabase(chain, frames, local)) as connection:
            connection.execute("SELECT …")

A page lies in a frame of about 1 MiB, the least that can be fetched and authenticated. Each frame is fetched once,
checked against the manifest, and kept in a file without a name, which vanishes with the process. Pages that the
local store still holds are taken from there.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import apsw

from satchel.archive.digests import Digests
from satchel.archive.frames import locate_block
from satchel.archive.limits import BLOCK_BYTES
from satchel.backup.archive_opening import OpenedArchive
from satchel.backup.restore.assembly import Chain
from satchel.backup.restore.inspection import protect
from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import translate_os_errors

CACHE_PAGES: Final = 1024

_NAME: Final = "file:backup?immutable=1"


class LocalPages(Protocol):
    """Pages of the local store that are known to be the same as in a backup."""

    def read(self, block: int, archive: str, own_block: int) -> bytes | None:
        """Return a block of the database if it is the own block of this archive; None if that is not certain."""
        ...


class NoLocalPages:
    """No local pages."""

    def read(self, block: int, archive: str, own_block: int) -> bytes | None:  # noqa: ARG002  the protocol's
        """Return None."""
        return None


NO_LOCAL_PAGES: Final = NoLocalPages()


class FetchedFrames:
    """Frames that were fetched and checked, in a file without a name. Several databases can share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with translate_os_errors(folder):
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  closed on leaving
        self._places: dict[tuple[str, int], int] = {}
        self._end = 0
        self.fetched_bytes = 0
        """The sealed bytes of all frames."""

    def page(self, archive: OpenedArchive, frame: int, place: int, digests: Digests) -> bytes:
        """Return a block of a frame; fetch the frame unless it is here."""
        key = (archive.manifest.archive, frame)
        at = self._places.get(key)
        if at is None:
            at = self._places[key] = self._fetch(archive, frame, digests)
        with translate_os_errors(self._folder):
            return os.pread(self._file.fileno(), BLOCK_BYTES, at + place * BLOCK_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _fetch(self, archive: OpenedArchive, frame: int, digests: Digests) -> int:
        raw = archive.read_frames(frame, frame + 1)
        blocks = memoryview(archive.unpack_frame(frame, memoryview(raw), digests))
        at, self._end = self._end, self._end + len(blocks)
        self.fetched_bytes += len(raw)
        written = 0
        with translate_os_errors(self._folder):
            while written < len(blocks):
                written += os.pwrite(self._file.fileno(), blocks[written:], at + written)
        return at


class LazyDatabase:
    """The pages of a backup's database. For one thread."""

    def __init__(self, chain: Chain, frames: FetchedFrames, local: LocalPages) -> None:
        self._chain = chain
        self._frames = frames
        self._local = local
        self.size_bytes: Final = chain.archives[0].manifest.database.size_bytes
        self.failure: SatchelError | None = None
        """Why a page could not be read. SQLite reports it as an input/output error."""

    def read(self, offset: int, length: int) -> bytes:
        """Read bytes of the database, fewer only at its end."""
        end = min(offset + length, self.size_bytes)
        data = b""
        while offset < end:
            block, within = divmod(offset, BLOCK_BYTES)
            data += self._page(block)[within : within + end - offset]
            offset += min(BLOCK_BYTES - within, end - offset)
        return data

    def _page(self, block: int) -> bytes:
        run = self._chain.block_map.locate(block)
        own_block = run.first + block - run.start
        archive = self._chain.archives[run.source]
        local = self._local.read(block, archive.manifest.archive, own_block)
        if local is not None:
            return local
        frame, place, _ = locate_block(own_block, archive.contents.blocks)
        return self._frames.page(archive, frame, place, self._chain.digests)


@contextmanager
def opened_lazily(database: LazyDatabase) -> Iterator[apsw.Connection]:
    """Open a lazy database, which is hostile until it is checked, read-only and with every protection.

    Use the connection within `translating`.
    """
    with ExitStack() as held:
        vfs = _Vfs(database)
        held.callback(vfs.unregister)
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        with translating(database):
            connection = apsw.Connection(_NAME, flags=flags, vfs=vfs.name)
            held.callback(connection.close)
            protect(connection, cache_pages=CACHE_PAGES)
        yield connection


@contextmanager
def translating(database: LazyDatabase) -> Iterator[None]:
    """Raise an error while a page was fetched as it is, and any other error of SQLite's as an IntegrityError."""
    try:
        yield
    except apsw.Error as exc:
        if database.failure is not None:
            raise database.failure from exc
        raise IntegrityError(
            "the database in the archive is damaged", hint="use another backup: satchel backups"
        ) from exc


class _Vfs(apsw.VFS):
    """Opens one database and nothing else."""

    def __init__(self, database: LazyDatabase) -> None:
        self.name = f"satchel-backup-{id(database):x}"
        self._database = database
        super().__init__(self.name, "")

    def xOpen(  # type: ignore[override]  # noqa: N802  SQLite's name; apsw takes any object with a file's methods
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_File":
        if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            raise apsw.CantOpenError(f"{name!r} is not the database")
        flags[1] = apsw.SQLITE_OPEN_READONLY
        return _File(self._database)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802, ARG002
        return False

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class _File:
    """The open database: it can only be read."""

    def __init__(self, database: LazyDatabase) -> None:
        self._database = database

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        try:
            return self._database.read(offset, amount)
        except SatchelError as exc:
            self._database.failure = exc
            raise apsw.IOError(exc.message) from exc

    def xFileSize(self) -> int:  # noqa: N802
        return self._database.size_bytes

    def xClose(self) -> None:  # noqa: N802
        """Leave the database open; its owner closes it."""

    def xLock(self, level: int) -> None:  # noqa: N802
        """Lock nothing: the database never changes."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """Unlock nothing."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802, ARG002
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return BLOCK_BYTES

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_IMMUTABLE
