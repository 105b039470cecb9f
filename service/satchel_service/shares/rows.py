"""The table of shares: one row each.

A row outlives its share for a retention period, so that the owner can re-arm the share and see its reports.
"""

from typing import Final, Literal, NamedTuple, Self

import apsw
import msgspec

from satchel_service.cursors import Cursor
from satchel_service.database import rows
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import BlobKey
from satchel_service.times import to_time, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

State = Literal["live", "expired", "used-up", "revoked", "blocked"]

ENDED: Final = {
    "expired": ProblemCode.EXPIRED,
    "used-up": ProblemCode.USED_UP,
    "revoked": ProblemCode.REVOKED,
    "blocked": ProblemCode.BLOCKED,
}


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
    card: str | None
    body_sha256: bytes | None
    lifetime_s: int | None = None
    card_blob: str | None = None

    @classmethod
    def find(cls, db: apsw.Connection, share_id: str) -> Self | None:
        """Return one share, live or not."""
        row = db.execute(f"{SELECT} WHERE id = ?", (share_id,)).fetchone()
        return None if row is None else cls(*row)

    @classmethod
    def page(cls, db: apsw.Connection, after: "Cursor | None", limit: int) -> list[Self]:
        """Return up to `limit` shares, newest first, after a cursor."""
        condition = "" if after is None else "WHERE (-created, id) > (-:created, :id)"
        values = {"limit": limit, **({} if after is None else after._asdict())}
        return [
            cls(*row) for row in rows(db, f"{SELECT} {condition} ORDER BY -created, id LIMIT :limit", values)
        ]

    def state(self, now: int) -> State:
        """Return whether the owner's limits allow opening it at `now` and, if not, why."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        if self.views is not None and self.opened >= self.views:
            return "used-up"
        return "live"

    @property
    def cursor(self) -> Cursor:
        """Its position in the list."""
        return Cursor(self.created, self.id)

    @property
    def has_password(self) -> bool:
        """Whether the key depends on a password."""
        return self.log_n is not None

    @property
    def body(self) -> Body:
        """Its sealed body; a revoked share has none."""
        if self.blob is None:
            raise not_found("share")
        return Body(BlobKey(self.blob), self.size_bytes, self.version)

    @property
    def old_card(self) -> messages.Card | None:
        """The card that an earlier version stored in the row; `lifecycle.sweeping` moves it to an object."""
        return None if self.card is None else msgspec.json.decode(self.card, type=messages.Card)

    def message(self, state: State, reports: int = 0, card: messages.Card | None = None) -> messages.Share:
        """Return the share as the owner's devices see it."""
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
            state=state,
            note=self.note,
            card=card,
            reports=reports,
        )

    def info(self) -> messages.ShareInfo:
        """Return what anyone with the share's id may know."""
        profile = None
        if self.salt is not None and self.log_n is not None:
            profile = messages.PasswordProfile(salt=self.salt, log_n=self.log_n)
        return messages.ShareInfo(limited=self.views is not None, password=profile)


SELECT: Final = f"SELECT {', '.join(ShareRow._fields)} FROM shares"  # noqa: S608  own names


def get_share(db: apsw.Connection, share_id: str) -> ShareRow:
    """Return a share, live or not."""
    row = ShareRow.find(db, share_id)
    if row is None:
        raise not_found("share")
    return row


def get_unrevoked(db: apsw.Connection, share_id: str) -> ShareRow:
    """Return a share that its owner has not revoked."""
    row = get_share(db, share_id)
    if row.revoked is not None:
        raise ProblemError(ProblemCode.REVOKED, "publish a new share")
    return row


def save(db: apsw.Connection, row: ShareRow) -> None:
    """Insert a row, or replace the one with the same id."""
    places = ", ".join("?" * len(row))
    columns = ", ".join(ShareRow._fields)
    changes = ", ".join(f"{name} = excluded.{name}" for name in ShareRow._fields[1:])
    db.execute(
        f"INSERT INTO shares({columns}) VALUES ({places}) ON CONFLICT(id) DO UPDATE SET {changes}",  # noqa: S608
        row,
    )
