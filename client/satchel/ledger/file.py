"""ledger.db: opening it, adding records, reading, verifying, and erasing texts.

The file has one writer at a time, whichever process it is. What `add` returned survives a power failure if it is a
record of something that is about to happen; the end of an exchange may be lost with the last moments.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from satchel.errors import IntegrityError
from satchel.ledger.records import (
    SALT_BYTES,
    START,
    Access,
    Entry,
    Forgotten,
    Read,
    Record,
    Sent,
    Wrote,
    commit,
    decode,
    encode,
    entries_of,
    link,
)
from satchel.store.database import (
    first_row,
    rows,
    writing,
)
from satchel.store.separate_database import Kind, SeparateDatabase

LEDGER_FILE: Final = "ledger.db"
# "stcg", at offset 68 of the file.
APPLICATION_ID: Final = 0x73746367
FORMAT: Final = 1
_TABLES: Final = (
    "CREATE TABLE records(number INTEGER PRIMARY KEY, record BLOB NOT NULL, digest BLOB NOT NULL) STRICT",
    "CREATE TABLE texts(number INTEGER PRIMARY KEY, salt BLOB NOT NULL, text BLOB NOT NULL) STRICT",
)
_AHEAD: Final = (Sent, Read, Wrote)
"""Records of what is about to happen, which must not happen unless they last."""
_KEEP: Final = "move it to another place and keep it; satchel then begins a new one"


class Ledger(SeparateDatabase):
    """The open ledger of a home. Use it in one thread at a time, and close it."""

    kind = Kind(
        name="ledger",
        file_name=LEDGER_FILE,
        application_id=APPLICATION_ID,
        format=FORMAT,
        tables=lambda: _TABLES,
        why_absent="nothing has left this device from this home",
        if_absent="name another home with --home",
        if_damaged=_KEEP,
    )

    def add(self, record: Record, *, text: bytes | None = None) -> int:
        """Append a record and return its number.

        A record of something about to leave, or about to be read or written by an agent, is durable on return; `text`
        is kept beside it, if it has one.
        """
        with self.translating():
            self.connection.pragma("synchronous", "FULL" if isinstance(record, _AHEAD) else "NORMAL")
            with writing(self.connection):
                if isinstance(record, Sent) and text is not None:
                    salt = os.urandom(SALT_BYTES)
                    record = _with_text(record, salt, text)
                    number = self._append(record)
                    self.connection.execute("INSERT INTO texts VALUES (?, ?, ?)", (number, salt, text))
                    return number
                return self._append(record)

    def _append(self, record: Record) -> int:
        last = first_row(
            self.connection, "SELECT number, digest FROM records ORDER BY number DESC LIMIT 1"
        ) or (0, START)
        number, data = int(last[0]) + 1, encode(record)
        digest = link(bytes(last[1]), data)
        self.connection.execute("INSERT INTO records VALUES (?, ?, ?)", (number, data, digest))
        return number

    def entries(self) -> list[Entry]:
        """Return every entry, oldest first, without verifying the chain. Raise IntegrityError if one cannot be read."""
        with self.reading():
            return entries_of(dict(self._records()), dict(self._texts()))

    def accesses(self) -> list[Access]:
        """Return what agents read and wrote, oldest first. Raise IntegrityError if a record cannot be read."""
        with self.reading():
            return [Access(number, one) for number, one in self._records() if isinstance(one, (Read, Wrote))]

    def verify(self) -> tuple[int, bytes]:
        """Return how many records there are, and the digest of the last.

        Raise IntegrityError naming the first record that was changed, removed or added, or the first entry whose text
        was changed, or is missing although nobody forgot it.
        """
        with self.reading():
            digest, count = START, 0
            for number, data, stored in rows(
                self.connection, "SELECT number, record, digest FROM records ORDER BY number"
            ):
                count += 1
                digest = link(digest, bytes(data))
                if number != count or digest != bytes(stored):
                    raise self._broken(count)
            self._verify_texts()
        return count, digest

    def _verify_texts(self) -> None:
        records = dict(self._records())
        forgotten = {one.entry for one in records.values() if isinstance(one, Forgotten)}
        kept = {
            number: (bytes(salt), bytes(text))
            for number, salt, text in rows(self.connection, "SELECT number, salt, text FROM texts")
        }
        for number, record in records.items():
            if isinstance(record, Sent) and record.text and number not in forgotten:
                if number not in kept or commit(*kept[number]) != record.text:
                    raise self._broken(number)
                del kept[number]
        if kept:
            raise self._broken(min(kept))

    def forget(self, numbers: Iterable[int], *, at: int, why: str) -> list[int]:
        """Erase the texts of entries and record that; return those that had one."""
        done = []
        with self.translating():
            for number in numbers:
                with writing(self.connection):
                    if first_row(self.connection, "SELECT 1 FROM texts WHERE number = ?", number):
                        self.connection.execute("DELETE FROM texts WHERE number = ?", (number,))
                        self._append(Forgotten(entry=number, at=at, why=why))
                        done.append(number)
            if done:  # the log of SQLite still has the texts
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return done

    def forget_pieces(self, piece_ids: Iterable[str], *, at: int, why: str) -> list[int]:
        """Erase the texts of all entries that have one of these Pieces in them; return the entries."""
        wanted = frozenset(piece_ids)
        return self._forget_those(lambda sent: not wanted.isdisjoint(sent.pieces), at=at, why=why)

    def forget_events(self, event_ids: Iterable[int], *, at: int, why: str) -> list[int]:
        """Erase the texts of all entries that quote one of these events of the memory; return the entries."""
        wanted = sorted(set(event_ids))

        def quotes(sent: Sent) -> bool:
            return any(bisect_left(wanted, first) < bisect_right(wanted, last) for first, last in sent.events)

        return self._forget_those(quotes, at=at, why=why)

    def _forget_those(self, quotes: Callable[[Sent], bool], *, at: int, why: str) -> list[int]:
        quoting = [entry.number for entry in self.entries() if entry.text is not None and quotes(entry.sent)]
        return self.forget(quoting, at=at, why=why)

    def _records(self) -> Iterator[tuple[int, Record]]:
        for number, data in rows(self.connection, "SELECT number, record FROM records ORDER BY number"):
            try:
                yield number, decode(bytes(data))
            except (ValueError, RecursionError) as exc:
                raise self._broken(number) from exc

    def _texts(self) -> Iterator[tuple[int, bytes]]:
        for number, text in rows(self.connection, "SELECT number, text FROM texts"):
            yield number, bytes(text)

    def _broken(self, number: int) -> IntegrityError:
        return IntegrityError(
            f"'{self.path}' is not as satchel wrote it: record {number} was changed, inserted or removed",
            hint=_KEEP,
        )


def _with_text(record: Sent, salt: bytes, text: bytes) -> Sent:
    values = {name: getattr(record, name) for name in Sent.__struct_fields__}
    return Sent(**values | {"sha256": "", "text": commit(salt, text)})
