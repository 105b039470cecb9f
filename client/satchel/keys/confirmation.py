"""The record that the owner has confirmed the recovery words: `keys/confirmed.json` in the home.

It names the owner whose words were confirmed, so that it lapses when the root secret is replaced.
"""

import datetime as dt
from pathlib import Path
from typing import Final, Literal

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.keys.documents import Hex16
from satchel.local_files import read_private, write_private

FORMAT: Final = "satchel-recovery-check/1"


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["satchel-recovery-check/1"] = FORMAT
    owner: Hex16
    at: dt.datetime


def record_confirmation(home: Path, owner: str, at: dt.datetime) -> None:
    """Record that the owner confirmed the words."""
    record = _Record(owner=owner, at=at.astimezone(dt.UTC).replace(microsecond=0))
    write_private(_path(home), msgspec.json.encode(record))


def confirmed_at(home: Path, owner: str) -> dt.datetime | None:
    """Return when the words of this owner were confirmed; None if they never were, or the record is unusable.

    A record that cannot be used costs another check, never more, so it is not an error.
    """
    try:
        record = msgspec.json.decode(read_private(_path(home)).data, type=_Record)
    except (NotFoundError, RefusedError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return record.at if record.owner == owner and record.at.tzinfo is not None else None


def _path(home: Path) -> Path:
    return home / "keys" / "confirmed.json"
