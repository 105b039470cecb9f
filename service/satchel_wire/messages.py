"""The messages of `/v1`. Both sides are strict: an unknown or missing field is an error.

Times are RFC 3339 in UTC, sizes are in bytes, and binary fields are base64 (standard alphabet, padded). Data that the
cloud must not read, such as labels and summaries, is sealed by the client and opaque to the cloud.
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
Time = Annotated[
    datetime, msgspec.Meta(tz=True, description="RFC 3339, with an offset; responses are in UTC")
]
Sha256 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32, description="32 bytes")]
Sealed = Annotated[
    bytes, msgspec.Meta(max_length=4096, description="sealed by the client; opaque to the cloud")
]
SizeBytes = Annotated[int, msgspec.Meta(ge=0, description="in bytes")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Views = Annotated[int, msgspec.Meta(ge=1, le=1_000_000, description="maximum number of views")]
Kind = Literal["archive", "share"]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base class of every message: immutable, without unknown fields.

    Each message repeats `frozen` for the type checker and sets `kw_only`, which msgspec does not inherit.
    """


# -- pairing and devices ------------------------------------------------------------------------------------


class PairRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/pair`: exchange a one-time pairing code for a device token."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    label: Sealed = b""


class PairResponse(Message, frozen=True, kw_only=True):
    """The id and token of the new device. The cloud stores only a hash of the token and never shows the token again."""

    device_id: ObjectId
    token: str


class PairingCode(Message, frozen=True, kw_only=True):
    """`POST /v1/pairings`: a one-time code that lets another device join until it expires."""

    code: str
    expires: Time


class Device(Message, frozen=True, kw_only=True):
    """A connected device. Its label is sealed to the owner; `current` marks the device that sent the request."""

    id: ObjectId
    label: bytes
    created: Time
    last_seen: Time
    current: bool = False


class DeviceList(Message, frozen=True, kw_only=True):
    """`GET /v1/devices`: the connected devices, oldest first."""

    devices: tuple[Device, ...]


# -- uploads ------------------------------------------------------------------------------------------------


class UploadRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/uploads/{id}`: announce a sealed object. Repeating it with the same kind and size returns the state."""

    kind: Kind
    size_bytes: Annotated[int, msgspec.Meta(ge=1)]


class UploadPart(Message, frozen=True, kw_only=True):
    """One part: put exactly `size_bytes` bytes to `url`. A part can be put again until the upload is complete.

    A relative URL belongs to the cloud and takes the device token; an absolute one is presigned and takes none.
    """

    number: Annotated[int, msgspec.Meta(ge=1)]
    offset: SizeBytes
    size_bytes: SizeBytes
    url: str
    received: bool = False


class Upload(Message, frozen=True, kw_only=True):
    """The state of an upload and its parts, available until it expires.

    When `complete` is true, the cloud has the whole object and `parts` is empty.
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

    `needs` lists the earlier archives whose blocks it borrows. The cloud retains each while any backup needs it.
    """

    needs: Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=1000)] = ()
    expires: Time | None = None
    summary: Sealed


class BackupChange(Message, frozen=True, kw_only=True):
    """`PATCH /v1/backups/{id}`: change the expiry; with null, the backup never expires."""

    expires: Time | None


class Backup(Message, frozen=True, kw_only=True):
    """A backup as the cloud sees it. The device and the counts are inside the sealed summary."""

    id: ObjectId
    created: Time
    expires: Time | None
    size_bytes: SizeBytes
    needs: tuple[ObjectId, ...]
    summary: bytes


class BackupList(Message, frozen=True, kw_only=True):
    """`GET /v1/backups`: the backups that have not expired, newest first, and every archive they need."""

    backups: tuple[Backup, ...]
    archives: tuple[ObjectId, ...]


# -- shares -------------------------------------------------------------------------------------------------


class PasswordProfile(Message, frozen=True, kw_only=True):
    """The scrypt parameters that derive part of a share's identity from its password."""

    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    log_n: Annotated[int, msgspec.Meta(ge=14, le=20)]


class Card(Message, frozen=True, kw_only=True):
    """Public data about a share for link previews. The cloud and anyone with the link can read it."""

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
    """`PATCH /v1/shares/{id}`: replace the body of a share, or change its limits or card.

    `version` must be the current version. Omitted fields keep their value. `upload` names the new body; a null `card`
    removes the published one.
    """

    version: Annotated[int, msgspec.Meta(ge=1)]
    upload: ObjectId | msgspec.UnsetType = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET
    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    card: Card | msgspec.UnsetType | None = msgspec.UNSET


class RearmRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/shares/{id}/rearm`: reset the view count, with a new limit and expiry if given."""

    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET


class Share(Message, frozen=True, kw_only=True):
    """A share as the owner's devices see it. `note`, sealed to the owner, names the Piece."""

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
    """`GET /v1/shares?after=…`: one page of shares, newest first. `next` is the `after` of the next page, if any."""

    shares: tuple[Share, ...]
    next: Annotated[str, msgspec.Meta(max_length=64)] | None = None


ReportReason = Literal["unwanted", "secret", "personal", "malicious", "unlawful", "other"]


class ReportRequest(Message, frozen=True, kw_only=True):
    """`POST /s/{id}/report`, public: report a share to its owner.

    It is a form (`application/x-www-form-urlencoded`), so the page can send it without JavaScript. It must contain
    neither the key nor decrypted content.
    """

    reason: ReportReason
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Report(Message, frozen=True, kw_only=True):
    """A report as the owner's devices see it. Anyone with the link may have written it."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    created: Time
    reason: ReportReason
    text: str


class ReportList(Message, frozen=True, kw_only=True):
    """`GET /v1/shares/{id}/reports`: the reports, oldest first."""

    reports: tuple[Report, ...]


class ShareInfo(Message, frozen=True, kw_only=True):
    """`GET /v1/shares/{id}/info`, public, without effect: the data that a recipient needs to open the share.

    `limited` is true if the share has a view limit. Anyone who knows the id can send this request, so the response
    omits the size, the version and the views left.
    """

    limited: bool
    password: PasswordProfile | None


class OpenRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/shares/{id}/open`, public: open a share with the proof derived from its key.

    The response is the sealed body; its `Satchel-Share-Version` header is the version of the body.
    """

    proof: Sha256


# -- the cloud itself ---------------------------------------------------------------------------------------


class Health(Message, frozen=True, kw_only=True):
    """`GET /live` and `GET /ready`: the check has passed."""

    ok: bool


class Limits(Message, frozen=True, kw_only=True):
    """The limits of this cloud; each is a setting of the service."""

    part_bytes: SizeBytes
    archive_bytes: SizeBytes
    share_bytes: SizeBytes
    shares: Count
    devices: Count
    quota_bytes: SizeBytes


class Status(Message, frozen=True, kw_only=True):
    """`GET /v1/status`: the usage and limits of the cloud."""

    version: str
    used_bytes: SizeBytes
    backups: Count
    shares: Count
    devices: Count
    limits: Limits


class FieldProblem(Message, frozen=True, kw_only=True):
    """An invalid field of a request and the reason."""

    field: str
    reason: str


class Problem(Message, frozen=True, kw_only=True):
    """An RFC 9457 problem document; `satchel_wire.problems` lists every `type`."""

    type: str
    title: str
    status: int
    detail: str = ""
    request_id: str = ""
    fields: tuple[FieldProblem, ...] = ()
