"""Homes, owners and destinations for tests of backups, and functions that forge archives."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zlib import crc32

import msgspec

from satchel.age import seal, unseal
from satchel.archive.contents import MAC_NAME, MANIFEST_NAME
from satchel.archive.destination import BorrowedArchiveGoneError, Inventory, SealedArchive, StoredBackup
from satchel.archive.digests import Digests
from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.manifest import Manifest, manifest_mac, open_manifest
from satchel.archive.summary import Summary
from satchel.archive.zipformat import Entry, parse_directory, parse_end
from satchel.archive.zipwriter import ZipWriter
from satchel.backup import Context
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up
from satchel.backup.create.packing import WholeDatabase
from satchel.backup.create.sealing import ManifestHeader, seal_archive
from satchel.backup.create.snapshot import Snapshot, StoreFacts
from satchel.errors import NotFoundError
from satchel.keys import OwnerKeys, RootSecret, derive_owner_keys
from satchel.local_files import DurableFile, SourceFile
from satchel.store import SCHEMA_VERSION, Draft, Store

OWNER = derive_owner_keys(RootSecret(bytes(range(32))))
STRANGER = derive_owner_keys(RootSecret(bytes(range(1, 33))))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUMMARY = Summary(
    format="satchel-summary/1",
    archive="a" * 32,
    store="b" * 32,
    sequence=7,
    created=NOON,
    kind="full",
    device="laptop",
    pieces=3,
    new_bytes=BLOCK_BYTES,
)


def make_store(home: Path, pieces: int = 3, size_bytes: int = 200) -> Path:
    """Create a store of distinct Pieces that do not compress well."""
    with Store.create(home) as store:
        drafts = (Draft(content=text_of(number, size_bytes)) for number in range(pieces))
        assert sum(1 for _ in store.add_many(drafts)) == pieces
    return home


def add_pieces(home: Path, numbers: Iterable[int], size_bytes: int = 200) -> None:
    with Store.open(home) as store:
        for _ in store.add_many(Draft(content=text_of(number, size_bytes)) for number in numbers):
            pass


def text_of(number: int, size_bytes: int) -> bytes:
    line = f"piece {number}: ".encode()
    words = b"".join(b"%x " % (number * 7919 + place * 104_729) for place in range(size_bytes // 6 + 1))
    return (line + words)[:size_bytes]


def context_of(home: Path, keys: OwnerKeys = OWNER) -> Context:
    return Context(home, keys, clock=lambda: NOON)


class FolderDestination:
    """A destination in a folder, which keeps the promises of `Destination`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    @property
    def name(self) -> str:
        return str(self.folder)

    def inventory(self) -> Inventory:
        backups = sorted((self._read(path) for path in self.folder.glob("*.json")), key=lambda b: b.created)
        return Inventory(tuple(reversed(backups)), frozenset(p.stem for p in self.folder.glob("*.age")))

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        if not self.inventory().archives.issuperset(archive.needs):
            raise BorrowedArchiveGoneError("an archive is gone")
        target = self.folder / f"{archive.id}.age"
        if not target.exists():
            shutil.copyfile(archive.path, target.with_suffix(".part"))
            target.with_suffix(".part").replace(target)
        sent(archive.size_bytes)
        record = self.folder / f"{archive.id}.json"
        if not record.exists():
            place = len(list(self.folder.glob("*.json")))
            document = {
                "created": NOON.replace(microsecond=place).isoformat(),
                "expires": archive.expires.isoformat() if archive.expires else None,
                "needs": archive.needs,
                "summary": archive.summary.hex(),
            }
            self._write(record, document)
        return self._read(record)

    def open(self, archive_id: str) -> SourceFile:
        path = self.folder / f"{archive_id}.age"
        if not path.exists():
            raise NotFoundError("the archive is gone")
        return SourceFile(path)

    def delete(self, backup_id: str) -> None:
        path = self.folder / f"{backup_id}.json"
        if not path.exists():
            raise NotFoundError("no such backup")
        path.unlink()
        needed = {need for backup in self.inventory().backups for need in (backup.id, *backup.needs)}
        for archive in self.folder.glob("*.age"):
            if archive.stem not in needed:
                archive.unlink()

    def set_expiry(self, backup_id: str, expires: datetime | None) -> None:
        path = self.folder / f"{backup_id}.json"
        document = json.loads(path.read_text())
        self._write(path, {**document, "expires": expires.isoformat() if expires else None})

    def _write(self, path: Path, document: Mapping[str, object]) -> None:
        """Write a record all at once, as a cloud does, also if the client is killed."""
        part = path.with_suffix(".part")
        part.write_text(json.dumps(document))
        part.replace(path)

    def _read(self, path: Path) -> StoredBackup:
        document = json.loads(path.read_text())
        expires = document["expires"]
        return StoredBackup(
            id=path.stem,
            created=datetime.fromisoformat(document["created"]),
            expires=datetime.fromisoformat(expires) if expires else None,
            size_bytes=path.with_suffix(".age").stat().st_size,
            needs=tuple(document["needs"]),
            summary=bytes.fromhex(document["summary"]),
        )


def back_up_into(home: Path, destination: FolderDestination, *, full: bool = False) -> BackupResult:
    return back_up(context_of(home), destination, BackupOptions("laptop", full=full))


# -- forging ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One entry of a forged zip."""

    name: str
    method: int
    data: bytes
    size_bytes: int
    checksum: int

    @classmethod
    def stored(cls, name: str, data: bytes) -> "Part":
        return cls(name, 0, data, len(data), crc32(data))


def parts_of(sealed: bytes, keys: OwnerKeys = OWNER) -> list[Part]:
    """Return the entries of an archive."""
    plain = unseal(sealed, [keys.identity])
    directory = parse_end(plain[-98:], len(plain))
    raw = plain[directory.offset : directory.offset + directory.size_bytes]
    return [_part(plain, entry) for entry in parse_directory(raw, directory.count)]


def _part(plain: bytes, entry: Entry) -> Part:
    data = plain[entry.data_offset : entry.end_offset]
    return Part(entry.name, entry.method, data, entry.size_bytes, entry.crc32)


def zip_of(parts: Sequence[Part]) -> bytes:
    """Write parts as a zip, without checking them."""
    sink = BytesIO()
    writer = ZipWriter(sink)
    for part in parts:
        writer.add_compressed(
            part.name, part.method, part.data, size_bytes=part.size_bytes, checksum=part.checksum
        )
    writer.finish()
    return sink.getvalue()


def sealed_zip(parts: Sequence[Part], keys: OwnerKeys = OWNER) -> bytes:
    return seal(zip_of(parts), [keys.recipient])


def with_part(parts: Sequence[Part], changed: Part) -> list[Part]:
    return [changed if part.name == changed.name else part for part in parts]


def manifest_in(parts: Sequence[Part], keys: OwnerKeys = OWNER) -> Manifest:
    by_name = {part.name: part.data for part in parts}
    return open_manifest(by_name[MANIFEST_NAME], by_name[MAC_NAME], keys.manifest_key).manifest


def signed_again(parts: Sequence[Part], manifest: bytes | Manifest, keys: OwnerKeys = OWNER) -> list[Part]:
    """Replace an archive's manifest, with a MAC under these keys."""
    raw = manifest if isinstance(manifest, bytes) else manifest.to_bytes()
    forged = with_part(parts, Part.stored(MANIFEST_NAME, raw))
    return with_part(forged, Part.stored(MAC_NAME, manifest_mac(raw, keys.manifest_key)))


def seal_database(database: Path, target: Path, facts: StoreFacts, keys: OwnerKeys = OWNER) -> Path:
    """Seal any file as a backup of the owner, without checking it."""
    snapshot = Snapshot(database, facts, database.stat().st_size // BLOCK_BYTES)
    packing = WholeDatabase(snapshot, Digests(keys.block_key), append=lambda _: None)
    header = ManifestHeader("ab" * 16, 1, NOON, "laptop", "0", None)
    with DurableFile(target) as file:
        seal_archive(file, header, packing, snapshot, keys=keys, entropy=bytes, advance=lambda _: None)
    snapshot.close()
    return target


def facts_of(home: Path, **changes: object) -> StoreFacts:
    with Store.open(home, read_only=True) as store:
        facts = StoreFacts(store.store_id, SCHEMA_VERSION, store.count())
    return msgspec.structs.replace(facts, **changes)
