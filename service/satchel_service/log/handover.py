"""The entries that move a cloud from one store to another, and the order in which they may follow (log.md, section 14).

A move has an id. It reserves the new store with an *awaiting* entry, closes the old log with a *closing* entry, and
continues the cloud in the new store with an *opening* entry, which takes the key after the reservation. An undone
move puts a closing entry at that key instead, so it can never open; then an opening entry continues the old log.
"""

import re
import struct
from typing import Final, NamedTuple, NewType

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import DIGEST_BYTES, Entry, Kind
from satchel_wire.binding import canonical_origin

MoveId = NewType("MoveId", bytes)
"""16 random bytes, one value for each move."""

SourceId = NewType("SourceId", bytes)
"""16 bytes that identify the address of the store that a cloud comes from."""

MOVE_ID_BYTES: Final = 16
URL_BYTES: Final = 2048
_LINK: Final = struct.Struct(f">{MOVE_ID_BYTES}sQ{DIGEST_BYTES}s")
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
_HTTPS: Final = re.compile(rf"https://{_HOST}(?::\d{{1,5}})?")
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")


class Closed(NamedTuple):
    """The head of a log that takes no change. `url` is the address of the cloud, empty if unknown.

    `source` is the store that the cloud comes from, or None if the cloud has left this store.
    """

    move: MoveId
    url: str = ""
    source: SourceId | None = None

    @property
    def is_awaiting(self) -> bool:
        """Whether the store is reserved for a cloud, rather than one that a cloud has left."""
        return self.source is not None


class Link(NamedTuple):
    """The closing entry that an opening entry continues: the move, and the entry's sequence number and digest."""

    move: MoveId
    sequence: int
    digest: bytes

    def encode(self) -> bytes:
        """Return the first payload of an opening entry."""
        return _LINK.pack(*self)


def is_public_url(text: str) -> bool:
    """Whether an address may be written to a closing entry: a canonical origin that may also be read from one."""
    return canonical_origin(text) == text and is_readable_url(text)


def is_readable_url(text: str) -> bool:
    """Whether an address in a closing entry is valid: an origin with https, or with http on this machine."""
    return bool(_HTTPS.fullmatch(text) or _LOOPBACK.fullmatch(text)) and len(text) <= URL_BYTES


def closing_payloads(move: MoveId, url: str) -> tuple[bytes, ...]:
    """Return the payloads of a closing entry. `url` is empty or satisfies `is_public_url`."""
    return move, url.encode()


def closed_by(entry: Entry) -> Closed | None:
    """Return the state of a log that the entry at its head closes, or None if the log goes on. Raise DamagedLogError."""
    if entry.kind is Kind.AWAITING:
        move, source = _expect(entry, 2)
        return Closed(MoveId(_id(move)), source=SourceId(_id(source)))
    if entry.kind is Kind.CLOSING:
        move, url = _expect(entry, 2)
        return Closed(MoveId(_id(move)), _url(url))
    return None


def link_in(entry: Entry) -> Link:
    """Return the closing entry that an opening entry names. Raise DamagedLogError."""
    if not 1 <= len(entry.payloads) <= 2 or len(entry.payloads[0]) != _LINK.size:
        raise DamagedLogError(f"entry {entry.sequence} does not name a closed log")
    move, sequence, digest = _LINK.unpack(entry.payloads[0])
    return Link(MoveId(move), sequence, digest)


def image_in(entry: Entry) -> bytes | None:
    """Return the whole database if an entry holds it, else None."""
    if entry.kind is Kind.IMAGE:
        (image,) = _expect(entry, 1)
        return image
    if entry.kind is Kind.OPENING and len(entry.payloads) == 2:
        return entry.payloads[1]
    return None


def may_follow(entry: Entry, closed: Closed | None, *, is_first: bool, schema: int) -> bool:
    """Return whether an entry of a move may follow a head. Raise DamagedLogError if its payloads are wrong.

    `closed` is the state of the head, `schema` its schema; `is_first` says that there is no entry yet.
    """
    has_left = closed is not None and not closed.is_awaiting
    if entry.kind is Kind.AWAITING:
        return (is_first or has_left) and entry.schema == schema
    if entry.kind is Kind.CLOSING:
        found = closed_by(entry)
        is_same = closed is None or found is None or found.move == closed.move
        return not is_first and not has_left and is_same and entry.schema == schema
    if entry.kind is not Kind.OPENING or closed is None or link_in(entry).move != closed.move:
        return False
    has_image = image_in(entry) is not None
    return has_image if closed.is_awaiting else not has_image and entry.schema == schema


def _expect(entry: Entry, count: int) -> tuple[bytes, ...]:
    if len(entry.payloads) != count:
        raise DamagedLogError(f"entry {entry.sequence} has {len(entry.payloads)} payloads instead of {count}")
    return entry.payloads


def _id(data: bytes) -> bytes:
    if len(data) != MOVE_ID_BYTES:
        raise DamagedLogError("an id in an entry of a move has the wrong length")
    return data


def _url(data: bytes) -> str:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as exc:
        raise DamagedLogError("the address in a closing entry is not valid") from exc
    if text and not is_readable_url(text):
        raise DamagedLogError("the address in a closing entry is not valid")
    return text
