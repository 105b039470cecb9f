"""Sealed objects on their way in: announced, sent in parts, joined; then a backup or a share takes them.

Which parts have arrived only the storage knows, so a part costs no write of the micro-database and nothing can
disagree after a crash. A row names the object's future key from the start: an object that no row names is garbage.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

import apsw

from satchel_service.backups.usage import check_quota
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import (
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    PartSink,
    PartSizeError,
    StoredPart,
    blob_key,
)
from satchel_service.times import to_time
from satchel_wire import messages, routes
from satchel_wire.problems import ProblemCode

FOLDERS: Mapping[str, str] = {"archive": "archives", "share": "shares"}


class UploadRow(NamedTuple):
    """A row of `uploads`."""

    id: str
    kind: messages.Kind
    size_bytes: int
    part_bytes: int
    blob: str | None
    token: str
    completed: int | None
    expires: int

    @classmethod
    def find(cls, db: apsw.Connection, upload_id: str, now: int) -> Self | None:
        """Return the row, unless it has expired."""
        row = db.execute(
            f"SELECT {', '.join(cls._fields)} FROM uploads WHERE id = ? AND expires > ?",  # noqa: S608  own names
            (upload_id, now),
        ).fetchone()
        return None if row is None else cls(*row)

    @property
    def plan(self) -> PartPlan:
        """How the object is cut."""
        return PartPlan(self.size_bytes, self.part_bytes)

    @property
    def key(self) -> BlobKey:
        """The object's key; only while nothing has taken it."""
        if self.blob is None:
            raise not_found("upload")
        return BlobKey(self.blob)


class Uploads:
    """Takes sealed objects in, part by part."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def announce(self, upload_id: str, request: messages.UploadRequest) -> messages.Upload:
        """Begin an upload; the same announcement again answers how far it is."""
        self._check_size(request)
        row = await self._find(upload_id)
        if row is not None:
            row = await self._unless_lost(row)
        row = row or await self._begin(upload_id, request)
        if (row.kind, row.size_bytes) != (request.kind, request.size_bytes):
            raise ProblemError(ProblemCode.CONFLICT, "this upload was announced with another kind or size")
        return await self._state(row)

    async def show(self, upload_id: str) -> messages.Upload:
        """Tell which parts are missing."""
        return await self._state(await self._existing(upload_id))

    async def locate(self, upload_id: str, number: int) -> tuple[UploadRow, Part]:
        """Find the place of one part of an upload that still takes parts."""
        row = await self._existing(upload_id)
        part = row.plan.part(number)
        if part is None:
            raise not_found("part")
        if row.completed is not None:
            raise ProblemError(ProblemCode.CONFLICT, "this upload is complete")
        return row, part

    async def open_part(self, row: UploadRow, part: Part) -> PartSink:
        """Open one part for writing."""
        try:
            return await in_thread(self._env.storage.part_sink, row.key, row.token, part)
        except NotFoundError as exc:
            raise not_found("upload") from exc

    async def complete(self, upload_id: str) -> messages.Upload:
        """Join the parts; repeating it is harmless."""
        row = await self._existing(upload_id)
        if row.completed is None:
            await self._join(row)
        return await self._state(await self._existing(upload_id))

    async def abort(self, upload_id: str) -> None:
        """Forget an upload that nothing has taken yet, and delete what it had sent."""
        row = await self._existing(upload_id)
        key = row.key

        def delete(db: apsw.Connection) -> None:
            db.execute("DELETE FROM uploads WHERE id = ? AND blob = ?", (upload_id, key))
            if (
                db.changes() == 0
            ):  # a backup or a share has just taken the object: it is no longer the upload's
                raise not_found("upload")

        await self._env.database.write(delete)
        await in_thread(self._env.storage.abort_upload, key, row.token)
        await in_thread(self._env.storage.delete, key)

    # -- steps ------------------------------------------------------------------------------------------

    def _check_size(self, request: messages.UploadRequest) -> None:
        settings = self._env.settings
        most = settings.archive_bytes if request.kind == "archive" else settings.share_bytes
        if request.size_bytes > most:
            raise ProblemError(
                ProblemCode.TOO_LARGE, f"this cloud takes {request.kind}s of up to {most} bytes"
            )

    async def _find(self, upload_id: str) -> UploadRow | None:
        return await self._env.database.read(lambda db: UploadRow.find(db, upload_id, self._env.clock()))

    async def _existing(self, upload_id: str) -> UploadRow:
        row = await self._find(upload_id)
        if row is None:
            raise not_found("upload")
        return row

    async def _begin(self, upload_id: str, request: messages.UploadRequest) -> UploadRow:
        """Begin in the storage, then name it; whoever else announced the same id meanwhile wins."""
        settings, storage = self._env.settings, self._env.storage
        await self._env.database.read(lambda db: check_quota(db, request.size_bytes, settings.quota_bytes))
        key = blob_key(f"{FOLDERS[request.kind]}/{upload_id}.{self._env.entropy(4).hex()}")
        plan = PartPlan(request.size_bytes, settings.part_bytes)
        token = await in_thread(storage.begin_upload, key, plan)
        expires = self._env.clock() + settings.upload_ttl_s * 1000
        fresh = UploadRow(
            upload_id, request.kind, plan.size_bytes, plan.part_bytes, key, token, None, expires
        )

        def insert(db: apsw.Connection) -> UploadRow:
            row = UploadRow.find(db, upload_id, self._env.clock())
            if row is None:
                check_quota(db, request.size_bytes, settings.quota_bytes)
                db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
            return row or fresh

        try:
            row = await self._env.database.write(insert)
        except ProblemError:
            await in_thread(storage.abort_upload, key, token)
            raise
        if row is not fresh:
            await in_thread(storage.abort_upload, key, token)
        return row

    async def _join(self, row: UploadRow) -> None:
        try:
            await in_thread(self._env.storage.complete_upload, row.key, row.token, row.plan)
        except PartSizeError as exc:
            raise ProblemError(ProblemCode.INCOMPLETE, str(exc)) from exc
        except NotFoundError as exc:
            await self._forget(row)
            raise not_found("upload") from exc
        now = self._env.clock()
        await self._env.database.write(
            lambda db: db.execute(
                "UPDATE uploads SET completed = ? WHERE id = ? AND token = ? AND completed IS NULL",
                (now, row.id, row.token),
            )
        )

    async def _unless_lost(self, row: UploadRow) -> UploadRow | None:
        """Return the row, unless the storage knows neither the upload nor the object: then forget it."""
        if row.completed is None and await self._parts(row) is None:
            await self._forget(row)
            return None
        return row

    async def _forget(self, row: UploadRow) -> None:
        await self._env.database.write(
            lambda db: db.execute(
                "DELETE FROM uploads WHERE id = ? AND token = ? AND completed IS NULL", (row.id, row.token)
            )
        )

    async def _parts(self, row: UploadRow) -> Mapping[int, StoredPart] | None:
        """Return the parts that have come: all when they are joined already; None when the storage lost them."""
        storage = self._env.storage
        try:
            return await in_thread(storage.parts, row.key, row.token)
        except NotFoundError:
            pass
        try:
            await in_thread(storage.size, row.key)
        except NotFoundError:
            return None
        return {part.number: StoredPart(part.size_bytes, "") for part in row.plan.parts()}

    async def _state(self, row: UploadRow) -> messages.Upload:
        parts: tuple[messages.UploadPart, ...] = ()
        if row.completed is None:
            stored = await self._parts(row) or {}
            parts = tuple(self._part(row, part, stored) for part in row.plan.parts())
        return messages.Upload(
            id=row.id,
            kind=row.kind,
            size_bytes=row.size_bytes,
            parts=parts,
            expires=to_time(row.expires),
            complete=row.completed is not None,
        )

    def _part(self, row: UploadRow, part: Part, stored: Mapping[int, StoredPart]) -> messages.UploadPart:
        own = routes.UPLOAD_PART.format(id=row.id, number=part.number)
        return messages.UploadPart(
            number=part.number,
            offset=part.offset,
            size_bytes=part.size_bytes,
            url=self._env.storage.part_url(row.key, row.token, part) or own,
            received=part.number in stored,
        )


def take_upload(db: apsw.Connection, upload_id: str, kind: messages.Kind, now: int) -> tuple[BlobKey, int]:
    """Take a complete upload's object for good and return its key and size; the upload stays, as complete."""
    row = UploadRow.find(db, upload_id, now)
    if row is None or row.kind != kind or row.blob is None:
        raise not_found(f"upload of the kind {kind!r}")
    if row.completed is None:
        raise ProblemError(ProblemCode.INCOMPLETE, "complete the upload first")
    db.execute("UPDATE uploads SET blob = NULL WHERE id = ?", (upload_id,))
    return row.key, row.size_bytes
