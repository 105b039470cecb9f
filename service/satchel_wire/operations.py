"""Every operation of the cloud: method, path, access, request, response and problems.

The service mounts this table, the OpenAPI document is generated from it, and docs/spec/wire.md explains it.
`ALWAYS` lists the problems that any operation can return.
"""

from typing import Final, Literal, NamedTuple

from satchel_wire import routes as r
from satchel_wire.problems import ProblemCode as P

Method = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]


class Operation(NamedTuple):
    """One method of one path; `id` names it in the OpenAPI document and names its endpoint in the service.

    `takes` and `gives` are the name of a message in `satchel_wire.messages`, or `bytes`, `html` or `json`. (They are
    names because a starting service imports the messages only when it needs them.) `public` operations take no device
    token, `ranged` ones serve byte ranges. The request of a `form` operation is `application/x-www-form-urlencoded`
    instead of JSON; `query` lists the optional query parameters. Clients that lack the capability of the response get
    `earlier_status` without a body.
    """

    id: str
    method: Method
    route: str
    summary: str
    status: int
    takes: str | None = None
    gives: str | None = None
    public: bool = False
    ranged: bool = False
    form: bool = False
    query: tuple[str, ...] = ()
    earlier_status: int | None = None
    problems: tuple[P, ...] = ()


ALWAYS: Final = (P.BAD_REQUEST, P.MOVED, P.INTERNAL, P.UNAVAILABLE)
WITH_TOKEN: Final = (P.NOT_SIGNED_IN,)
WITH_MESSAGE: Final = (P.TOO_SLOW, P.TOO_LARGE, P.WRONG_TYPE, P.INVALID)

SIGNING_IN: Final = (
    P.NOT_FOUND,
    P.WRONG_SIGN_IN,
    P.NOT_OWNER,
    P.SECOND_FACTOR,
    P.WRONG_CODE,
    P.TOO_MANY,
)

OPERATIONS: Final = (
    Operation(
        "pair",
        "POST",
        r.PAIR,
        "Exchange a one-time pairing code for a device token",
        201,
        "PairRequest",
        "PairResponse",
        public=True,
        problems=(P.WRONG_CODE, P.TOO_MANY, P.QUOTA),
    ),
    Operation(
        "create_pairing",
        "POST",
        r.PAIRINGS,
        "Create a one-time pairing code for another device",
        201,
        None,
        "PairingCode",
        problems=(P.FRESH_SIGN_IN,),
    ),
    Operation("list_devices", "GET", r.DEVICES, "List the connected devices", 200, None, "DeviceList"),
    Operation(
        "revoke_device",
        "DELETE",
        r.DEVICE,
        "Disconnect a device and revoke its token at once",
        204,
        problems=(P.NOT_FOUND, P.FRESH_SIGN_IN),
    ),
    Operation(
        "show_sign_in",
        "GET",
        r.SIGN_IN,
        "Show where and how the owner signs in; not found without an issuer",
        200,
        None,
        "SignInInfo",
        public=True,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "create_nonce",
        "POST",
        r.SIGN_IN_NONCE,
        "Create the nonce of one ID token",
        201,
        None,
        "SignInNonce",
        public=True,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "sign_in",
        "POST",
        r.SIGN_IN,
        "Exchange an ID token of the owner for a device token",
        201,
        "SignInRequest",
        "SignInResponse",
        public=True,
        problems=(*SIGNING_IN, P.QUOTA),
    ),
    Operation(
        "step_up",
        "POST",
        r.SIGN_IN_FRESH,
        "Show a fresh sign-in of the owner on this device",
        200,
        "FreshSignInRequest",
        "FreshSignIn",
        problems=SIGNING_IN,
    ),
    Operation("show_account", "GET", r.ACCOUNT, "Show the account of the owner", 200, None, "Account"),
    Operation(
        "set_owner",
        "PUT",
        r.OWNER,
        "Make another account the owner, after a fresh sign-in of the present one",
        200,
        "OwnerRequest",
        "Account",
        problems=(*SIGNING_IN, P.FRESH_SIGN_IN, P.CONFLICT),
    ),
    Operation(
        "announce_upload",
        "PUT",
        r.UPLOAD,
        "Announce a sealed object, or get the state of its parts",
        200,
        "UploadRequest",
        "Upload",
        problems=(P.NOT_FOUND, P.CONFLICT, P.QUOTA),
    ),
    Operation(
        "show_upload",
        "GET",
        r.UPLOAD,
        "Get the state of an upload and its parts",
        200,
        None,
        "Upload",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "abort_upload",
        "DELETE",
        r.UPLOAD,
        "Abort an upload and delete the parts received",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "put_part",
        "PUT",
        r.UPLOAD_PART,
        "Upload one whole part; repeating it is harmless",
        204,
        "bytes",
        problems=(
            P.NOT_FOUND,
            P.TOO_SLOW,
            P.CONFLICT,
            P.LENGTH_REQUIRED,
            P.TOO_LARGE,
            P.WRONG_TYPE,
            P.INVALID,
            P.WRONG_DIGEST,
            P.QUOTA,
        ),
    ),
    Operation(
        "complete_upload",
        "POST",
        r.UPLOAD_COMPLETE,
        "Complete an upload whose parts have all been received",
        200,
        None,
        "Upload",
        problems=(P.NOT_FOUND, P.INCOMPLETE),
    ),
    Operation(
        "download_archive",
        "GET",
        r.ARCHIVE,
        "Download an archive, whole or a byte range",
        200,
        None,
        "bytes",
        ranged=True,
        problems=(P.NOT_FOUND, P.RANGE),
    ),
    Operation(
        "list_backups",
        "GET",
        r.BACKUPS,
        "List live backups, every archive they need, and the backups that wait for their deletion",
        200,
        None,
        "BackupList",
    ),
    Operation(
        "commit_backup",
        "PUT",
        r.BACKUP,
        "Commit an uploaded archive as a backup",
        200,
        "BackupRequest",
        "Backup",
        problems=(P.NOT_FOUND, P.CONFLICT, P.INCOMPLETE, P.NEEDS_MISSING, P.QUOTA),
    ),
    Operation(
        "show_backup", "GET", r.BACKUP, "Show one backup", 200, None, "Backup", problems=(P.NOT_FOUND,)
    ),
    Operation(
        "change_backup",
        "PATCH",
        r.BACKUP,
        "Change the expiry of a backup",
        200,
        "BackupChange",
        "Backup",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "delete_backup",
        "DELETE",
        r.BACKUP,
        "Delete a backup; it can be brought back during the grace period",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "undelete_backup",
        "POST",
        r.BACKUP_UNDELETE,
        "Bring back a backup that waits for its deletion",
        200,
        None,
        "Backup",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "erase_backups",
        "POST",
        r.BACKUPS_ERASE,
        "Erase backups at once, with a pairing code made by the operator or a fresh sign-in",
        204,
        "EraseBackupsRequest",
        problems=(P.WRONG_CODE, P.FRESH_SIGN_IN, P.NOT_FOUND, P.TOO_MANY),
    ),
    Operation(
        "show_retention", "GET", r.RETENTION, "Show which backups are kept", 200, None, "RetentionState"
    ),
    Operation(
        "set_retention",
        "PUT",
        r.RETENTION,
        "Set which backups are kept, and apply it at once",
        200,
        "Retention",
        "RetentionState",
    ),
    Operation(
        "preview_retention",
        "POST",
        r.RETENTION_PREVIEW,
        "Show which backups a retention would delete and bring back; has no effect",
        200,
        "Retention",
        "RetentionPreview",
    ),
    Operation(
        "list_shares",
        "GET",
        r.SHARES,
        "List shares, newest first, in pages",
        200,
        None,
        "ShareList",
        query=("after",),
        problems=(P.INVALID,),
    ),
    Operation(
        "publish_share",
        "PUT",
        r.SHARE,
        "Publish an uploaded share",
        200,
        "ShareRequest",
        "Share",
        problems=(P.NOT_FOUND, P.CONFLICT, P.INCOMPLETE, P.BLOCKED, P.QUOTA),
    ),
    Operation("show_share", "GET", r.SHARE, "Show one share", 200, None, "Share", problems=(P.NOT_FOUND,)),
    Operation(
        "change_share",
        "PATCH",
        r.SHARE,
        "Replace the body of a share, or change its limits or card",
        200,
        "ShareChange",
        "Share",
        problems=(P.NOT_FOUND, P.CONFLICT, P.INCOMPLETE, P.REVOKED, P.BLOCKED),
    ),
    Operation(
        "revoke_share",
        "DELETE",
        r.SHARE,
        "Revoke a share at once and delete its body",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "rearm_share",
        "POST",
        r.SHARE_REARM,
        "Reset the view count of a share, optionally with new limits",
        200,
        "RearmRequest",
        "Share",
        problems=(P.NOT_FOUND, P.REVOKED),
    ),
    Operation(
        "list_reports",
        "GET",
        r.SHARE_REPORTS,
        "List the reports about a share, oldest first",
        200,
        None,
        "ReportList",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "share_info",
        "GET",
        r.SHARE_INFO,
        "Get the data that a recipient needs to open a share; has no effect",
        200,
        None,
        "ShareInfo",
        public=True,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "open_share",
        "POST",
        r.SHARE_OPEN,
        "Open a share with proof of its key: count one view and return the sealed body",
        200,
        "OpenRequest",
        "bytes",
        public=True,
        problems=(P.NOT_FOUND, P.WRONG_PROOF, P.EXPIRED, P.USED_UP, P.REVOKED, P.TOO_MANY, P.BLOCKED),
    ),
    Operation("show_status", "GET", r.STATUS, "Get the usage and limits of the cloud", 200, None, "Status"),
    Operation(
        "list_audit",
        "GET",
        r.AUDIT,
        "List the audit log, oldest entry first, in pages",
        200,
        None,
        "AuditPage",
        query=("after",),
        problems=(P.INVALID,),
    ),
    Operation(
        "capabilities",
        "GET",
        r.CAPABILITIES,
        "List what this cloud supports beyond the first version of the protocol",
        200,
        None,
        "Capabilities",
        public=True,
    ),
    Operation(
        "erase_cloud",
        "POST",
        r.CLOUD_ERASE,
        "Erase the cloud (backups, shares and devices), with a pairing code made by the operator or a fresh sign-in",
        200,
        "EraseCloudRequest",
        "ErasedCloud",
        problems=(P.WRONG_CODE, P.FRESH_SIGN_IN, P.TOO_MANY),
        earlier_status=204,
    ),
    Operation(
        "erase_cloud_without_code",
        "DELETE",
        r.CLOUD,
        "Refused: earlier clients erase a cloud without a code of the operator",
        204,
        problems=(P.WRONG_CODE,),
    ),
    Operation("openapi", "GET", r.OPENAPI, "Get this document", 200, None, "json", public=True),
    Operation(
        "share_page",
        "GET",
        r.SHARE_PAGE,
        "Get the page that opens a share in the browser; has no effect",
        200,
        None,
        "html",
        public=True,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "share_raw",
        "GET",
        r.SHARE_RAW,
        "Download the sealed body of a share that has neither a view limit nor a password",
        200,
        None,
        "bytes",
        public=True,
        ranged=True,
        problems=(P.NOT_FOUND, P.RANGE),
    ),
    Operation(
        "report_page",
        "GET",
        r.SHARE_REPORT,
        "Get the form that reports a share to its owner; has no effect",
        200,
        None,
        "html",
        public=True,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "report_share",
        "POST",
        r.SHARE_REPORT,
        "Report a share to its owner",
        200,
        "ReportRequest",
        "html",
        public=True,
        form=True,
        problems=(P.NOT_FOUND, P.TOO_MANY),
    ),
    Operation("live", "GET", r.LIVE, "Check that the process responds", 200, None, "Health", public=True),
    Operation(
        "ready",
        "GET",
        r.READY,
        "Check that the database and the storage respond",
        200,
        None,
        "Health",
        public=True,
    ),
)


def problems_of(operation: Operation) -> tuple[P, ...]:
    """Return every problem that an operation can return, in the order of `ProblemCode`."""
    expected = {*ALWAYS, *operation.problems}
    if not operation.public:
        expected |= set(WITH_TOKEN)
    if operation.takes not in (None, "bytes"):
        expected |= set(WITH_MESSAGE)
    return tuple(code for code in P if code in expected)
