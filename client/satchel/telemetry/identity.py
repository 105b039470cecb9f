"""The random id of a device, drawn anew each month. No id reveals anything about another."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from satchel.errors import NotFoundError
from satchel.local_files import read_private, write_private
from satchel_wire.telemetry import DeviceId

ID_FILE: Final = "id.json"
ID_BYTES: Final = 16


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The id of a month (`2026-11`), and the day of the last document that arrived; empty if none did."""

    format: Literal["satchel-telemetry-id/1"] = "satchel-telemetry-id/1"
    id: DeviceId
    month: Annotated[str, msgspec.Meta(max_length=10)]
    sent: Annotated[str, msgspec.Meta(max_length=10)] = ""


def monthly_identity(folder: Path, today: str, draw: Callable[[int], bytes] = os.urandom) -> Identity:
    """Return the identity of this month, drawing a new one if there is none. A damaged file is replaced."""
    try:
        found = msgspec.json.decode(read_private(folder / ID_FILE).data, type=Identity)
    except (NotFoundError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if found is not None and found.month == today[:7]:
        return found
    fresh = Identity(id=draw(ID_BYTES).hex(), month=today[:7], sent=found.sent if found is not None else "")
    write_identity(folder, fresh)
    return fresh


def write_identity(folder: Path, identity: Identity) -> None:
    """Store an identity durably."""
    write_private(folder / ID_FILE, msgspec.json.encode(identity) + b"\n")
