"""`satchel restore` and `satchel verify`: everything is checked before anything replaces anything.

Both take the same way: open and authenticate the archives, put the database together in the home's work
directory, compare its root, inspect it as a database. `verify` stops there and removes it (only a database
that was put together and opened is proof that it can be); `restore` makes it the store.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.archive.destination import ArchiveReader, Destination
from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.listing import LATEST, LocalStore, choose_backup, open_summaries
from satchel.backup.local.file_destination import refuse_borrowed
from satchel.backup.local.known_blocks import KnownBlocksWriter
from satchel.backup.local.places import Places, SequenceRecord, locked_home
from satchel.backup.restore.archive_opening import CachedEnds, open_archive
from satchel.backup.restore.assembly import Chain, OpenOther, open_chain
from satchel.backup.restore.inspection import inspect_database
from satchel.backup.restore.replacement import replace_store
from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import DurableFile, SourceFile, make_directory, replace
from satchel.store import Store

_HINT: Final = "restore from another backup: satchel backups"


@dataclass(frozen=True, slots=True)
class Selection:
    """An archive to read, which one it must be (None: whichever it is), and where its others are."""

    reader: ArchiveReader
    archive_id: str | None
    open_other: OpenOther


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """A store that was brought back."""

    manifest: Manifest
    home: Path
    kept: Path | None
    """Where the store that was there before lies now."""
    seconds: float


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """A backup that was put together, inspected, and removed again."""

    manifest: Manifest
    seconds: float


@contextmanager
def select_backup(destination: Destination, context: Context, choice: str = LATEST) -> Iterator[Selection]:
    """Find a backup of a destination: `latest`, or the beginning of an id."""
    entries = open_summaries(destination.inventory().backups, context.keys)
    entry = choose_backup(entries, choice, _store_in(context.home))
    with destination.open(entry.stored.id) as reader:
        yield Selection(reader, entry.stored.id, destination.open)


@contextmanager
def select_file(path: Path) -> Iterator[Selection]:
    """Take the archive in a file."""
    with SourceFile(path) as reader:
        yield Selection(reader, None, refuse_borrowed)


def restore(
    context: Context, chosen: Selection, *, into: Path | None = None, allow_older: bool = False
) -> RestoreResult:
    """Bring a backup back as the store of the home, or of the directory `into`.

    A store that is there is kept beside it. Anything wrong with the archive: IntegrityError, and nothing
    is changed; so too for one that is older than what this home has seen, unless `allow_older`.
    """
    started = time.monotonic()
    target = Places(into or context.home)
    with locked_home(target.home), ExitStack() as readers:
        archive = open_archive(CachedEnds(chosen.reader), context.keys, chosen.archive_id)
        records = [SequenceRecord(places.sequences) for places in {Places(context.home), target}]
        if not allow_older:
            _refuse_older(archive.manifest, records)
        chain = open_chain(archive, chosen.open_other, context.keys, readers)
        restored, blocks = _put_together(context, chain, target)
        kept = replace_store(target, restored, context.clock())
        for record in records:
            record.update(archive.manifest.store, archive.manifest.sequence)
        if chosen.archive_id is not None:  # an archive in a file is none that later backups can borrow from
            make_directory(target.known_blocks.parent)
            replace(blocks, target.known_blocks)
    return RestoreResult(archive.manifest, target.home, kept, time.monotonic() - started)


def verify(context: Context, chosen: Selection) -> VerifyResult:
    """Prove that a backup can be restored, without restoring it. IntegrityError if it cannot."""
    started = time.monotonic()
    with locked_home(context.home) as places, ExitStack() as readers:
        archive = open_archive(CachedEnds(chosen.reader), context.keys, chosen.archive_id)
        chain = open_chain(archive, chosen.open_other, context.keys, readers)
        _put_together(context, chain, places)
    return VerifyResult(archive.manifest, time.monotonic() - started)


def _refuse_older(manifest: Manifest, records: list[SequenceRecord]) -> None:
    highest = max(record.highest(manifest.store) for record in records)
    if manifest.sequence < highest:
        raise IntegrityError(
            f"this is backup number {manifest.sequence} of the store, and number {highest} was seen here: "
            "it is older than it may be",
            hint="if you want the older one, say so: --allow-older",
        )


def _put_together(context: Context, chain: Chain, target: Places) -> tuple[Path, Path]:
    """Make the database and the names of its blocks, checked and synced, in the work directory."""
    manifest = chain.archives[0].manifest
    facts = manifest.database
    database, blocks = target.work / "store.db", target.work / "blocks"
    with DurableFile(database) as file, DurableFile(blocks) as names_file:
        names = KnownBlocksWriter(names_file, facts.blocks, chain.digests)
        with context.progress.phase("restoring", facts.size_bytes) as advance:
            chain.assemble(file, names, advance)
        if names.root().hex() != facts.root:
            raise IntegrityError("the restored database is not the one that was backed up", hint=_HINT)
        with context.progress.phase("checking"), ThreadPoolExecutor(1, "sync") as thread:
            synced = thread.submit(file.sync)
            inspect_database(database, manifest)
            synced.result()
        names.finish(manifest.store, chain.block_map, chain.sources())
    return database, blocks


def _store_in(home: Path) -> LocalStore | None:
    """Return what store is in a home, None if there is none that can be opened."""
    try:
        with Store.open(home, read_only=True) as store:
            return LocalStore(store.store_id, store.count())
    except SatchelError:
        return None
