"""Uploads of sealed objects in parts: announce, receive, complete, and hand over to a backup or a share.

Only the storage knows which parts have arrived, so a part needs no write to the micro-database and the two cannot
disagree after a crash. The row names the key of the object from the start; an object that no row names is garbage.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

import apsw

from satchel_service.backups.usage import check_quota
from satchel_service.callers import as_device
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError, not_found
from satchel_service.settings import Settings
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

MAX_TAKEN_OVER: Final = 1000
PREFIXES: Mapping[str, str] = {"archive": "archives", "share": "shares"}


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
        """Return an upload that has not expired, or None."""
        row = db.execute(
            f"SELECT {', '.join(cls._fields)} FROM uploads WHERE id = ? AND expires > ?",  # noqa: S608  own names
            (upload_id, now),
        ).fetchone()
        return None if row is None else cls(*row)

    @property
    def plan(self) -> PartPlan:
        """How the object is divided into parts."""
        return PartPlan(self.size_bytes, self.part_bytes)

    @property
    def key(self) -> BlobKey:
        """The key of the object. Raise a `not-found` problem if a backup or a share has taken it over."""
        if self.blob is None:
            raise not_found("upload")
        return BlobKey(self.blob)


class Uploads:
    """Receives sealed objects in parts. `by` is the id of the requesting device."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def announce(self, upload_id: str, request: messages.UploadRequest, by: str) -> messages.Upload:
        """Begin an upload, or return the state of an earlier one with the same kind and size.

        Raise a `too-large`, `conflict` or `quota` problem.
        """
        self._check_size(request)
        row = await self._find(upload_id)
        if row is not None:
            row = await self._keep_unless_lost(row)
        row = row or await self._begin(upload_id, request, by)
        if (row.kind, row.size_bytes) != (request.kind, request.size_bytes):
            raise ProblemError(
                ProblemCode.CONFLICT, "this upload was announced with a different kind or size"
            )
        return await self._to_message(row)

    async def show(self, upload_id: str) -> messages.Upload:
        """Return the state of an upload and its parts. Raise a `not-found` problem."""
        return await self._to_message(await self._require(upload_id))

    async def find_part(self, upload_id: str, number: int) -> tuple[UploadRow, Part]:
        """Return an upload and one of its parts. Raise a `not-found` problem, or `conflict` if it is complete."""
        row = await self._require(upload_id)
        part = row.plan.part(number)
        if part is None:
            raise not_found("part")
        if row.completed is not None:
            raise ProblemError(ProblemCode.CONFLICT, "this upload is complete")
        return row, part

    async def open_part(self, row: UploadRow, part: Part) -> PartSink:
        """Open a part for writing. Raise a `not-found` problem if the storage has lost the upload."""
        try:
            return await in_thread(self._env.storage.part_sink, row.key, row.token, part)
        except NotFoundError as exc:
            raise not_found("upload") from exc

    async def complete(self, upload_id: str, by: str) -> messages.Upload:
        """Complete an upload whose parts have all arrived. Repeating it is harmless.

        Raise a `not-found` or `incomplete` problem.
        """
        row = await self._require(upload_id)
        if row.completed is None:
            await self._complete(row, by)
        return await self._to_message(await self._require(upload_id))

    async def abort(self, upload_id: str, by: str) -> None:
        """Delete an upload and the parts received. Raise a `not-found` problem if a backup or a share has taken it over."""
        row = await self._require(upload_id)
        key = row.key

        def delete(db: apsw.Connection) -> None:
            db.execute("DELETE FROM uploads WHERE id = ? AND blob = ?", (upload_id, key))
            if not db.changes():  # a backup or a share has just taken over the object
                raise not_found("upload")

        await self._env.database.write(as_device(by, delete))
        await in_thread(self._env.storage.abort_upload, key, row.token)
        await in_thread(self._env.storage.delete, key)

    # -- steps ------------------------------------------------------------------------------------------

    def _check_size(self, request: messages.UploadRequest) -> None:
        settings = self._env.settings
        limit = settings.archive_bytes if request.kind == "archive" else settings.share_bytes
        if request.size_bytes > limit:
            raise ProblemError(
                ProblemCode.TOO_LARGE, f"this cloud accepts {request.kind}s of up to {limit} bytes"
            )

    async def _find(self, upload_id: str) -> UploadRow | None:
        return await self._env.database.read(lambda db: UploadRow.find(db, upload_id, self._env.clock()))

    async def _require(self, upload_id: str) -> UploadRow:
        row = await self._find(upload_id)
        if row is None:
            raise not_found("upload")
        return row

    async def _begin(self, upload_id: str, request: messages.UploadRequest, by: str) -> UploadRow:
        """Begin the upload in the storage, then insert its row. If another request inserted one meanwhile, that one wins."""
        settings, storage = self._env.settings, self._env.storage
        await self._env.database.read(lambda db: check_room(db, request.size_bytes, settings))
        key = blob_key(f"{PREFIXES[request.kind]}/{upload_id}.{self._env.entropy(4).hex()}")
        plan = PartPlan(request.size_bytes, settings.part_bytes)
        token = await in_thread(storage.begin_upload, key, plan)
        expires = self._env.clock() + settings.upload_ttl_s * 1000
        fresh = UploadRow(
            upload_id, request.kind, plan.size_bytes, plan.part_bytes, key, token, None, expires
        )

        def insert(db: apsw.Connection) -> UploadRow:
            row = UploadRow.find(db, upload_id, self._env.clock())
            if row is None:
                check_room(db, request.size_bytes, settings)
                forget_oldest(db)
                db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
            return row or fresh

        try:
            row = await self._env.database.write(as_device(by, insert))
        except ProblemError:
            await in_thread(storage.abort_upload, key, token)
            raise
        if row is not fresh:
            await in_thread(storage.abort_upload, key, token)
        return row

    async def _complete(self, row: UploadRow, by: str) -> None:
        try:
            await in_thread(self._env.storage.complete_upload, row.key, row.token, row.plan)
        except PartSizeError as exc:
            raise ProblemError(ProblemCode.INCOMPLETE, str(exc)) from exc
        except NotFoundError as exc:
            await self._delete_row(row)
            raise not_found("upload") from exc
        now = self._env.clock()

        def complete(db: apsw.Connection) -> None:
            db.execute(
                "UPDATE uploads SET completed = ? WHERE id = ? AND token = ? AND completed IS NULL",
                (now, row.id, row.token),
            )

        await self._env.database.write(as_device(by, complete))

    async def _keep_unless_lost(self, row: UploadRow) -> UploadRow | None:
        """Return the row. If the storage has neither the upload nor the object, delete the row and return None."""
        if row.completed is None and await self._stored_parts(row) is None:
            await self._delete_row(row)
            return None
        return row

    async def _delete_row(self, row: UploadRow) -> None:
        await self._env.database.write(
            lambda db: db.execute(
                "DELETE FROM uploads WHERE id = ? AND token = ? AND completed IS NULL", (row.id, row.token)
            )
        )

    async def _stored_parts(self, row: UploadRow) -> Mapping[int, StoredPart] | None:
        """Return the stored parts: all of them if the object is complete, None if the storage has lost the upload."""
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

    async def _to_message(self, row: UploadRow) -> messages.Upload:
        parts: tuple[messages.UploadPart, ...] = ()
        if row.completed is None:
            stored = await self._stored_parts(row) or {}
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


def check_room(db: apsw.Connection, size_bytes: int, settings: Settings) -> None:
    """Raise a `quota` problem if there are too many unfinished uploads, or no room for another one."""
    unfinished = int(db.execute("SELECT count(*) FROM uploads WHERE blob IS NOT NULL").get)
    if unfinished >= settings.uploads:
        raise ProblemError(
            ProblemCode.QUOTA,
            f"{unfinished} uploads are unfinished; finish or abort one, or wait until one expires",
        )
    check_quota(db, size_bytes, settings.quota_bytes)


def forget_oldest(db: apsw.Connection) -> None:
    """Delete the oldest uploads that a backup or a share has taken over, except the newest `MAX_TAKEN_OVER`.

    Such a row only lets a client that lost a response learn that its upload is complete.
    """
    db.execute(
        "DELETE FROM uploads WHERE blob IS NULL AND id NOT IN ("
        " SELECT id FROM uploads WHERE blob IS NULL ORDER BY expires DESC LIMIT ?)",
        (MAX_TAKEN_OVER,),
    )


def take_upload(db: apsw.Connection, upload_id: str, kind: messages.Kind, now: int) -> tuple[BlobKey, int]:
    """Take over the object of a complete upload and return its key and size. The upload stays visible as complete.

    Raise a `not-found` or `incomplete` problem.
    """
    row = UploadRow.find(db, upload_id, now)
    if row is None or row.kind != kind or row.blob is None:
        raise not_found(f"upload of the kind {kind!r}")
    if row.completed is None:
        raise ProblemError(ProblemCode.INCOMPLETE, "complete the upload first")
    db.execute("UPDATE uploads SET blob = NULL WHERE id = ?", (upload_id,))
    return row.key, row.size_bytes
