"""The owner's cloud as a `satchel.archive.destination.Destination`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from satchel.archive.destination import BorrowedArchiveGoneError, Inventory, SealedArchive, StoredBackup
from satchel.cloud.downloads import RangedReader
from satchel.cloud.problems import NeedsMissingError
from satchel.cloud.uploads import upload
from satchel.errors import NotFoundError
from satchel.local_files import SourceFile
from satchel_wire.messages import BackupRequest

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel_wire.messages import Backup, Deletion


class CloudDestination:
    """Stores sealed archives in the owner's cloud. An archive, its upload and its backup share one id."""

    def __init__(self, client: "CloudClient") -> None:
        self._client = client

    @property
    def name(self) -> str:
        """The cloud's address."""
        return str(self._client.origin)

    def inventory(self) -> Inventory:
        """List the cloud's backups and archives."""
        return self.listing()[0]

    def deleted(self) -> list[tuple[StoredBackup, "Deletion"]]:
        """List the backups that wait for their deletion, newest first. An earlier cloud has none."""
        return self.listing()[1]

    def listing(self) -> tuple[Inventory, list[tuple[StoredBackup, "Deletion"]]]:
        """List both with one request."""
        listed = self._client.backups()
        backups = tuple(_kept(backup) for backup in listed.backups)
        deleted = [
            (_kept(backup), backup.deletion) for backup in listed.deleted if backup.deletion is not None
        ]
        return Inventory(backups=backups, archives=frozenset(listed.archives)), deleted

    def undelete(self, backup_id: str) -> StoredBackup:
        """Bring back a backup that waits for its deletion."""
        return _kept(self._client.undelete_backup(backup_id))

    def erase(self, backup_ids: Sequence[str], code: str) -> None:
        """Erase backups at once, with a code of the operator."""
        self._client.erase_backups(backup_ids, code)

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        """Upload the missing parts of the archive, then commit it; see Destination."""
        with SourceFile(archive.path) as source:
            upload(self._client, archive.id, "archive", source, sent=sent)
        request = BackupRequest(
            needs=archive.needs,
            expires=archive.expires,
            expires_in_s=archive.lifetime_s,
            hold=archive.hold,
            summary=archive.summary,
        )
        try:
            return _kept(self._client.commit_backup(archive.id, request))
        except NeedsMissingError as exc:
            raise BorrowedArchiveGoneError(exc.message, hint=exc.hint) from exc

    def open(self, archive_id: str) -> RangedReader:
        """Open an archive for ranged reads. Reads one byte now to learn its size."""
        try:
            _, size = self._client.read_archive(archive_id, 0, 1)
        except NotFoundError as exc:
            raise NotFoundError(
                f"the cloud has no archive {archive_id!r}",
                hint="list its backups: satchel backups",
            ) from exc
        return RangedReader(
            lambda offset, length: self._client.read_archive(archive_id, offset, length)[0], size
        )

    def delete(self, backup_id: str) -> None:
        """Delete a backup."""
        self._client.delete_backup(backup_id)

    def set_expiry(self, backup_id: str, expires: datetime | None) -> None:
        """Set a backup's expiry."""
        self._client.change_backup(backup_id, expires=expires)


def _kept(backup: "Backup") -> StoredBackup:
    return StoredBackup(
        id=backup.id,
        created=backup.created,
        expires=backup.expires,
        size_bytes=backup.size_bytes,
        needs=backup.needs,
        summary=backup.summary,
        device=backup.device,
        is_held=backup.is_held,
    )
