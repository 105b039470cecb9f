"""`satchel restore` and `satchel verify`: everything is checked before the store is replaced.

Both open and authenticate the archives, assemble the database in the home's work directory, compare its root and
inspect it. `verify` then removes it, and `restore` makes it the store.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from satchel.archive.destination import ArchiveReader, Destination
from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.archive_opening import CachedEnds, open_archive
from satchel.backup.listing import LATEST, LocalStore, choose_backup, open_summaries
from satchel.backup.local.file_destination import refuse_borrowed
from satchel.backup.local.known_blocks import KnownBlocksWriter
from satchel.backup.local.places import Places, SequenceRecord, locked_home
from satchel.backup.restore.assembly import Chain, OpenOther, open_chain
from satchel.backup.restore.inspection import inspect_database
from satchel.backup.restore.replacement import replace_store
from satchel.backup.scan import name_all
from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import DurableFile, SourceFile, make_directory, rename
from satchel.store import Store

_HINT: Final = "restore from another backup: satchel backups"


class Selection(msgspec.Struct, frozen=True):
    """An archive to read, the id it must have (None for any), and how to open those it borrows from."""

    reader: ArchiveReader
    archive_id: str | None
    open_other: OpenOther


class RestoreResult(msgspec.Struct, frozen=True):
    """A restored store."""

    manifest: Manifest
    home: Path
    previous_store: Path | None
    """Where the store that was there before is kept."""
    seconds: float


class VerifyResult(msgspec.Struct, frozen=True):
    """A backup that has proved restorable."""

    manifest: Manifest
    seconds: float


@contextmanager
def select_backup(destination: Destination, context: Context, choice: str = LATEST) -> Iterator[Selection]:
    """Open a backup of a destination: `latest`, or the one whose id begins with `choice`."""
    entries = open_summaries(destination.inventory().backups, context.keys)
    entry = choose_backup(entries, choice, _local_store(context.home))
    with destination.open(entry.stored.id) as reader:
        yield Selection(reader, entry.stored.id, destination.open)


@contextmanager
def select_file(path: Path) -> Iterator[Selection]:
    """Open the archive in a file."""
    with SourceFile(path) as reader:
        yield Selection(reader, None, refuse_borrowed)


def restore(
    context: Context, selection: Selection, *, into: Path | None = None, allow_older: bool = False
) -> RestoreResult:
    """Restore a backup as the store of the home, or of the directory `into`, and keep the store that was there.

    IntegrityError, and nothing is changed, if anything is wrong with the archive, or if it is older than the newest
    one that this home has seen, unless `allow_older`.
    """
    started = time.monotonic()
    target = Places(into or context.home)
    with locked_home(target.home), ExitStack() as readers:
        archive = open_archive(CachedEnds(selection.reader), context.keys, selection.archive_id)
        records = [SequenceRecord(places.sequences) for places in {Places(context.home), target}]
        if not allow_older:
            _refuse_older(archive.manifest, records)
        chain = open_chain(archive, selection.open_other, context.keys, readers)
        database, blocks = _assemble(context, chain, target)
        previous = replace_store(target, database, context.clock())
        for record in records:
            record.update(archive.manifest.store, archive.manifest.sequence)
        if selection.archive_id is not None:  # later backups cannot borrow from an archive in a file
            make_directory(target.known_blocks.parent)
            rename(blocks, target.known_blocks)
    return RestoreResult(archive.manifest, target.home, previous, time.monotonic() - started)


def verify(context: Context, selection: Selection) -> VerifyResult:
    """Prove that a backup can be restored, without restoring it. IntegrityError if it cannot."""
    started = time.monotonic()
    with locked_home(context.home) as places, ExitStack() as readers:
        archive = open_archive(CachedEnds(selection.reader), context.keys, selection.archive_id)
        chain = open_chain(archive, selection.open_other, context.keys, readers)
        _assemble(context, chain, places)
    return VerifyResult(archive.manifest, time.monotonic() - started)


def _refuse_older(manifest: Manifest, records: list[SequenceRecord]) -> None:
    highest = max(record.highest(manifest.store) for record in records)
    if manifest.sequence < highest:
        raise IntegrityError(
            f"this is backup number {manifest.sequence} of the store, older than number {highest}, which was seen here",
            hint="to restore it anyway: --allow-older",
        )


def _assemble(context: Context, chain: Chain, target: Places) -> tuple[Path, Path]:
    """Assemble the database and its known blocks in the work directory, check them and sync the database.

    The blocks are named while SQLite inspects the database: each keeps one core busy.
    """
    manifest = chain.archives[0].manifest
    facts = manifest.database
    database, blocks = target.work / "store.db", target.work / "blocks"
    with DurableFile(database) as file, DurableFile(blocks) as names_file:
        with context.progress.phase("restoring", facts.size_bytes) as advance:
            chain.assemble(file, advance)
        names = KnownBlocksWriter(names_file, facts.blocks, chain.digests)
        with context.progress.phase("checking"), ThreadPoolExecutor(2, "check") as pool:
            synced = pool.submit(file.sync)
            inspected = pool.submit(inspect_database, database, manifest)
            root = name_all(_Assembled(file, facts.blocks), chain.digests, names.append_names)
            if root.hex() != facts.root:
                raise IntegrityError("the restored database does not match its manifest", hint=_HINT)
            inspected.result()
            synced.result()
        names.finish(manifest.store, chain.block_map, chain.sources())
    return database, blocks


class _Assembled:
    """The assembled database, to be named."""

    def __init__(self, file: DurableFile, blocks: int) -> None:
        self._file = file
        self.blocks = blocks

    def read_into(self, offset: int, buffer: memoryview) -> None:
        self._file.read_into(offset, buffer)


def _local_store(home: Path) -> LocalStore | None:
    """Return the store in a home, or None if none can be opened."""
    try:
        with Store.open(home, read_only=True) as store:
            return LocalStore(store.store_id, store.count())
    except SatchelError:
        return None
