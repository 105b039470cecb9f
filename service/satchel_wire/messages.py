"""The messages of `/v1`. Both sides are strict: an unknown or missing field is an error.

Times are RFC 3339 in UTC, sizes are in bytes, and binary fields are base64 (standard alphabet, padded). Data that the
cloud must not read, such as labels and summaries, is sealed by the client and opaque to the cloud.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

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
LARGEST: Final = 2**53 - 1  # the largest integer that every JSON parser reads exactly
SizeBytes = Annotated[int, msgspec.Meta(ge=0, le=LARGEST, description="in bytes")]
Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Version = Annotated[int, msgspec.Meta(ge=1, le=LARGEST, description="increases by one with each change")]
Seconds = Annotated[
    int,
    msgspec.Meta(ge=1, le=315_000_000_000, description="a duration in seconds, of less than 10,000 years"),
]
Views = Annotated[int, msgspec.Meta(ge=1, le=1_000_000, description="maximum number of views")]
Kind = Literal["archive", "share"]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base class of every message: immutable, without unknown fields.

    Each message repeats `frozen` for the type checker and sets `kw_only`, which msgspec does not inherit.
    """


EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)


class TimedMessage(Message, frozen=True):
    """Base class of messages with times. A time whose UTC form lies outside the years 1 to 9999 is invalid."""

    def __post_init__(self) -> None:
        """Check every time. Raise ValueError, which msgspec reports as an invalid field."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime) and not EARLIEST <= value <= LATEST:
                raise ValueError(f"{name} lies outside the years 1 to 9999 in UTC")


# -- pairing and devices ------------------------------------------------------------------------------------


class PairRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/pair`: exchange a one-time pairing code for a device token."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    label: Sealed = b""


class PairResponse(Message, frozen=True, kw_only=True):
    """The id and token of the new device. The cloud stores only a hash of the token and never shows the token again."""

    device_id: ObjectId
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class PairingCode(TimedMessage, frozen=True, kw_only=True):
    """`POST /v1/pairings`: a one-time code that lets another device join until it expires."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    expires: Time


class Device(TimedMessage, frozen=True, kw_only=True):
    """A connected device. Its label is sealed to the owner; `current` marks the device that sent the request."""

    id: ObjectId
    label: Sealed
    created: Time
    last_seen: Time
    current: bool = False


class DeviceList(Message, frozen=True, kw_only=True):
    """`GET /v1/devices`: the connected devices, oldest first."""

    devices: Annotated[tuple[Device, ...], msgspec.Meta(max_length=100_000)]


# -- sign-in ------------------------------------------------------------------------------------------------

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=20)]


class SignInInfo(Message, frozen=True, kw_only=True):
    """`GET /v1/sign-in`, public: where and how the owner signs in (capability `sign-in`).

    `client_secret` is set for issuers that want one of desktop programs too; it protects nothing. `needs_code`: the
    cloud has no owner yet, so the first sign-in needs a code of the operator. Adding a device and step-up need a
    sign-in at most `max_age_s` old. `redirect_ports` lists the ports that the issuer accepts; empty: any.
    """

    issuer: Address
    client_id: Address
    audience: Address
    client_secret: Address | None
    scopes: Words
    acr_values: Words
    requires_mfa: bool
    needs_code: bool
    max_age_s: Seconds
    redirect_ports: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=65_535)], ...], msgspec.Meta(max_length=10)
    ]


Nonce = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, description="made by the server; opaque to the device")
]


class SignInNonce(TimedMessage, frozen=True, kw_only=True):
    """`POST /v1/sign-in/nonce`, public: the server's nonce of one ID token, which works once until it expires.

    The device binds it to the server's address before it goes to the issuer (`binding`).
    """

    nonce: Nonce
    expires: Time


IdToken = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384, description="a compact JWS")]
Code = Annotated[
    str, msgspec.Meta(max_length=64, description="a pairing code made by the operator, or empty")
]
Subject = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class SignInRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/sign-in`: exchange an ID token for a device token.

    `nonce` is the one that the cloud gave; the ID token carries it bound to the cloud's address (`binding`). `code` is needed while the cloud has no owner; it makes the account of the ID token the owner.
    """

    id_token: IdToken
    nonce: Nonce
    label: Sealed = b""
    code: Code = ""


class SignInResponse(Message, frozen=True, kw_only=True):
    """The id and token of the new device, and who signed in; the token is shown once.

    `mfa`: with a second factor. `claimed`: the account has become the owner.
    """

    device_id: ObjectId
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    subject: Subject
    mfa: bool
    claimed: bool


class FreshSignInRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/sign-in/fresh`: step-up, a fresh sign-in of the owner on a connected device.

    With a code of the operator, the account of the ID token becomes the owner.
    """

    id_token: IdToken
    nonce: Nonce
    code: Code = ""


class FreshSignIn(TimedMessage, frozen=True, kw_only=True):
    """Until when the device may do what needs a fresh sign-in."""

    until: Time


class OwnerRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/owner`: make the account of an ID token the owner, after a fresh sign-in of the present owner."""

    id_token: IdToken
    nonce: Nonce


class Account(TimedMessage, frozen=True, kw_only=True):
    """`GET /v1/account` and `PUT /v1/owner`: the owner's account, and the latest sign-in on this device.

    Without an issuer or an owner, the fields are null. `mfa` is null if nobody has signed in on this device.
    """

    issuer: Address | None
    subject: Subject | None
    owner_is_set_by_operator: bool
    requires_mfa: bool
    fresh_until: Time | None
    mfa: bool | None


# -- uploads ------------------------------------------------------------------------------------------------


class UploadRequest(Message, frozen=True, kw_only=True):
    """`PUT /v1/uploads/{id}`: announce a sealed object. Repeating it with the same kind and size returns the state."""

    kind: Kind
    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]


class UploadPart(Message, frozen=True, kw_only=True):
    """One part: put exactly `size_bytes` bytes to `url`. A part can be put again until the upload is complete.

    A relative URL belongs to the cloud and takes the device token; an absolute one is presigned and takes none.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=999_999)]
    offset: SizeBytes
    size_bytes: SizeBytes
    url: Annotated[str, msgspec.Meta(max_length=16_384)]
    received: bool = False


class Upload(TimedMessage, frozen=True, kw_only=True):
    """The state of an upload and its parts, available until it expires.

    When `complete` is true, the cloud has the whole object and `parts` is empty.
    """

    id: ObjectId
    kind: Kind
    size_bytes: SizeBytes
    parts: Annotated[tuple[UploadPart, ...], msgspec.Meta(max_length=999_999)]
    expires: Time
    complete: bool = False


# -- backups ------------------------------------------------------------------------------------------------


Needs = Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=1000)]


class BackupRequest(TimedMessage, frozen=True, kw_only=True):
    """`PUT /v1/backups/{id}`: commit an uploaded archive as a backup. Idempotent for the same content.

    `needs` lists the earlier archives whose blocks it borrows. The cloud retains each while any backup needs it. The
    backup ends at `expires`, or `expires_in_s` seconds after the commit (capability `durations`). With `hold`, the
    retention does not apply to it (capability `retention`).
    """

    needs: Needs = ()
    expires: Time | None = None
    expires_in_s: Seconds | None = None
    hold: bool = False
    summary: Sealed


class BackupChange(TimedMessage, frozen=True, kw_only=True):
    """`PATCH /v1/backups/{id}`: change the expiry; with null, the backup never expires.

    `expires_in_s` sets the expiry that many seconds from now (capability `durations`); `expires` is null then.
    """

    expires: Time | None
    expires_in_s: Seconds | None = None


class Deletion(TimedMessage, frozen=True, kw_only=True):
    """A backup that waits for its deletion (capability `deletions`).

    `device` is the device that asked for it: by deleting the backup, by setting its expiry, or by setting the
    retention. Without one, the retention has its default. The backup can be brought back at least until `final`.
    """

    backup: ObjectId
    reason: Literal["deleted", "expired", "retention"]
    asked: Time
    final: Time
    device: ObjectId | None = None
    label: Sealed = b""


class Backup(TimedMessage, frozen=True, kw_only=True):
    """A backup as the cloud sees it. The counts are inside the sealed summary.

    `device` is the device that committed it (capability `backup-devices`); `is_held`: the retention does not apply to
    it (capability `retention`); `deletion` is present while it waits for its deletion (capability `deletions`).
    """

    id: ObjectId
    created: Time
    expires: Time | None
    size_bytes: SizeBytes
    needs: Needs
    summary: Sealed
    device: ObjectId | None = None
    is_held: bool = False
    deletion: Deletion | None = None


class BackupList(Message, frozen=True, kw_only=True):
    """`GET /v1/backups`: the live backups, newest first, and every archive they need.

    `deleted` lists the backups that wait for their deletion, newest first (capability `deletions`).
    """

    backups: Annotated[tuple[Backup, ...], msgspec.Meta(max_length=100_000)]
    archives: Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=1_000_000)]
    deleted: Annotated[tuple[Backup, ...], msgspec.Meta(max_length=100_000)] = ()


Kept = Annotated[int, msgspec.Meta(ge=0, le=10_000, description="how many backups are kept")]


class Retention(Message, frozen=True, kw_only=True):
    """Which backups of each device are kept: the last ones, and the newest of so many days, weeks and months.

    Days, ISO weeks and months are those of UTC. A backup that no rule keeps is moved to deletion, except the newest.
    """

    last: Kept
    daily: Kept
    weekly: Kept
    monthly: Kept


class RetentionState(TimedMessage, frozen=True, kw_only=True):
    """`GET` and `PUT /v1/retention`: the retention, and when and by which device it was set; null: the default."""

    retention: Retention
    changed: Time | None = None
    device: ObjectId | None = None


class RetentionPreview(Message, frozen=True, kw_only=True):
    """`POST /v1/retention/preview`: the backups that a retention would move to deletion, and bring back from it."""

    delete: Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=100_000)]
    restore: Annotated[tuple[ObjectId, ...], msgspec.Meta(max_length=100_000)]


class EraseBackupsRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/backups/erase`: erase backups at once.

    `code` is a pairing code made by the operator; without one, a fresh sign-in serves (capability `sign-in`).
    """

    code: Code = ""
    backups: Annotated[tuple[ObjectId, ...], msgspec.Meta(min_length=1, max_length=1000)]


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


class ShareRequest(TimedMessage, frozen=True, kw_only=True):
    """`PUT /v1/shares/{id}`: publish an uploaded share. Idempotent for the same content.

    It ends at `expires`, or `expires_in_s` seconds after its publication (capability `durations`).
    """

    upload: ObjectId
    proof_sha256: Sha256
    expires: Time | None = None
    expires_in_s: Seconds | None = None
    views: Views | None = None
    password: PasswordProfile | None = None
    note: Sealed = b""
    card: Card | None = None


class ShareChange(TimedMessage, frozen=True, kw_only=True):
    """`PATCH /v1/shares/{id}`: replace the body of a share, or change its limits or card.

    `version` must be the current version. Omitted fields keep their value. `upload` names the new body; a null `card`
    removes the published one. `expires_in_s` sets an expiry that many seconds from now (capability `durations`).
    """

    version: Version
    upload: ObjectId | msgspec.UnsetType = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET
    expires_in_s: Seconds | None = None
    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    card: Card | msgspec.UnsetType | None = msgspec.UNSET


class RearmRequest(TimedMessage, frozen=True, kw_only=True):
    """`POST /v1/shares/{id}/rearm`: reset the view count, with a new limit and expiry if given.

    `expires_in_s` sets an expiry that many seconds from now (capability `durations`).
    """

    views: Views | msgspec.UnsetType | None = msgspec.UNSET
    expires: Time | msgspec.UnsetType | None = msgspec.UNSET
    expires_in_s: Seconds | None = None


class Share(TimedMessage, frozen=True, kw_only=True):
    """A share as the owner's devices see it. `note`, sealed to the owner, names the Piece."""

    id: ObjectId
    version: Version
    created: Time
    updated: Time
    expires: Time | None
    views: Views | None
    opened: Count
    last_opened: Time | None
    size_bytes: SizeBytes
    has_password: bool
    state: Literal["live", "expired", "used-up", "revoked", "blocked"]
    note: Sealed
    card: Card | None = None
    reports: Count = 0


class ShareList(Message, frozen=True, kw_only=True):
    """`GET /v1/shares?after=…`: one page of shares, newest first. `next` is the `after` of the next page, if any."""

    shares: Annotated[tuple[Share, ...], msgspec.Meta(max_length=10_000)]
    next: Annotated[str, msgspec.Meta(max_length=64)] | None = None


ReportReason = Literal["unwanted", "secret", "personal", "malicious", "unlawful", "other"]


class ReportRequest(Message, frozen=True, kw_only=True):
    """`POST /s/{id}/report`, public: report a share to its owner.

    It is a form (`application/x-www-form-urlencoded`), so the page can send it without JavaScript. It must contain
    neither the key nor decrypted content.
    """

    reason: ReportReason
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Report(TimedMessage, frozen=True, kw_only=True):
    """A report as the owner's devices see it. Anyone with the link may have written it."""

    number: Version
    created: Time
    reason: ReportReason
    text: Annotated[str, msgspec.Meta(max_length=1000)]


class ReportList(Message, frozen=True, kw_only=True):
    """`GET /v1/shares/{id}/reports`: the reports, oldest first."""

    reports: Annotated[tuple[Report, ...], msgspec.Meta(max_length=1000)]


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


# -- requests -----------------------------------------------------------------------------------------------

Answers = Annotated[int, msgspec.Meta(ge=1, le=100, description="maximum number of answers")]


class RequestTerms(TimedMessage, frozen=True, kw_only=True):
    """`PUT /v1/requests/{id}`: ask for answers under a link. Idempotent for the same terms (capability `requests`).

    `sheet`, sealed to the holders of the link, says what is asked for. An answer has at most `answer_bytes` bytes,
    sealed. The request ends at `expires`, or `expires_in_s` seconds from now, or with the last of its answers.
    """

    proof_sha256: Sha256
    sheet: Sealed
    answers: Answers = 1
    answer_bytes: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
    expires: Time | None = None
    expires_in_s: Seconds | None = None


class Answer(TimedMessage, frozen=True, kw_only=True):
    """The receipt of an answer: no address, no name. `taken` is when a device deleted it from the cloud."""

    id: ObjectId
    received: Time
    size_bytes: SizeBytes
    sha256: Sha256
    taken: Time | None = None


class OwnedRequest(TimedMessage, frozen=True, kw_only=True):
    """A request as the owner's devices see it, with its answers, oldest first."""

    id: ObjectId
    created: Time
    expires: Time | None
    answer_bytes: SizeBytes
    answers: Answers
    state: Literal["live", "expired", "answered", "revoked", "blocked"]
    sheet: Sealed
    received: Annotated[tuple[Answer, ...], msgspec.Meta(max_length=100)] = ()


class RequestList(Message, frozen=True, kw_only=True):
    """`GET /v1/requests?after=…`: one page of requests, newest first. `next` is the `after` of the next page, if any."""

    requests: Annotated[tuple[OwnedRequest, ...], msgspec.Meta(max_length=1000)]
    next: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class RequestProof(Message, frozen=True, kw_only=True):
    """`POST /v1/requests/{id}/open`, public, without effect: read a request with the proof derived from its key."""

    proof: Sha256


class RequestSheet(TimedMessage, frozen=True, kw_only=True):
    """What a holder of the link needs to answer. Opening it uses nothing up."""

    sheet: Sealed
    answer_bytes: SizeBytes
    expires: Time | None


class AnswerReceipt(TimedMessage, frozen=True, kw_only=True):
    """`PUT /v1/requests/{id}/answers/{answer}`, public: the answer has arrived, and is durable.

    `sha256` is the digest of the sealed answer. Sender and owner can compare it.
    """

    received: Time
    sha256: Sha256


# -- the cloud itself ---------------------------------------------------------------------------------------


class Capabilities(Message, frozen=True, kw_only=True):
    """`GET /v1/capabilities`, public: what this cloud supports beyond the first version of the protocol.

    `satchel_wire.capabilities` lists the names. A client ignores unknown ones.
    """

    capabilities: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=1000)
    ]


class EraseCloudRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/cloud/erase`: erase the cloud at once.

    `code` is a pairing code made by the operator; without one, a fresh sign-in serves (capability `sign-in`).
    """

    code: Code = ""


class ErasedCloud(Message, frozen=True, kw_only=True):
    """What a listing of the storage shows after the erasure (capability `sign-in`).

    `remaining_objects` counts objects of the owner and unfinished uploads: 0 unless something remained.
    `remaining_log_objects` counts what the running service keeps: the log of the empty database, and the proof that the
    storage keeps its promises.
    """

    remaining_objects: Count
    remaining_log_objects: Count


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


class AuditHead(Message, frozen=True, kw_only=True):
    """A position in the audit log: the number of an entry and its hash. Number 0 is the beginning."""

    number: Count
    sha256: Sha256


class AuditEntry(TimedMessage, frozen=True, kw_only=True):
    """An entry of the audit log; docs/spec/audit.md defines its fields and its hash.

    `occurrences` is above 1 if the entry stands for several equal events. `target` is an id, a number or the name of a setting.
    """

    number: Version
    time: Time
    event: Annotated[str, msgspec.Meta(max_length=64)]
    actor: Annotated[str, msgspec.Meta(max_length=64)]
    actor_id: Annotated[str, msgspec.Meta(max_length=1024)] = ""
    target: Annotated[str, msgspec.Meta(max_length=1024)] = ""
    outcome: Annotated[str, msgspec.Meta(max_length=64)] = "done"
    occurrences: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)] = 1
    request: Annotated[str, msgspec.Meta(max_length=64)] = ""
    address: Annotated[str, msgspec.Meta(max_length=64)] = ""
    sha256: Sha256


class AuditPage(Message, frozen=True, kw_only=True):
    """`GET /v1/audit?after=N`: the entries after number N, oldest first (capability `audit`).

    `start` is the entry before the first one of the page: N, or the last deleted entry if N was deleted. `head` is the
    latest entry; while the last entry of a page differs from it, there is another page.
    """

    start: AuditHead
    entries: Annotated[tuple[AuditEntry, ...], msgspec.Meta(max_length=10_000)]
    head: AuditHead


class Status(Message, frozen=True, kw_only=True):
    """`GET /v1/status`: the usage and limits of the cloud.

    With the capability `deletions`: the backups that wait for their deletion, soonest first, and how long a deleted
    backup can be brought back. `backups` does not count them; `used_bytes` does. With the capability `audit`: the latest
    entry of the audit log. With the capability `requests`: the requests, and the answers that no device has taken yet.
    """

    version: Annotated[str, msgspec.Meta(max_length=64)]
    used_bytes: SizeBytes
    backups: Count
    shares: Count
    devices: Count
    limits: Limits
    deletions: Annotated[tuple[Deletion, ...], msgspec.Meta(max_length=100_000)] = ()
    grace_s: Annotated[int, msgspec.Meta(ge=0, le=LARGEST)] | None = None
    audit: AuditHead | None = None
    requests: Count = 0
    answers: Count = 0


class FieldProblem(Message, frozen=True, kw_only=True):
    """An invalid field of a request and the reason."""

    field: Annotated[str, msgspec.Meta(max_length=10_000)]
    reason: Annotated[str, msgspec.Meta(max_length=10_000)]


class Problem(Message, frozen=True, kw_only=True):
    """An RFC 9457 problem document; `satchel_wire.problems` lists every `type`."""

    type: Annotated[str, msgspec.Meta(max_length=1000)]
    title: Annotated[str, msgspec.Meta(max_length=1000)]
    status: Annotated[int, msgspec.Meta(ge=100, le=599)]
    detail: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    request_id: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    fields: Annotated[tuple[FieldProblem, ...], msgspec.Meta(max_length=10_000)] = ()
