"""How shares are kept: a row each, and what its row says of a share.

A share's row outlives it for a while, so that its owner can re-arm it and see its reports.
"""

import re
from typing import Final, Literal, NamedTuple, Self

import apsw
import msgspec

from satchel_service.database import rows
from satchel_service.problems import ProblemError, invalid, not_found
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
PLACE: Final = re.compile(r"(\d{1,15})-([0-9a-f]{32})", re.ASCII)


class Place(NamedTuple):
    """A place in the list of shares. It stays one when the share that it was made of is deleted."""

    created: int
    id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` gave; anything else is refused."""
        found = PLACE.fullmatch(text)
        if found is None:
            raise invalid("after", "give the `next` of the page before")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        """Write it as the wire has it."""
        return f"{self.created}-{self.id}"


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

    @classmethod
    def find(cls, db: apsw.Connection, share_id: str) -> Self | None:
        """Return one share, live or not."""
        row = db.execute(f"{SELECT} WHERE id = ?", (share_id,)).fetchone()
        return None if row is None else cls(*row)

    @classmethod
    def page(cls, db: apsw.Connection, after: "Place | None", most: int) -> list[Self]:
        """Return up to `most` shares, newest first, from behind a place."""
        behind = "" if after is None else "WHERE (-created, id) > (-:created, :id)"
        values = {"most": most, **({} if after is None else after._asdict())}
        return [cls(*row) for row in rows(db, f"{SELECT} {behind} ORDER BY -created, id LIMIT :most", values)]

    def state(self, now: int) -> State:
        """Say whether it can be opened, as far as its owner's limits go, and if not, why."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        if self.views is not None and self.opened >= self.views:
            return "used-up"
        return "live"

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.created, self.id)

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

    @property
    def published(self) -> messages.Card | None:
        """What its owner published about it."""
        return None if self.card is None else msgspec.json.decode(self.card, type=messages.Card)

    def message(self, state: State, reports: int = 0) -> messages.Share:
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
            state=state,
            note=self.note,
            card=self.published,
            reports=reports,
        )

    def info(self) -> messages.ShareInfo:
        """Return what whoever has the id may know."""
        profile = None
        if self.salt is not None and self.log_n is not None:
            profile = messages.PasswordProfile(salt=self.salt, log_n=self.log_n)
        return messages.ShareInfo(limited=self.views is not None, password=profile)


SELECT: Final = f"SELECT {', '.join(ShareRow._fields)} FROM shares"  # noqa: S608  own names


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
        raise ProblemError(ProblemCode.REVOKED, "publish another")
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


def card_text(card: messages.Card | None) -> str | None:
    """Return a card as its column has it."""
    return None if card is None else msgspec.json.encode(card).decode()
