"""The latest entry of each cloud's audit log that this device has verified: `audit-heads.json` in the home.

A log that no longer contains that entry was rolled back or replaced. Unlike other records this cannot be rebuilt: a
damaged one is an IntegrityError.
"""

import datetime as dt
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from satchel.errors import IntegrityError, NotFoundError
from satchel.local_files import read_private, write_private
from satchel_wire.audit import DIGEST_BYTES, Link

FILE_NAME: Final = "audit-heads.json"
FORMAT: Final = "satchel-audit-heads/1"
MAX_CLOUDS: Final = 32
"""Clouds remembered: an owner has few, and the one seen longest ago goes first."""

Digest = Annotated[bytes, msgspec.Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number and the hash of an entry, and when this device verified it."""

    number: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    sha256: Digest
    seen: dt.datetime

    @property
    def link(self) -> Link:
        """Its position in the chain."""
        return Link(self.number, self.sha256)


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["satchel-audit-heads/1"]
    clouds: Annotated[dict[str, Head], msgspec.Meta(max_length=MAX_CLOUDS)]


class AuditHeads:
    """The record of one home. `cloud` is the address of a cloud."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME

    def find(self, cloud: str) -> Head | None:
        """Return the head that this device remembers of a cloud. Raise IntegrityError if the record is damaged."""
        return self._read().get(cloud)

    def advance(self, cloud: str, link: Link, now: dt.datetime) -> None:
        """Remember a verified head, unless a later one is remembered."""
        known = self.find(cloud)
        if known is None or known.number < link.number:
            self.replace(cloud, link, now)

    def replace(self, cloud: str, link: Link, now: dt.datetime) -> None:
        """Remember a head instead of the one remembered, even if it is an earlier one: the owner accepts it."""
        head = Head(
            number=link.number, sha256=link.digest, seen=now.astimezone(dt.UTC).replace(microsecond=0)
        )
        self._write({**self._read(), cloud: head})

    def rename(self, old: str, new: str) -> None:
        """Remember the head of a cloud under its new address, unless a later one is remembered there."""
        clouds = self._read()
        head = clouds.pop(old, None)
        if head is not None:
            known = clouds.get(new)
            self._write({**clouds, new: head if known is None or known.number < head.number else known})

    def _write(self, clouds: dict[str, Head]) -> None:
        while len(clouds) > MAX_CLOUDS:
            del clouds[min(clouds, key=lambda each: clouds[each].seen)]
        write_private(self._path, msgspec.json.encode(_Record(format=FORMAT, clouds=clouds)))

    def _read(self) -> dict[str, Head]:
        try:
            record = msgspec.json.decode(read_private(self._path).data, type=_Record)
        except NotFoundError:
            return {}
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise self._damaged() from exc
        if any(head.seen.tzinfo is None for head in record.clouds.values()):
            raise self._damaged()
        return record.clouds

    def _damaged(self) -> IntegrityError:
        return IntegrityError(
            f"the record {str(self._path)!r} is damaged",
            hint="remove it; this device then takes the cloud's audit log on trust once",
        )
