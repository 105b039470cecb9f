"""Shares: one sealed body under a link, until its time has come, its views are taken or its owner ends it.

A view is taken by one SQL statement that also checks that the share is live, so that racing openers never get more
than the limit. Opening takes the proof of the key; nothing else takes a view. An ended share looks to strangers as
if it had never been; to who proves the key, it is gone. Its body is kept a while so that the owner can re-arm it.
"""

import hashlib
import hmac
from typing import Final, Literal, NamedTuple, Self

import apsw
import msgspec

from satchel_service.environment import Environment
from satchel_service.problems import ProblemError, invalid, not_found
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.storage import BlobKey
from satchel_service.sweeping import delete_blobs
from satchel_service.times import expiry_ms, to_time, to_time_or_none
from satchel_service.uploads import take_upload
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

State = Literal["live", "expired", "used-up", "revoked"]

# Wrong proofs of one share: ten at once, then one every six seconds. With a password each also costs the guesser a
# scrypt; without one the key has 128 bits and more, and the limit only saves work.
WRONG_PROOFS: Final = Rate(burst=10, refill_ms=6000)

LIVE: Final = "revoked IS NULL AND (expires IS NULL OR expires > :now) AND (views IS NULL OR opened < views)"
TAKE_VIEW: Final = f"""
UPDATE shares SET opened = opened + 1, last_opened = :now WHERE id = :id AND {LIVE}
RETURNING blob, size_bytes, version
"""  # noqa: S608  constants


class Body(NamedTuple):
    """The sealed body of a share."""

    blob: BlobKey
    size_bytes: int
    version: int


class ShareRow(NamedTuple):
    """A row of `shares`."""

    id: str
    upload: str
    blob: str | None
    size_bytes: int
    version: int
    created: int
    updated: int
    expires: int | None
    views: int | None
    opened: int
    last_opened: int | None
    revoked: int | None
    proof_sha256: bytes
    salt: bytes | None
    log_n: int | None
    note: bytes

    @classmethod
    def find(cls, db: apsw.Connection, share_id: str) -> Self | None:
        """Return one share, live or not."""
        row = db.execute(f"{SELECT} WHERE id = ?", (share_id,)).fetchone()
        return None if row is None else cls(*row)

    @classmethod
    def all(cls, db: apsw.Connection) -> list[Self]:
        """Return every share, newest first."""
        return [cls(*row) for row in db.execute(f"{SELECT} ORDER BY created DESC, id")]

    def state(self, now: int) -> State:
        """Say whether it can be opened, and if not, why."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        if self.views is not None and self.opened >= self.views:
            return "used-up"
        return "live"

    @property
    def has_password(self) -> bool:
        """Whether the key is made with a password."""
        return self.log_n is not None

    @property
    def body(self) -> Body:
        """Its sealed body; only of a share that was not revoked."""
        if self.blob is None:
            raise not_found("share")
        return Body(BlobKey(self.blob), self.size_bytes, self.version)

    def message(self, now: int) -> messages.Share:
        """Return it as the owner's devices see it."""
        return messages.Share(
            id=self.id,
            version=self.version,
            created=to_time(self.created),
            updated=to_time(self.updated),
            expires=to_time_or_none(self.expires),
            views=self.views,
            opened=self.opened,
            last_opened=to_time_or_none(self.last_opened),
            size_bytes=self.size_bytes,
            has_password=self.has_password,
            state=self.state(now),
            note=self.note,
        )

    def info(self) -> messages.ShareInfo:
        """Return what whoever has the id may know."""
        profile = None
        if self.salt is not None and self.log_n is not None:
            profile = messages.PasswordProfile(salt=self.salt, log_n=self.log_n)
        return messages.ShareInfo(limited=self.views is not None, password=profile)


SELECT: Final = f"SELECT {', '.join(ShareRow._fields)} FROM shares"  # noqa: S608  own names


class Shares:
    """The owner's side and the openers' side of shares."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(WRONG_PROOFS, environment.clock)

    # -- the owner's side ---------------------------------------------------------------------------------

    async def publish(self, share_id: str, request: messages.ShareRequest) -> messages.Share:
        """Publish an uploaded body; the same request again answers the same share."""

        def insert(db: apsw.Connection) -> messages.Share:
            now = self._env.clock()
            row = ShareRow.find(db, share_id)
            if row is None:
                row = insert_share(db, share_id, request, now, self._env.settings.shares)
            elif not is_same(row, request):
                raise ProblemError(ProblemCode.CONFLICT, "this share was published with other content")
            return row.message(now)

        return await self._env.database.write(insert)

    async def show(self, share_id: str) -> messages.Share:
        """Show one share, live or not."""
        row = await self._env.database.read(lambda db: existing(db, share_id))
        return row.message(self._env.clock())

    async def show_all(self) -> messages.ShareList:
        """List every share, newest first."""
        rows = await self._env.database.read(ShareRow.all)
        now = self._env.clock()
        return messages.ShareList(shares=tuple(row.message(now) for row in rows))

    async def change(self, share_id: str, request: messages.ShareChange) -> messages.Share:
        """Put another body under the same link, or other limits, if nobody else has meanwhile."""

        def update(db: apsw.Connection) -> tuple[ShareRow, ShareRow]:
            now = self._env.clock()
            row = unrevoked(db, share_id)
            if row.version != request.version:
                raise ProblemError(ProblemCode.CONFLICT, f"the share has version {row.version}")
            changed = with_limits(row, request, now)._replace(version=row.version + 1, updated=now)
            if request.upload is not msgspec.UNSET and request.upload != row.upload:
                blob, size_bytes = take_upload(db, request.upload, "share", now)
                changed = changed._replace(upload=request.upload, blob=blob, size_bytes=size_bytes)
            replace(db, changed)
            return row, changed

        row, changed = await self._env.database.write(update)
        if row.blob is not None and row.blob != changed.blob:
            await delete_blobs(self._env.storage, [BlobKey(row.blob)])
        return changed.message(self._env.clock())

    async def rearm(self, share_id: str, request: messages.RearmRequest) -> messages.Share:
        """Count views from zero again."""

        def update(db: apsw.Connection) -> messages.Share:
            now = self._env.clock()
            row = with_limits(unrevoked(db, share_id), request, now)._replace(opened=0, updated=now)
            if row.state(now) == "expired":
                raise invalid("expires", "the share's time is over; give it another")
            replace(db, row)
            return row.message(now)

        return await self._env.database.write(update)

    async def revoke(self, share_id: str) -> None:
        """End a share for good and delete its body; repeating it is harmless."""

        def update(db: apsw.Connection) -> ShareRow:
            row = existing(db, share_id)
            if row.revoked is None:
                replace(db, row._replace(revoked=self._env.clock(), blob=None))
            return row

        row = await self._env.database.write(update)
        if row.blob is not None:
            await delete_blobs(self._env.storage, [BlobKey(row.blob)])

    # -- the openers' side --------------------------------------------------------------------------------

    async def info(self, share_id: str) -> messages.ShareInfo:
        """Tell what an opener must know first."""
        return (await self.live(share_id)).info()

    async def live(self, share_id: str) -> ShareRow:
        """Find a live share; an ended one is not told from one that never was."""
        row = await self._env.database.read(lambda db: ShareRow.find(db, share_id))
        if row is None or row.state(self._env.clock()) != "live":
            raise not_found("share")
        return row

    async def open(self, share_id: str, proof: bytes) -> Body:
        """Take one view for who proves the key, and return the body."""
        row = await self._env.database.read(lambda db: ShareRow.find(db, share_id))
        if row is None:
            raise not_found("share")
        self._check_proof(row, proof)

        def take(db: apsw.Connection) -> Body | None:
            taken = db.execute(TAKE_VIEW, {"id": share_id, "now": self._env.clock()}).fetchone()
            return None if taken is None else Body(*taken)

        body = await self._env.database.write(take)
        if body is None:
            raise ProblemError(
                ProblemCode.GONE, "it has expired, was opened as often as allowed, or was revoked"
            )
        return body

    async def raw(self, share_id: str) -> Body:
        """Find the body of a live share that has neither a view limit nor a password."""
        row = await self.live(share_id)
        if row.views is not None or row.has_password:
            raise not_found("share")
        return row.body

    def _check_proof(self, row: ShareRow, proof: bytes) -> None:
        """Compare in constant time. With a password even a right proof must wait while wrong ones are too many.

        Without one the key cannot be guessed, and a right proof always passes: strangers cannot lock a share.
        """
        if row.has_password:
            self._limiter.admit(row.id)
        if hmac.compare_digest(hashlib.sha256(proof).digest(), row.proof_sha256):
            return
        if row.state(self._env.clock()) != "live":
            raise not_found("share")
        self._limiter.admit(row.id)
        self._limiter.failed(row.id)
        raise ProblemError(ProblemCode.WRONG_PROOF)


# -- inside a transaction -------------------------------------------------------------------------------------


def insert_share(
    db: apsw.Connection, share_id: str, request: messages.ShareRequest, now: int, most: int
) -> ShareRow:
    """Add a share with the body of a complete upload."""
    expires = expiry_ms(request.expires, now)
    if db.execute("SELECT count(*) FROM shares").get >= most:
        raise ProblemError(ProblemCode.QUOTA, f"this cloud takes {most} shares; revoke some first")
    blob, size_bytes = take_upload(db, request.upload, "share", now)
    row = ShareRow(
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
    )
    replace(db, row)
    return row


def replace(db: apsw.Connection, row: ShareRow) -> None:
    """Write a row as it is."""
    places = ", ".join("?" * len(row))
    columns = ", ".join(ShareRow._fields)
    changes = ", ".join(f"{name} = excluded.{name}" for name in ShareRow._fields[1:])
    db.execute(
        f"INSERT INTO shares({columns}) VALUES ({places}) ON CONFLICT(id) DO UPDATE SET {changes}",  # noqa: S608
        row,
    )


def existing(db: apsw.Connection, share_id: str) -> ShareRow:
    """Return a share, live or not."""
    row = ShareRow.find(db, share_id)
    if row is None:
        raise not_found("share")
    return row


def unrevoked(db: apsw.Connection, share_id: str) -> ShareRow:
    """Return a share that its owner has not ended for good."""
    row = existing(db, share_id)
    if row.revoked is not None:
        raise ProblemError(ProblemCode.GONE, "the share was revoked; publish another")
    return row


def with_limits(row: ShareRow, request: messages.ShareChange | messages.RearmRequest, now: int) -> ShareRow:
    """Return the row with the limits that the request gives; what it leaves out stays."""
    if request.expires is not msgspec.UNSET:
        row = row._replace(expires=expiry_ms(request.expires, now))
    if request.views is not msgspec.UNSET:
        row = row._replace(views=request.views)
    return row


def is_same(row: ShareRow, request: messages.ShareRequest) -> bool:
    """Whether a request is the one that published the share."""
    salt = request.password.salt if request.password else None
    log_n = request.password.log_n if request.password else None
    asked = (request.upload, request.proof_sha256, salt, log_n, request.note, request.views)
    have = (row.upload, row.proof_sha256, row.salt, row.log_n, row.note, row.views)
    return asked == have and to_time_or_none(row.expires) == request.expires
