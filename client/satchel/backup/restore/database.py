"""Assembling one database of a backup: fetched, named, inspected and synced."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from satchel.backup import Context
from satchel.backup.local.known_blocks import KnownBlocksWriter
from satchel.backup.restore.assembly import Chain
from satchel.backup.scan import name_all
from satchel.errors import IntegrityError
from satchel.local_files import DurableFile


def assemble_database(
    context: Context, chain: Chain, database: Path, blocks: Path, inspect: Callable[[], None]
) -> None:
    """Assemble a database and its known blocks in two new files, check them and sync the database.

    The blocks are named while `inspect`, called when all are there, lets SQLite inspect the database: each keeps one
    core busy. IntegrityError if the database is not the one of the manifest.
    """
    manifest = chain.archives[0].manifest
    facts = manifest.database
    with DurableFile(database) as file, DurableFile(blocks) as names_file:
        with context.progress.phase("restoring", facts.size_bytes) as advance:
            chain.assemble(file, advance)
        names = KnownBlocksWriter(names_file, facts.blocks, chain.digests)
        with context.progress.phase("checking"), ThreadPoolExecutor(2, "check") as pool:
            synced = pool.submit(file.sync)
            inspected = pool.submit(inspect)
            root = name_all(_Assembled(file, facts.blocks), chain.digests, names.append_names)
            if root.hex() != facts.root:
                raise IntegrityError(
                    "the restored database does not match its manifest",
                    hint="restore from another backup: satchel backups",
                )
            inspected.result()
            synced.result()
        names.finish(manifest.store, chain.block_map, chain.sources(), is_second=manifest.is_second)


class _Assembled:
    """The assembled database, to be named."""

    def __init__(self, file: DurableFile, blocks: int) -> None:
        self._file = file
        self.blocks = blocks

    def read_into(self, offset: int, buffer: memoryview) -> None:
        self._file.read_into(offset, buffer)
