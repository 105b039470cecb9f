"""The entries of the audit log and the chain of their hashes (docs/spec/audit.md).

The service appends entries; devices verify them. Each hash covers the previous one, so a changed, removed or inserted
entry changes every later hash.

    entry = Entry(number=1, time_ms=now, event="backup-committed", actor="device", actor_id=device, target=backup)
    digest = hash_of(GENESIS, entry)
"""

import hashlib
import struct
from enum import Enum
from typing import Final, NamedTuple

MAGIC: Final = b"sataud\x00\x01"  # the last byte is the version of the encoding
DIGEST_BYTES: Final = 32
GENESIS: Final = bytes(DIGEST_BYTES)
"""The hash before the first entry."""

_NUMBERS: Final = struct.Struct(">QqQ")
_LENGTH: Final = struct.Struct(">I")


class Event(Enum):
    """What an entry reports. Events with `is_counted` are refusals: one entry for each hour."""

    CODE_MADE = ("code-made", "A pairing code was made for another device.")
    OPERATOR_CODE_USED = (
        "operator-code-used",
        "A code of the operator was used; the target is what it allowed.",
    )
    DEVICE_PAIRED = ("device-paired", "A device was connected.")
    DEVICE_REVOKED = ("device-revoked", "A device was disconnected, by itself or by another one.")
    SIGNED_IN = ("signed-in", "An account signed in and connected a device.")
    SIGN_IN_RENEWED = ("sign-in-renewed", "A connected device signed in again, as some operations require.")
    OWNER_SET = ("owner-set", "The cloud's owner is another account from here on.")
    BACKUP_COMMITTED = ("backup-committed", "A device backed up.")
    BACKUP_CHANGED = ("backup-changed", "A device changed the expiry of a backup.")
    BACKUP_DELETED = ("backup-deleted", "A device deleted a backup; it can be brought back for a while.")
    BACKUP_UNDELETED = ("backup-undeleted", "A deleted backup was brought back.")
    BACKUP_EXPIRED = ("backup-expired", "The expiry of a backup passed; it can be brought back for a while.")
    BACKUP_PRUNED = ("backup-pruned", "The retention ended a backup; it can be brought back for a while.")
    BACKUP_KEPT = ("backup-kept", "The retention brought back a backup that it had ended.")
    BACKUP_PURGED = ("backup-purged", "The grace period of a deleted backup ended; it is gone.")
    BACKUP_ERASED = ("backup-erased", "A backup was erased at once.")
    RETENTION_SET = ("retention-set", "A device changed which backups are kept.")
    SHARE_PUBLISHED = ("share-published", "A device published a share.")
    SHARE_CHANGED = ("share-changed", "A device replaced the body of a share, or changed its limits or card.")
    SHARE_REARMED = ("share-rearmed", "A device set the views of a share back to zero.")
    SHARE_REVOKED = ("share-revoked", "A device revoked a share.")
    SHARE_OPENED = ("share-opened", "A share was opened; logged only with `SATCHEL_AUDIT_VIEWS`.")
    SHARE_REPORTED = ("share-reported", "Anyone with the link reported a share.")
    SHARE_BLOCKED = ("share-blocked", "The operator's block list names a share or its body.")
    SHARE_REMOVED = ("share-removed", "A share that ended a while ago was deleted.")
    REQUEST_MADE = ("request-made", "A device made a request that anyone with its link can answer.")
    REQUEST_REVOKED = ("request-revoked", "A device revoked a request.")
    REQUEST_REMOVED = ("request-removed", "A request that ended a while ago was deleted.")
    ANSWER_RECEIVED = (
        "answer-received",
        "Anyone with the link of a request answered it; the entry never has an address.",
    )
    ANSWER_TAKEN = ("answer-taken", "A device took an answer, which deleted it from the cloud.")
    CLOUD_ERASED = ("cloud-erased", "The cloud was erased, its audit log included.")
    SERVICE_CHANGED = ("service-changed", "The cloud runs another version of the service or of its database.")
    SETTING_CHANGED = ("setting-changed", "The operator changed a setting; the target is its name.")
    LOG_PRUNED = ("log-pruned", "The oldest entries were deleted; the target is the number of the last one.")
    WRONG_CODE = ("wrong-code", "A wrong, used or expired pairing code was refused.", True)
    WRONG_PROOF = ("wrong-proof", "A wrong key or password of a share or a request was refused.", True)
    WRONG_TOKEN = ("wrong-token", "An unknown device token was refused.", True)
    REVOKED_TOKEN = ("revoked-token", "The token of a device was used after the device was revoked.", True)
    WRONG_SIGN_IN = ("wrong-sign-in", "A sign-in was refused.", True)
    NOT_OWNER = ("not-owner", "A sign-in of an account that is not the owner was refused.", True)
    NO_SECOND_FACTOR = ("no-second-factor", "A sign-in without a second factor was refused.", True)
    NO_FRESH_SIGN_IN = ("no-fresh-sign-in", "An operation that takes a fresh sign-in was refused.", True)
    TOO_MANY_ATTEMPTS = ("too-many-attempts", "An attempt was refused because too many had failed.", True)

    def __init__(self, code: str, meaning: str, is_counted: bool = False) -> None:  # noqa: FBT001, FBT002  a table
        self.code = code
        self.meaning = meaning
        self.is_counted = is_counted


class Actor(Enum):
    """The kinds of actors."""

    DEVICE = "device"
    """A connected device; `actor_id` is its id."""
    SUBJECT = "subject"
    """An account of the issuer; `actor_id` is its subject."""
    OPERATOR = "operator"
    """The operator: by a setting, or by a code made on the server."""
    ANYONE = "anyone"
    """A stranger or a recipient, without a token."""
    CLOUD = "cloud"
    """The cloud itself, when a time has passed or a rule applies."""


class Outcome(Enum):
    """Whether the request succeeded."""

    DONE = "done"
    REFUSED = "refused"


class Entry(NamedTuple):
    """One entry. `time_ms` is in milliseconds since 1970. `occurrences` is above 1 if it stands for several equal events.

    The fields are texts instead of enums, so that a device can verify entries of a later cloud.
    """

    number: int
    time_ms: int
    event: str
    actor: str
    actor_id: str = ""
    target: str = ""
    outcome: str = Outcome.DONE.value
    occurrences: int = 1
    request: str = ""
    address: str = ""


class Link(NamedTuple):
    """A position in the chain: the number of an entry and its hash. Number 0 is the beginning."""

    number: int
    digest: bytes


START: Final = Link(0, GENESIS)


def encode(previous: bytes, entry: Entry) -> bytes:
    """Return the bytes whose SHA-256 is the hash of an entry. `previous` is the hash of the entry before it."""
    parts = [MAGIC, previous, _NUMBERS.pack(entry.number, entry.time_ms, entry.occurrences)]
    texts = (
        entry.event,
        entry.actor,
        entry.actor_id,
        entry.target,
        entry.outcome,
        entry.request,
        entry.address,
    )
    for text in texts:
        data = text.encode()
        parts += (_LENGTH.pack(len(data)), data)
    return b"".join(parts)


def hash_of(previous: bytes, entry: Entry) -> bytes:
    """Return the hash of an entry. `previous` is the hash of the entry before it, or GENESIS."""
    return hashlib.sha256(encode(previous, entry)).digest()
