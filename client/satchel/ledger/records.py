"""The records of the ledger, their bytes and their chain.

    data = encode(Sent(at=1764480000000, origin="https://ann.example.org", why="backup", …))
    digest = link(previous, data)

Every record names its kind, and every digest covers all records before it. Docs: docs/spec/ledger.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from satchel.outgoing.recording import KINDS

START: Final = bytes(32)
"""The digest before the first record."""
SALT_BYTES: Final = 16
ACCESS_KINDS: Final = ("read", "wrote")
_DOMAIN: Final = b"satchel-ledger/1\n"


class Connection(msgspec.Struct, frozen=True):
    """A connection that was tried: address, port, and our own port, 0 if nothing answered."""

    address: str
    port: int
    own_port: int


class Sent(msgspec.Struct, frozen=True, tag_field="record", tag="sent", omit_defaults=True):
    """What is about to leave. `at` is in milliseconds since 1970.

    `bytes` and `sha256` (hexadecimal) are of the body. `through` is a proxy. `events` are ranges of ids of the memory. For a body whose text is kept, `text` is
    the commitment to it, and `sha256` is empty: nothing that is left after `forget` tells what the text was.
    """

    at: int
    origin: str
    why: str
    kind: str
    method: str
    bytes: int
    sha256: str = ""
    through: str = ""
    pieces: tuple[str, ...] = ()
    text: str = ""
    events: tuple[tuple[int, int], ...] = ()


class Ended(msgspec.Struct, frozen=True, tag_field="record", tag="ended", omit_defaults=True):
    """How entry number `entry` ended: the status of the response, or why there is none.

    `connection` names the connection that carried it, "12.1" for the first of those that entry 12 tried.
    """

    entry: int
    at: int
    status: int = 0
    received: int = 0
    failure: str = ""
    connection: str = ""
    tried: tuple[Connection, ...] = ()


class Forgotten(msgspec.Struct, frozen=True, tag_field="record", tag="forgotten"):
    """The text of entry number `entry` was erased."""

    entry: int
    at: int
    why: str


class Handled(msgspec.Struct, frozen=True):
    """A Piece that an agent read or wrote, at a revision."""

    id: str
    revision: int


class Read(msgspec.Struct, frozen=True, tag_field="record", tag="read", omit_defaults=True):
    """What is about to be told to an agent. `client` and `version` are what its program calls itself.

    `bytes` and `sha256` (hexadecimal) are of the answer.
    """

    at: int
    agent: str
    tool: str
    bytes: int
    sha256: str
    pieces: tuple[Handled, ...]
    client: str = ""
    version: str = ""


class Wrote(msgspec.Struct, frozen=True, tag_field="record", tag="wrote", omit_defaults=True):
    """What an agent is about to write. `bytes` and `sha256` are of the main content of the Piece at that revision."""

    at: int
    agent: str
    tool: str
    bytes: int
    sha256: str
    pieces: tuple[Handled, ...]
    client: str = ""
    version: str = ""


Record = Sent | Ended | Forgotten | Read | Wrote
_decoder: Final[msgspec.json.Decoder[Record]] = msgspec.json.Decoder(Record)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what left, and how it ended; None if the process was killed before, or it is still in progress.

    `text` is the body of an entry that keeps it, until it is forgotten.
    """

    number: int
    sent: Sent
    ended: Ended | None
    forgotten: Forgotten | None
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Access:
    """What one agent read or wrote, and the number of its record."""

    number: int
    record: Read | Wrote

    @property
    def kind(self) -> str:
        """`read` or `wrote`."""
        return "read" if isinstance(self.record, Read) else "wrote"


def encode(record: Record) -> bytes:
    """Return the bytes of a record: JSON without spaces, with the fields in the order of the specification."""
    return msgspec.json.encode(record)


def decode(data: bytes) -> Record:
    """Return the record of some bytes. Raise ValueError if they are none, or hold values that no record has."""
    record = _decoder.decode(data)
    if isinstance(record, Sent) and record.kind not in KINDS:
        raise ValueError(f"an unknown kind {record.kind[:20]!r}")
    return record


def link(previous: bytes, data: bytes) -> bytes:
    """Return the digest of a record after the digest of the one before it."""
    return sha256(_DOMAIN + previous + data).digest()


def commit(salt: bytes, text: bytes) -> str:
    """Return the commitment to a text: without the salt it cannot be guessed from likely texts."""
    return sha256(_DOMAIN + salt + text).hexdigest()


def ranges_of(ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return ascending ids as ranges, each with its first and its last."""
    ranges: list[tuple[int, int]] = []
    for one in ids:
        if ranges and one == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], one)
        else:
            ranges.append((one, one))
    return tuple(ranges)


def entries_of(records: Mapping[int, Record], texts: Mapping[int, bytes]) -> list[Entry]:
    """Return the entries that records describe, oldest first."""
    ended = {one.entry: one for one in records.values() if isinstance(one, Ended)}
    forgotten = {one.entry: one for one in records.values() if isinstance(one, Forgotten)}
    return [
        Entry(number, record, ended.get(number), forgotten.get(number), texts.get(number))
        for number, record in records.items()
        if isinstance(record, Sent)
    ]
