"""What the owner's devices do with shares: publish, list, change, re-arm, revoke."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

import apsw
import msgspec

from satchel_service.audit import Event, by_device, record
from satchel_service.backups.uploads import UploadRow, take_upload
from satchel_service.callers import as_device
from satchel_service.cursors import Cursor
from satchel_service.environment import Environment
from satchel_service.lifecycle.sweeping import delete_blobs
from satchel_service.problems import ProblemError, invalid
from satchel_service.shares import reports
from satchel_service.shares.blocking import Blocking
from satchel_service.shares.bodies import Bodies
from satchel_service.shares.cards import Cards
from satchel_service.shares.opening_counts import OpeningCounts
from satchel_service.shares.rows import Body, ShareRow, get_share, get_unrevoked, save
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_after, expiry_ms, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

T = TypeVar("T")

PAGE_ROWS: Final = 1000  # at most 7 MB of JSON, with notes of 4 KiB each


class Published(NamedTuple):
    """A share as it is in the database, with its number of reports."""

    row: ShareRow
    reports: int


class Shares:
    """Share operations for the owner. `by` is the id of the requesting device."""

    def __init__(
        self,
        environment: Environment,
        blocking: Blocking,
        bodies: Bodies,
        cards: Cards,
        counts: OpeningCounts,
    ) -> None:
        self._env = environment
        self._blocking = blocking
        self._bodies = bodies
        self._cards = cards
        self._counts = counts

    async def publish(self, share_id: str, request: messages.ShareRequest, by: str) -> messages.Share:
        """Publish an uploaded body; repeating the same request returns the same share."""
        digest = await self._check_upload(request.upload)
        existing = await self._env.database.read(lambda db: ShareRow.find(db, share_id))
        card = None if existing is None else await self._cards.read(existing)
        key = await self._cards.create(share_id, request.card) if existing is None else None

        def insert(db: apsw.Connection) -> Published | None:
            now = self._env.clock()
            row = ShareRow.find(db, share_id)
            if (row is None) != (existing is None):
                return None  # another request has just published or deleted it
            if row is None:
                row = make_row(db, share_id, request, now, self._env.settings.shares)
                row = row._replace(body_sha256=digest, card_blob=key)
                save(db, row)
                record(db, Event.SHARE_PUBLISHED, by_device(by), now=now, target=share_id)
            elif not is_same(row, request, card):
                raise ProblemError(ProblemCode.CONFLICT, "this share was published with other content")
            return published(db, row)

        found = await self._replacing_card(key, by, insert)
        if found is None:
            await self._cards.delete(key)
            return await self.publish(share_id, request, by)
        return await self._message(found)

    async def show(self, share_id: str) -> messages.Share:
        """Return one share, live or not."""
        await self._counts.write()
        return await self._message(
            await self._env.database.read(lambda db: published(db, get_share(db, share_id)))
        )

    async def show_page(self, after: str | None) -> messages.ShareList:
        """List shares, newest first, after the cursor of an earlier page."""
        cursor = None if after is None else Cursor.parse(after)
        await self._counts.write()

        def read(db: apsw.Connection) -> tuple[list[ShareRow], dict[str, int]]:
            return ShareRow.page(db, cursor, PAGE_ROWS + 1), reports.count_reports(db)

        found, counts = await self._env.database.read(read)
        shown = found[:PAGE_ROWS]
        cards = await self._cards.read_all(shown)
        return messages.ShareList(
            shares=tuple(
                row.message(self._blocking.state(row), counts.get(row.id, 0), cards.get(row.id))
                for row in shown
            ),
            next=str(shown[-1].cursor) if len(found) > len(shown) else None,
        )

    async def change(self, share_id: str, request: messages.ShareChange, by: str) -> messages.Share:
        """Replace the body under the link, or the limits, unless the share has another version by now."""
        digest = None if request.upload is msgspec.UNSET else await self._check_upload(request.upload)
        new_card = None if request.card is msgspec.UNSET else request.card
        key = await self._cards.create(share_id, new_card)

        def update(db: apsw.Connection) -> tuple[ShareRow, Published]:
            now = self._env.clock()
            row = get_unrevoked(db, share_id)
            if row.version != request.version:
                raise ProblemError(ProblemCode.CONFLICT, f"the share has version {row.version}")
            changed = with_limits(row, request, now)._replace(version=row.version + 1, updated=now)
            if request.card is not msgspec.UNSET:
                changed = changed._replace(card=None, card_blob=key)
            if request.upload is not msgspec.UNSET and request.upload != row.upload:
                blob, size_bytes = take_upload(db, request.upload, "share", now)
                changed = changed._replace(
                    upload=request.upload, blob=blob, size_bytes=size_bytes, body_sha256=digest
                )
            save(db, changed)
            record(db, Event.SHARE_CHANGED, by_device(by), now=now, target=share_id)
            return row, published(db, changed)

        row, changed = await self._replacing_card(key, by, update)
        if row.blob != changed.row.blob:
            await self._delete_body(row)
        if row.card_blob != changed.row.card_blob:
            await self._cards.delete(row.card_blob)
        return await self._message(changed)

    async def rearm(self, share_id: str, request: messages.RearmRequest, by: str) -> messages.Share:
        """Count views from zero again."""

        def update(db: apsw.Connection) -> Published:
            now = self._env.clock()
            row = with_limits(get_unrevoked(db, share_id), request, now)._replace(opened=0, updated=now)
            if row.state(now) == "expired":
                raise invalid("expires", "the share has expired; set a new expiry")
            save(db, row)
            record(db, Event.SHARE_REARMED, by_device(by), now=now, target=share_id)
            return published(db, row)

        return await self._message(await self._env.database.write(as_device(by, update)))

    async def revoke(self, share_id: str, by: str) -> None:
        """End a share for good and delete its body and card; repeating it is harmless."""

        def update(db: apsw.Connection) -> ShareRow:
            row = get_share(db, share_id)
            if row.revoked is None:
                now = self._env.clock()
                save(db, row._replace(revoked=now, blob=None, card=None, card_blob=None))
                record(db, Event.SHARE_REVOKED, by_device(by), now=now, target=share_id)
            return row

        row = await self._env.database.write(as_device(by, update))
        await self._delete_body(row)
        await self._cards.delete(row.card_blob)

    async def list_reports(self, share_id: str) -> messages.ReportList:
        """List the reports of a share, oldest first."""

        def read(db: apsw.Connection) -> messages.ReportList:
            return messages.ReportList(reports=reports.list_reports(db, get_share(db, share_id).id))

        return await self._env.database.read(read)

    async def _message(self, found: Published) -> messages.Share:
        card = await self._cards.read(found.row)
        return found.row.message(self._blocking.state(found.row), found.reports, card)

    async def _replacing_card(self, key: str | None, by: str, work: Callable[[apsw.Connection], T]) -> T:
        """Run a write of a device that refers to a new card; if it fails, delete the card."""
        try:
            return await self._env.database.write(as_device(by, work))
        except ProblemError:
            await self._cards.delete(key)
            raise

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


def published(db: apsw.Connection, row: ShareRow) -> Published:
    """Return a share with its number of reports."""
    return Published(row, reports.count_reports(db, row.id).get(row.id, 0))


def make_row(
    db: apsw.Connection, share_id: str, request: messages.ShareRequest, now: int, max_shares: int
) -> ShareRow:
    """Take a complete upload's body for a new share and return its row, not yet saved."""
    expires = expiry_after(request.expires_in_s, now, request.expires) or expiry_ms(request.expires, now)
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
        card=None,
        body_sha256=None,
        lifetime_s=request.expires_in_s,
    )


def with_limits(row: ShareRow, request: messages.ShareChange | messages.RearmRequest, now: int) -> ShareRow:
    """Return the row with the limits that the request sets; the others stay."""
    moment = None if request.expires is msgspec.UNSET else request.expires
    if request.expires_in_s is not None:
        expires = expiry_after(request.expires_in_s, now, moment)
        row = row._replace(expires=expires, lifetime_s=request.expires_in_s)
    elif request.expires is not msgspec.UNSET:
        row = row._replace(expires=expiry_ms(moment, now), lifetime_s=None)
    if request.views is not msgspec.UNSET:
        row = row._replace(views=request.views)
    return row


def is_same(row: ShareRow, request: messages.ShareRequest, card: messages.Card | None) -> bool:
    """Whether the share, which has this card, was published by an identical request.

    A relative expiry is compared as such.
    """
    salt = request.password.salt if request.password else None
    log_n = request.password.log_n if request.password else None
    requested = (request.upload, request.proof_sha256, salt, log_n, request.note, request.views, request.card)
    stored = (row.upload, row.proof_sha256, row.salt, row.log_n, row.note, row.views, card)
    if request.expires_in_s is not None:
        return requested == stored and row.lifetime_s == request.expires_in_s
    return requested == stored and to_time_or_none(row.expires) == request.expires
