"""The outbox: a sealed archive that is complete on this disk and that no destination has confirmed yet.

An archive has three files: `<id>.age` (the archive), `<id>.blocks` (the block names to adopt once it is stored)
and `<id>.json` (what the destination must know). With a memory it has `<id>.memory` too, the names of its blocks. The
last is written last; without it the others are removed.
"""

import base64
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from satchel.archive.destination import SealedArchive
from satchel.archive.manifest import ArchiveId
from satchel.backup.local.places import Places
from satchel.errors import RefusedError
from satchel.local_files import (
    make_directory,
    read_private,
    refuse_link,
    remove,
    rename,
    sync_directory,
    sync_file,
    translate_os_errors,
    write_private,
)


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Version 1 has neither `lifetime_s` nor `hold`. Version 3 is of an archive with a memory."""

    format: Literal["satchel-outbox/1", "satchel-outbox/2", "satchel-outbox/3"]
    id: ArchiveId
    size_bytes: int
    needs: tuple[ArchiveId, ...]
    expires: datetime | None
    summary: str
    lifetime_s: int | None = None
    hold: bool = False


class Outbox:
    """The outbox of one home; it holds at most one archive."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def waiting(self) -> SealedArchive | None:
        """Return the archive that waits to be sent, if any. Remove incomplete ones."""
        refuse_link(self._directory)
        if not self._directory.is_dir():
            return None
        found = None
        with translate_os_errors(self._directory):
            paths = sorted(self._directory.iterdir())
        for path in paths:
            if path.suffix == ".json" and found is None:
                found = self._read(path)
        for path in paths:
            if found is None or path.stem != found.id:
                remove(path)
        return found

    def add(self, archive: SealedArchive, blocks: Path, memory_blocks: Path | None = None) -> SealedArchive:
        """Move an archive and its block names here; return the archive with its new path.

        It waits here from `commit` on: until then, a kill discards it.
        """
        make_directory(self._directory)
        path = self._path(archive.id, ".age")
        rename(archive.path, path)
        rename(blocks, self._path(archive.id, ".blocks"))
        if memory_blocks is not None:
            rename(memory_blocks, self._path(archive.id, ".memory"))
        return msgspec.structs.replace(archive, path=path)

    def commit(self, archive: SealedArchive) -> None:
        """Make an archive that was added durable."""
        sync_file(archive.path)
        sync_directory(self._directory)
        summary = base64.b64encode(archive.summary).decode("ascii")
        record = _Record(
            format="satchel-outbox/3" if archive.has_memory else "satchel-outbox/2",
            id=archive.id,
            size_bytes=archive.size_bytes,
            needs=archive.needs,
            expires=archive.expires,
            summary=summary,
            lifetime_s=archive.lifetime_s,
            hold=archive.hold,
        )
        write_private(self._path(archive.id, ".json"), msgspec.json.encode(record))

    def complete(self, archive_id: str, places: Places) -> None:
        """Remove an archive that is stored now; its block names become the known blocks.

        Not durable: after a power cut the archive may be sent again, which changes nothing.
        """
        make_directory(places.known_blocks.parent)
        for suffix, known in ((".blocks", places.known_blocks), (".memory", places.known_memory)):
            blocks = self._path(archive_id, suffix)
            if blocks.exists():
                rename(blocks, known)
        self._remove(archive_id)

    def discard(self, archive_id: str) -> None:
        """Remove an archive that will not be sent."""
        self._remove(archive_id)
        sync_directory(self._directory)

    def _remove(self, archive_id: str) -> None:
        for suffix in (".json", ".blocks", ".memory", ".age"):
            remove(self._path(archive_id, suffix))

    def _path(self, archive_id: str, suffix: str) -> Path:
        return self._directory / (archive_id + suffix)

    def _read(self, path: Path) -> SealedArchive | None:
        try:
            record = msgspec.json.decode(read_private(path).data, type=_Record)
            summary = base64.b64decode(record.summary)
        except (msgspec.MsgspecError, ValueError, RefusedError):  # ValueError: neither UTF-8 nor base64
            return None
        sealed = self._path(record.id, ".age")
        if path.stem != record.id or not sealed.is_file() or sealed.stat().st_size != record.size_bytes:
            return None
        return SealedArchive(
            id=record.id,
            path=sealed,
            size_bytes=record.size_bytes,
            needs=record.needs,
            expires=record.expires,
            summary=summary,
            lifetime_s=record.lifetime_s,
            hold=record.hold,
            has_memory=record.format == "satchel-outbox/3",
        )
