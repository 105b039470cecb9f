"""Messages of the session: what the page learns first, and the events that the server sends."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Request
from satchel.window.messages.jobs import Job


class Hello(Answer, frozen=True, kw_only=True):
    """What the page needs at its start.

    `change` is the number of the newest change of the store. `has_keys` is False in a home without keys; `is_locked`
    tells that they are under a passphrase, which `unlock` takes before anything is shared, backed up or restored.
    """

    version: str
    home: str
    store_id: str
    change: int
    pieces: int
    is_read_only: bool
    has_keys: bool
    is_locked: bool
    cloud: str | None
    is_offline: bool
    has_meaning: bool
    has_image_reader: bool
    has_memory: bool
    max_piece_bytes: int
    max_files: int


class ProofRequest(Request, frozen=True, kw_only=True):
    """What the browser extension asks of a window: to sign 32 random bytes, as hexadecimal digits."""

    challenge: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]


class WindowProof(Answer, frozen=True, kw_only=True):
    """The public key of this home, and its Ed25519 signature of the challenge for the address of this window.

    `public_key` and `signature` are hexadecimal digits; `home` is the directory, for the owner to read.
    """

    public_key: str
    signature: str
    home: str


class ServerEvent(Answer, frozen=True, kw_only=True):
    """An event of the stream `/api/events`.

    "change": the store has changed, in this window, another one or on the command line; `pieces` are the ids of what
    changed, if they are few. "job": a job has changed. "state": the cloud, the settings, the ledger, the memory or the
    schedules have changed, as `what` says. "closing": the server ends.
    """

    kind: Literal["change", "job", "state", "closing"]
    change: int | None = None
    pieces: tuple[str, ...] = ()
    job: Job | None = None
    what: Literal["", "cloud", "settings", "ledger", "memory", "schedules", "backups"] = ""
