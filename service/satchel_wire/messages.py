"""The messages of `/v1`, strict both ways: an unknown or a missing field is an error.

Times are RFC 3339 in UTC, sizes are bytes, binary is base64 (standard alphabet, padded) as msgspec writes `bytes`.
Whatever the cloud must not read (labels, summaries) arrives sealed and is carried as opaque bytes.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

ObjectId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9a-f]{32}$",
        min_length=32,
        max_length=32,
        description="128 random bits in lowercase hex, chosen by the client",
    ),
]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Sha256 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Sealed = Annotated[
    bytes, msgspec.Meta(max_length=4096, description="sealed by the client; opaque to the cloud")
]
SizeBytes = Annotated[int, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Views = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Kind = Literal["archive", "share"]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of every message: immutable, nothing unknown.

    Each says `frozen` again for the type checker, and `kw_only` because msgspec does not inherit it.
    """


# -- pairing and devices ------------------------------------------------------------------------------------


class PairRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/pair`: trade a one-time pairing code for a device token."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    label: Sealed = b""


class PairResponse(Message, frozen=True, kw_only=True):
    """The device's id and its token; the token is shown this once and only its hash is kept."""

    device_id: ObjectId
    token: str


class PairingCode(Message, frozen=True, kw_only=True):
    """`POST /v1/pairings`: a fresh one-time code with which another device can join."""

    code: str
    expires: Time


class Device(Message, frozen=True, kw_only=True):
    """A computer the owner has connected; its label is sealed to the owner."""

    id: ObjectId
    label: bytes
    created: Time
    last_seen: Time
    current: bool = False


class DeviceList(Message, frozen=True, kw_only=True):
    """`GET /v1/devices`."""

    devices: tuple[Device, ...]


# -- uploads ------------------------------------------------------------------------------------------------


class UploadRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/uploads/{id}`: announce a sealed object. Repeating it with the same size answers the same state."""

    kind: Kind
    size_bytes: Annotated[int, msgspec.Meta(ge=1)]


class UploadPart(Message, frozen=True, kw_only=True):
    """One part: put exactly `size_bytes` bytes to `url`; a part may be put again until the upload completes.

    A relative URL is the cloud's own and takes the device token; an absolute one is presigned and takes none.
    """

    number: Annotated[int, msgspec.Meta(ge=1)]
    offset: SizeBytes
    size_bytes: SizeBytes
    url: str
    received: bool = False


class Upload(Message, frozen=True, kw_only=True):
    """The state of an upload: which parts are still wanted. It stays readable until it expires.

    `complete` means that the cloud has the whole object under this id; then `parts` is empty.
    """

    id: ObjectId
    kind: Kind
    size_bytes: SizeBytes
    parts: tuple[UploadPart, ...]
    expires: Time
    complete: bool = False


# -- backups ------------------------------------------------------------------------------------------------


class BackupRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/backups/{id}`: commit an uploaded archive as a backup. Idempotent for the same content.

    `needs` names the earlier archives whose blocks it borrows; the cloud keeps each while any live backup needs it.
    """

    needs: Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=1000)] = ()
    expires: Time | None = None
    summary: Sealed


class BackupChange(Message, frozen=True, kw_only=True):
    """`PATCH /v1/backups/{id}`: another expiry; null keeps it until deleted."""

    expires: Time | None


class Backup(Message, frozen=True, kw_only=True):
    """A backup as the cloud sees it: an id, a size and times. Device and counts are in the sealed summary."""

    id: ObjectId
    created: Time
    expires: Time | None
    size_bytes: SizeBytes
    needs: tuple[ObjectId, ...]
    summary: bytes


class BackupList(Message, frozen=True, kw_only=True):
    """`GET /v1/backups`: live backups newest first, and every archive the cloud still keeps."""

    backups: tuple[Backup, ...]
    archives: tuple[ObjectId, ...]


# -- shares -------------------------------------------------------------------------------------------------


class PasswordProfile(Message, frozen=True, kw_only=True):
    """How a password becomes part of the share's identity: scrypt, with its work factor and salt."""

    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    log_n: Annotated[int, msgspec.Meta(ge=14, le=20)]


class Card(Message, frozen=True, kw_only=True):
    """What the owner chose to publish about a share, for link previews: the cloud and every stranger can read it."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    language: Annotated[str, msgspec.Meta(max_length=40)] = ""
    lines: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = 0


class ShareRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/shares/{id}`: publish an uploaded share. Idempotent for the same content."""

    upload: ObjectId
    proof_sha256: Sha256
    expires: Time | None = None
    views: Views | None = None
    password: PasswordProfile | None = None
    note: Sealed = b""
    card: Card | None = None


class ShareChange(Message, frozen=True, kw_only=True):
    """`PATCH /v1/shares/{id}`: a new body under the same link, or new limits; `version` is compared and set.

    A field left out stays as it is. `upload` names the new body; a `card` of null takes the published one back.
    """

    version: Annotated[int, msgspec.Meta(ge=1)]
    upload: ObjectId | msgspec.UnsetType = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET
    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    card: Card | msgspec.UnsetType | None = msgspec.UNSET


class RearmRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/shares/{id}/rearm`: count views from zero again, with a new limit and expiry if given."""

    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET


class Share(Message, frozen=True, kw_only=True):
    """A share as its owner's devices see it; `note` is sealed to the owner (which Piece it is)."""

    id: ObjectId
    version: int
    created: Time
    updated: Time
    expires: Time | None
    views: int | None
    opened: Count
    last_opened: Time | None
    size_bytes: SizeBytes
    has_password: bool
    state: Literal["live", "expired", "used-up", "revoked", "blocked"]
    note: bytes
    card: Card | None = None
    reports: Count = 0


class ShareList(Message, frozen=True, kw_only=True):
    """`GET /v1/shares?after=…`, newest first, a page at a time; `next` is the `after` of the next page, if any."""

    shares: tuple[Share, ...]
    next: Annotated[str, msgspec.Meta(max_length=64)] | None = None


ReportReason = Literal["unwanted", "secret", "personal", "malicious", "unlawful", "other"]


class ReportRequest(Message, frozen=True, kw_only=True):
    """`POST /s/{id}/report`, public: a recipient tells the owner that something is wrong with a share.

    As a form (`application/x-www-form-urlencoded`), so that it can be sent without a program in the page. Neither the
    key nor anything decrypted belongs into it.
    """

    reason: ReportReason
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Report(Message, frozen=True, kw_only=True):
    """A report as the owner's devices see it; whoever had the link may have written it."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    created: Time
    reason: ReportReason
    text: str


class ReportList(Message, frozen=True, kw_only=True):
    """`GET /v1/shares/{id}/reports`, oldest first."""

    reports: tuple[Report, ...]


class ShareInfo(Message, frozen=True, kw_only=True):
    """`GET /v1/shares/{id}/info`, public and without effect: what an opener must know before it opens.

    No more than that, because whoever has only the id may ask: not the size, not the version, not the views left.
    """

    limited: bool
    password: PasswordProfile | None


class OpenRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/shares/{id}/open`, public: the proof derived from the key. The answer is the sealed body.

    Its `Satchel-Share-Version` header is the version of the body.
    """

    proof: Sha256


# -- the cloud itself ---------------------------------------------------------------------------------------


class Health(Message, frozen=True, kw_only=True):
    """`GET /live` and `GET /ready`: nothing but that it is so."""

    ok: bool


class Limits(Message, frozen=True, kw_only=True):
    """What this cloud accepts; each is a setting of the service."""

    part_bytes: SizeBytes
    archive_bytes: SizeBytes
    share_bytes: SizeBytes
    shares: Count
    devices: Count
    quota_bytes: SizeBytes


class Status(Message, frozen=True, kw_only=True):
    """`GET /v1/status`: what the cloud holds and accepts."""

    version: str
    used_bytes: SizeBytes
    backups: Count
    shares: Count
    devices: Count
    limits: Limits


class FieldProblem(Message, frozen=True, kw_only=True):
    """One field of a request that was refused, and why."""

    field: str
    reason: str


class Problem(Message, frozen=True, kw_only=True):
    """An RFC 9457 problem document; `type` is one of `satchel_wire.problems`."""

    type: str
    title: str
    status: int
    detail: str = ""
    request_id: str = ""
    fields: tuple[FieldProblem, ...] = ()
