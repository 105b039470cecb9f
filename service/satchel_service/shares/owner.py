"""What the owner's devices do with shares: publish, list, change, re-arm, revoke."""

from typing import Final

import apsw
import msgspec

from satchel_service.backups.uploads import UploadRow, take_upload
from satchel_service.environment import Environment
from satchel_service.lifecycle.sweeping import delete_blobs
from satchel_service.problems import ProblemError, invalid
from satchel_service.shares import reports
from satchel_service.shares.blocking import Blocking
from satchel_service.shares.bodies import Bodies
from satchel_service.shares.opening_counts import OpeningCounts
from satchel_service.shares.rows import Body, Cursor, ShareRow, encode_card, get_share, get_unrevoked, save
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_ms, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

PAGE_ROWS: Final = 1000  # at most 7 MB of JSON, with notes of 4 KiB each


class Shares:
    """Share operations for the owner."""

    def __init__(
        self, environment: Environment, blocking: Blocking, bodies: Bodies, counts: OpeningCounts
    ) -> None:
        self._env = environment
        self._blocking = blocking
        self._bodies = bodies
        self._counts = counts

    async def publish(self, share_id: str, request: messages.ShareRequest) -> messages.Share:
        """Publish an uploaded body; repeating the same request returns the same share."""
        digest = await self._check_upload(request.upload)

        def insert(db: apsw.Connection) -> messages.Share:
            now = self._env.clock()
            row = ShareRow.find(db, share_id)
            if row is None:
                row = make_row(db, share_id, request, now, self._env.settings.shares)
                row = row._replace(body_sha256=digest)
                save(db, row)
            elif not is_same(row, request):
                raise ProblemError(ProblemCode.CONFLICT, "this share was published with other content")
            return self._message(db, row)

        return await self._env.database.write(insert)

    async def show(self, share_id: str) -> messages.Share:
        """Return one share, live or not."""
        await self._counts.write()
        return await self._env.database.read(lambda db: self._message(db, get_share(db, share_id)))

    async def show_page(self, after: str | None) -> messages.ShareList:
        """List shares, newest first, after the cursor of an earlier page."""
        cursor = None if after is None else Cursor.parse(after)
        await self._counts.write()

        def read(db: apsw.Connection) -> tuple[list[ShareRow], dict[str, int]]:
            return ShareRow.page(db, cursor, PAGE_ROWS + 1), reports.count_reports(db)

        found, counts = await self._env.database.read(read)
        shown = found[:PAGE_ROWS]
        return messages.ShareList(
            shares=tuple(row.message(self._blocking.state(row), counts.get(row.id, 0)) for row in shown),
            next=str(shown[-1].cursor) if len(found) > len(shown) else None,
        )

    async def change(self, share_id: str, request: messages.ShareChange) -> messages.Share:
        """Replace the body under the link, or the limits, unless the share has another version by now."""
        digest = None if request.upload is msgspec.UNSET else await self._check_upload(request.upload)

        def update(db: apsw.Connection) -> tuple[ShareRow, ShareRow, messages.Share]:
            now = self._env.clock()
            row = get_unrevoked(db, share_id)
            if row.version != request.version:
                raise ProblemError(ProblemCode.CONFLICT, f"the share has version {row.version}")
            changed = with_limits(row, request, now)._replace(version=row.version + 1, updated=now)
            if request.card is not msgspec.UNSET:
                changed = changed._replace(card=encode_card(request.card))
            if request.upload is not msgspec.UNSET and request.upload != row.upload:
                blob, size_bytes = take_upload(db, request.upload, "share", now)
                changed = changed._replace(
                    upload=request.upload, blob=blob, size_bytes=size_bytes, body_sha256=digest
                )
            save(db, changed)
            return row, changed, self._message(db, changed)

        row, changed, message = await self._env.database.write(update)
        if row.blob != changed.blob:
            await self._delete_body(row)
        return message

    async def rearm(self, share_id: str, request: messages.RearmRequest) -> messages.Share:
        """Count views from zero again."""

        def update(db: apsw.Connection) -> messages.Share:
            now = self._env.clock()
            row = with_limits(get_unrevoked(db, share_id), request, now)._replace(opened=0, updated=now)
            if row.state(now) == "expired":
                raise invalid("expires", "the share has expired; set a new expiry")
            save(db, row)
            return self._message(db, row)

        return await self._env.database.write(update)

    async def revoke(self, share_id: str) -> None:
        """End a share for good and delete its body; repeating it is harmless."""

        def update(db: apsw.Connection) -> ShareRow:
            row = get_share(db, share_id)
            if row.revoked is None:
                save(db, row._replace(revoked=self._env.clock(), blob=None, card=None))
            return row

        await self._delete_body(await self._env.database.write(update))

    async def list_reports(self, share_id: str) -> messages.ReportList:
        """List the reports of a share, oldest first."""

        def read(db: apsw.Connection) -> messages.ReportList:
            return messages.ReportList(reports=reports.list_reports(db, get_share(db, share_id).id))

        return await self._env.database.read(read)

    def _message(self, db: apsw.Connection, row: ShareRow) -> messages.Share:
        return row.message(self._blocking.state(row), reports.count_reports(db, row.id).get(row.id, 0))

    async def _check_upload(self, upload_id: str) -> bytes | None:
        """Refuse a blocked body before it is published; return its hash if hashes are blocked."""
        upload = await self._env.database.read(lambda db: UploadRow.find(db, upload_id, self._env.clock()))
        if upload is None or upload.blob is None or upload.completed is None:
            return None  # `take_upload` raises the problem
        return await self._blocking.check_body(Body(upload.key, upload.size_bytes, 0))

    async def _delete_body(self, row: ShareRow) -> None:
        if row.blob is not None:
            self._bodies.forget(row.blob)
            await delete_blobs(self._env.storage, [BlobKey(row.blob)])


# -- inside a transaction -------------------------------------------------------------------------------------


def make_row(
    db: apsw.Connection, share_id: str, request: messages.ShareRequest, now: int, max_shares: int
) -> ShareRow:
    """Take a complete upload's body for a new share and return its row, not yet saved."""
    expires = expiry_ms(request.expires, now)
    if db.execute("SELECT count(*) FROM shares").get >= max_shares:
        raise ProblemError(
            ProblemCode.QUOTA, f"this cloud holds at most {max_shares} shares; revoke some first"
        )
    blob, size_bytes = take_upload(db, request.upload, "share", now)
    return ShareRow(
        id=share_id,
        upload=request.upload,
        blob=blob,
        size_bytes=size_bytes,
        version=1,
        created=now,
        updated=now,
        expires=expires,
        views=request.views,
        opened=0,
        last_opened=None,
        revoked=None,
        proof_sha256=request.proof_sha256,
        salt=request.password.salt if request.password else None,
        log_n=request.password.log_n if request.password else None,
        note=request.note,
        card=encode_card(request.card),
        body_sha256=None,
    )


def with_limits(row: ShareRow, request: messages.ShareChange | messages.RearmRequest, now: int) -> ShareRow:
    """Return the row with the limits that the request sets; the others stay."""
    if request.expires is not msgspec.UNSET:
        row = row._replace(expires=expiry_ms(request.expires, now))
    if request.views is not msgspec.UNSET:
        row = row._replace(views=request.views)
    return row


def is_same(row: ShareRow, request: messages.ShareRequest) -> bool:
    """Whether the share was published by an identical request."""
    salt = request.password.salt if request.password else None
    log_n = request.password.log_n if request.password else None
    requested = (
        request.upload,
        request.proof_sha256,
        salt,
        log_n,
        request.note,
        request.views,
        request.card,
    )
    stored = (row.upload, row.proof_sha256, row.salt, row.log_n, row.note, row.views, row.published_card)
    return requested == stored and to_time_or_none(row.expires) == request.expires
