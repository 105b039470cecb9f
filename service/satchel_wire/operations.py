"""Every operation of the cloud, written once: method, path, who may, what goes in, what comes out, what may go wrong.

The service mounts this table, the OpenAPI document is generated from it, and docs/spec/wire.md explains it.
Problems that any operation may answer (`not-found` for an unknown path, `internal`, …) are in `ALWAYS`.
"""

from typing import Final, Literal, NamedTuple

from satchel_wire import routes as r
from satchel_wire.problems import ProblemCode as P

Method = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]


class Operation(NamedTuple):
    """One method of one path; `id` is its name in the OpenAPI document and of the service's endpoint.

    `takes` and `gives` name a message of `satchel_wire.messages` (by name: a service that wakes up imports them only
    when it needs them), or say `bytes`, `html` or `json`. A `form` comes as `application/x-www-form-urlencoded`
    instead of JSON; `query` names the optional parameters behind the path.
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
    problems: tuple[P, ...] = ()


ALWAYS: Final = (P.BAD_REQUEST, P.INTERNAL, P.UNAVAILABLE)
WITH_TOKEN: Final = (P.NOT_SIGNED_IN,)
WITH_MESSAGE: Final = (P.TOO_SLOW, P.TOO_LARGE, P.WRONG_TYPE, P.INVALID)

OPERATIONS: Final = (
    Operation(
        "pair",
        "POST",
        r.PAIR,
        "Trade a one-time pairing code for a device token",
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
        "Make a fresh pairing code for another device",
        201,
        None,
        "PairingCode",
    ),
    Operation("list_devices", "GET", r.DEVICES, "List the connected devices", 200, None, "DeviceList"),
    Operation(
        "revoke_device",
        "DELETE",
        r.DEVICE,
        "Disconnect a device; its token ends at once",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "announce_upload",
        "PUT",
        r.UPLOAD,
        "Announce a sealed object, or learn which of its parts are missing",
        200,
        "UploadRequest",
        "Upload",
        problems=(P.NOT_FOUND, P.CONFLICT, P.QUOTA),
    ),
    Operation(
        "show_upload",
        "GET",
        r.UPLOAD,
        "Learn which parts of an upload are missing",
        200,
        None,
        "Upload",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "abort_upload",
        "DELETE",
        r.UPLOAD,
        "Give an upload up; what it had sent is deleted",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "put_part",
        "PUT",
        r.UPLOAD_PART,
        "Send one part, whole; sending it again is harmless",
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
        "Join the parts; all must have been received",
        200,
        None,
        "Upload",
        problems=(P.NOT_FOUND, P.INCOMPLETE),
    ),
    Operation(
        "download_archive",
        "GET",
        r.ARCHIVE,
        "Read a kept archive, whole or a range of it",
        200,
        None,
        "bytes",
        ranged=True,
        problems=(P.NOT_FOUND, P.RANGE),
    ),
    Operation(
        "list_backups", "GET", r.BACKUPS, "List live backups and kept archives", 200, None, "BackupList"
    ),
    Operation(
        "commit_backup",
        "PUT",
        r.BACKUP,
        "Commit an uploaded archive as a backup",
        200,
        "BackupRequest",
        "Backup",
        problems=(P.NOT_FOUND, P.CONFLICT, P.INCOMPLETE, P.NEEDS_MISSING),
    ),
    Operation(
        "show_backup", "GET", r.BACKUP, "Show one backup", 200, None, "Backup", problems=(P.NOT_FOUND,)
    ),
    Operation(
        "change_backup",
        "PATCH",
        r.BACKUP,
        "Give a backup another expiry",
        200,
        "BackupChange",
        "Backup",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "delete_backup",
        "DELETE",
        r.BACKUP,
        "Delete a backup, and every archive that no other backup needs",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "list_shares",
        "GET",
        r.SHARES,
        "List shares, newest first, a page at a time",
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
        "Put another body under the same link, or other limits",
        200,
        "ShareChange",
        "Share",
        problems=(P.NOT_FOUND, P.CONFLICT, P.INCOMPLETE, P.REVOKED, P.BLOCKED),
    ),
    Operation(
        "revoke_share",
        "DELETE",
        r.SHARE,
        "End a share at once and delete its body",
        204,
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "rearm_share",
        "POST",
        r.SHARE_REARM,
        "Count views from zero again, with other limits if given",
        200,
        "RearmRequest",
        "Share",
        problems=(P.NOT_FOUND, P.REVOKED),
    ),
    Operation(
        "list_reports",
        "GET",
        r.SHARE_REPORTS,
        "List what recipients reported of a share, oldest first",
        200,
        None,
        "ReportList",
        problems=(P.NOT_FOUND,),
    ),
    Operation(
        "share_info",
        "GET",
        r.SHARE_INFO,
        "What an opener must know first; no effect",
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
        "Take one view and read the sealed body, with the proof of the key",
        200,
        "OpenRequest",
        "bytes",
        public=True,
        problems=(P.NOT_FOUND, P.WRONG_PROOF, P.EXPIRED, P.USED_UP, P.REVOKED, P.TOO_MANY, P.BLOCKED),
    ),
    Operation("show_status", "GET", r.STATUS, "What the cloud holds and accepts", 200, None, "Status"),
    Operation("erase_cloud", "DELETE", r.CLOUD, "Delete everything: backups, shares, devices", 204),
    Operation("openapi", "GET", r.OPENAPI, "This document", 200, None, "json", public=True),
    Operation(
        "share_page",
        "GET",
        r.SHARE_PAGE,
        "A page that opens the link in the browser; no effect",
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
        "The sealed body of a share without view limit and password",
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
        "A form that reports a share to its owner; no effect",
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
        "Report a share to its owner, with the form or by a program",
        200,
        "ReportRequest",
        "html",
        public=True,
        form=True,
        problems=(P.NOT_FOUND, P.TOO_MANY),
    ),
    Operation("live", "GET", r.LIVE, "Whether the process answers", 200, None, "Health", public=True),
    Operation(
        "ready", "GET", r.READY, "Whether database and storage can be used", 200, None, "Health", public=True
    ),
)


def problems_of(operation: Operation) -> tuple[P, ...]:
    """Every problem that `operation` may answer, in the table's order and without repeats."""
    expected = {*ALWAYS, *operation.problems}
    if not operation.public:
        expected |= set(WITH_TOKEN)
    if operation.takes not in (None, "bytes"):
        expected |= set(WITH_MESSAGE)
    return tuple(code for code in P if code in expected)
