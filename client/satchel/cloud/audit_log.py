"""Reading and verifying a cloud's audit log (docs/spec/audit.md).

    reading = AuditReading(client, after=START, remembered=head)
    for entry in reading:                 # each entry as soon as its hash is verified
        ...
    reading.head                          # everything up to here is verified
    reading.can_compare                   # False: what this device remembers was deleted for its age

Whatever the cloud sends is bounded: the first page says how far the log goes, and every page must bring many entries.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from satchel.cloud.client import CloudClient
from satchel.errors import IntegrityError, UnreachableError
from satchel_wire.audit import START, Entry, Link, hash_of
from satchel_wire.messages import LARGEST, AuditEntry, AuditHead, AuditPage

MAX_ENTRIES: Final = 1_000_000  # the most that a cloud can be set to keep
FEWEST_ENTRIES: Final = 100  # of a page that is not the last; clouds send 1,000
PAGES_IN_PASSING: Final = 4  # read by `follow`; the rest is verified the next time

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)
ACCEPT: Final = (
    "if you have recovered the cloud to an earlier time: satchel audit --accept; otherwise ask its operator"
)


class BrokenLogError(IntegrityError):
    """The audit log is not the one that this device has seen, or does not verify."""


class AuditReading:
    """One pass over the log, from entry `after` to the latest one at the beginning of the pass.

    `after` is START or a head that this device has verified. `remembered` is the head that the log must contain.
    """

    def __init__(self, client: CloudClient, *, after: Link, remembered: Link | None) -> None:
        self._client = client
        self._remembered = remembered
        self._position = after
        self._end: Link | None = None
        self.can_compare = True
        self.start = after
        """The entry before the first one that was read."""

    @property
    def head(self) -> Link:
        """The last verified entry."""
        return self._position

    def __iter__(self) -> Iterator[AuditEntry]:
        """Yield every entry once it is verified. Raise BrokenLogError where the log does not verify."""
        while not self.is_done:
            yield from self.read_page()

    @property
    def is_done(self) -> bool:
        """Whether every entry up to the end has been read."""
        return self._end is not None and self._position.number >= self._end.number

    def read_page(self) -> list[AuditEntry]:
        """Read one page and return its verified entries up to the end. Raise BrokenLogError."""
        page = self._client.audit_page(self._position.number)
        self._enter(page)
        found = []
        for entry in page.entries:
            self._advance(entry)
            found.append(entry)
            if self.is_done:
                break
        self._check_progress(page)
        return found

    def _enter(self, page: AuditPage) -> None:
        """Check where a page begins, and how far the log goes."""
        start, head = link_of(page.start), link_of(page.head)
        is_first = self._end is None
        if is_first:
            self._check_start(start, head)
            self._position = self.start = start
            self._end = head
        elif start.number > self._position.number:
            raise UnreachableError(
                "the cloud deleted old entries of its audit log meanwhile", hint="try again"
            )
        elif start != self._position or head.number < self._position.number:
            raise BrokenLogError(
                f"the audit log was replaced while it was read, at entry {self._position.number:,}",
                hint=ACCEPT,
            )
        if head.number - self.start.number > MAX_ENTRIES:
            raise UnreachableError(
                f"the cloud claims {head.number - self.start.number:,} entries of its audit log",
                hint=f"a cloud keeps at most {MAX_ENTRIES:,}; check the address",
            )

    def _check_start(self, start: Link, head: Link) -> None:
        """Compare the beginning of the log with what this device remembers."""
        known = self._remembered
        if known is not None and head.number < known.number:
            raise BrokenLogError(
                f"the audit log was rolled back: it ends with entry {head.number:,}, and this device has seen entry "
                f"{known.number:,}",
                hint=ACCEPT,
            )
        if start.number < self._position.number or head.number < start.number:
            raise BrokenLogError(f"the audit log has no entry {self._position.number:,}", hint=ACCEPT)
        if start.number == 0 and start != START:
            raise BrokenLogError("the audit log begins with a wrong hash", hint=ACCEPT)
        if known is not None and start.number > known.number:
            self.can_compare = False
        self._compare(start)

    def _advance(self, entry: AuditEntry) -> None:
        """Verify the next entry."""
        expected = self._position.number + 1
        if entry.number != expected:
            raise BrokenLogError(
                f"entry {expected:,} of the audit log is missing: entry {entry.number:,} follows entry "
                f"{self._position.number:,}",
                hint=ACCEPT,
            )
        digest = hash_of(self._position.digest, entry_of(entry))
        if digest != entry.sha256 or entry.time.microsecond % 1000:
            raise BrokenLogError(
                f"entry {entry.number:,} of the audit log was changed: its hash does not match", hint=ACCEPT
            )
        self._compare(Link(entry.number, digest))
        self._position = Link(entry.number, digest)

    def _compare(self, link: Link) -> None:
        """Compare a verified entry with the remembered one and with the end, if it has their number."""
        for known, what in (
            (self._remembered, "this device has seen"),
            (self._end, "the cloud itself names"),
        ):
            if known is not None and known.number == link.number and known.digest != link.digest:
                raise BrokenLogError(
                    f"the audit log was replaced: entry {link.number:,} differs from the one that {what}",
                    hint=ACCEPT,
                )

    def _check_progress(self, page: AuditPage) -> None:
        """Refuse a page that ends before the log does, unless it is a full one."""
        if self.is_done or len(page.entries) >= FEWEST_ENTRIES:
            return
        end = self._end or self._position
        raise BrokenLogError(
            f"the audit log breaks off after entry {self._position.number:,}, and should reach entry {end.number:,}",
            hint=ACCEPT,
        )


def follow(client: CloudClient, remembered: Link | None) -> Link:
    """Return a later verified head than the remembered one, or the same. Raise BrokenLogError.

    Without a remembered head, the present one is taken on trust. A long way is verified in several calls.
    """
    if remembered is None:
        return link_of(client.audit_page(LARGEST).head)
    reading = AuditReading(client, after=remembered, remembered=remembered)
    for _ in range(PAGES_IN_PASSING):
        reading.read_page()
        if reading.is_done:
            break
    return reading.head


def link_of(head: AuditHead) -> Link:
    """Return a head as a position in the chain."""
    return Link(head.number, head.sha256)


def entry_of(message: AuditEntry) -> Entry:
    """Return what the hash of an entry covers."""
    return Entry(
        number=message.number,
        time_ms=(message.time - _EPOCH) // _MILLISECOND,
        event=message.event,
        actor=message.actor,
        actor_id=message.actor_id,
        target=message.target,
        outcome=message.outcome,
        occurrences=message.occurrences,
        request=message.request,
        address=message.address,
    )
