"""The commands that the server attacks, with the operations that each one calls.

A test runs every command without an attack and compares the operations, so that the table stays true.
"""

from dataclasses import dataclass
from typing import Final

UPLOAD: Final = ("announce_upload", "put_part", "complete_upload")
LEFT_BY_BACKUP: Final = ("outbox/*",)
"""A sealed archive that could not be sent waits for the next backup. A sync backs up even if another device's backup cannot be merged."""


@dataclass(frozen=True)
class Scenario:
    """One command. `arguments` are filled in with the names of the world.

    `refused` is its exit code if an answer cannot be understood. `home` is the home it runs on. Files that match
    `leaves` may differ after a failure. Until the server answers one of the operations in `stores_before`, the store
    stays as it was.
    """

    name: str
    arguments: tuple[str, ...]
    operations: tuple[str, ...]
    home: str = "desk"
    spoils: bool = False
    """Whether the next command needs a new copy of the cloud."""
    refused: int = 6
    leaves: tuple[str, ...] = ()
    stores_before: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    """Operations that are asked in passing: the command goes on without an answer."""


SCENARIOS: Final = (
    Scenario(
        "connect", ("connect", "{url}", "--pair", "{code}"), ("capabilities", "pair"), home="unconnected"
    ),
    Scenario("devices", ("devices",), ("list_devices",)),
    Scenario("devices add", ("devices", "add"), ("create_pairing",)),
    Scenario(
        "devices revoke", ("devices", "revoke", "{spare}"), ("list_devices", "revoke_device"), spoils=True
    ),
    Scenario(
        "disconnect",
        ("disconnect", "--yes"),
        ("list_shares", "list_backups", "revoke_device"),
        passes=("list_shares", "list_backups"),
        leaves=("cloud.json", "vault/*", "keys/*"),
        spoils=True,
    ),
    Scenario(
        "disconnect --erase-cloud",
        ("disconnect", "--erase-cloud", "--yes", "--code", "{code}"),
        ("capabilities", "erase_cloud"),
        leaves=("cloud.json", "vault/*", "keys/*"),
        spoils=True,
    ),
    Scenario("account", ("account",), ("capabilities", "show_account", "list_devices")),
    Scenario("backups", ("backups",), ("list_backups",)),
    Scenario("backups --deleted", ("backups", "--deleted"), ("list_backups",)),
    Scenario("backups show", ("backups", "show", "{b2}"), ("list_backups", "download_archive")),
    Scenario("backups ls", ("backups", "ls", "{b2}"), ("list_backups", "download_archive")),
    Scenario("backups diff", ("backups", "diff", "{b1}", "{b2}"), ("list_backups", "download_archive")),
    Scenario("backups delete", ("backups", "delete", "{b1}"), ("list_backups", "delete_backup"), spoils=True),
    Scenario(
        "backups delete --now",
        ("backups", "delete", "{b1}", "--now", "--code", "{code}"),
        ("list_backups", "capabilities", "erase_backups"),
        spoils=True,
    ),
    Scenario(
        "backups undelete",
        ("backups", "undelete", "{b0}"),
        ("list_backups", "capabilities", "undelete_backup"),
        spoils=True,
    ),
    Scenario(
        "backups prune --dry-run",
        ("backups", "prune", "--keep-last", "1", "--keep-daily", "0", "--dry-run"),
        ("capabilities", "show_retention", "preview_retention"),
    ),
    Scenario(
        "backups prune",
        ("backups", "prune", "--keep-last", "1", "--keep-daily", "0", "--yes"),
        ("capabilities", "show_retention", "preview_retention", "set_retention"),
        spoils=True,
    ),
    Scenario(
        "backup",
        ("backup",),
        ("list_backups", *UPLOAD, "commit_backup"),
        leaves=LEFT_BY_BACKUP,
    ),
    Scenario(
        "backup --keep-daily",
        ("backup", "--keep-daily", "9"),
        ("capabilities", "show_retention", "set_retention", "list_backups", *UPLOAD, "commit_backup"),
        spoils=True,
        leaves=LEFT_BY_BACKUP,
    ),
    Scenario("restore", ("restore", "--yes"), ("list_backups", "download_archive")),
    Scenario("restore --into", ("restore", "--into", "{into}"), ("list_backups", "download_archive")),
    Scenario("restore --merge", ("restore", "{b3}", "--merge"), ("list_backups", "download_archive")),
    Scenario(
        "restore --piece",
        ("restore", "{b1}", "--piece", "{piece}"),
        ("list_backups", "download_archive"),
    ),
    Scenario(
        "sync",
        ("sync",),
        ("list_backups", "download_archive", *UPLOAD, "commit_backup"),
        leaves=(*LEFT_BY_BACKUP, "backups/*"),
        stores_before=(*UPLOAD, "commit_backup", "list_backups"),
    ),
    Scenario("verify", ("verify",), ("list_backups", "download_archive")),
    Scenario(
        "verify --sample",
        ("verify", "--sample", "50%"),
        ("list_backups", "download_archive"),
    ),
    Scenario("share", ("share", "{piece}"), ("capabilities", *UPLOAD, "publish_share")),
    Scenario("shares", ("shares",), ("list_shares",)),
    Scenario(
        "shares update",
        ("shares", "update", "{s1}", "--card", "--yes"),
        ("list_shares", *UPLOAD, "change_share"),
    ),
    Scenario("shares rearm", ("shares", "rearm", "{s1}", "--views", "3"), ("list_shares", "rearm_share")),
    Scenario("shares revoke", ("shares", "revoke", "{s1}"), ("list_shares", "revoke_share"), spoils=True),
    Scenario("shares link", ("shares", "link", "{s1}"), ("list_shares",)),
    Scenario("shares reports", ("shares", "reports", "{s1}"), ("list_shares", "list_reports")),
    Scenario("get", ("get", "{link4}"), ("share_info", "open_share"), home="nowhere"),
    Scenario(
        "get --password-file",
        ("get", "{link2}", "--password-file", "{password}"),
        ("share_info", "open_share"),
        home="nowhere",
    ),
    Scenario("request", ("request", "the key"), ("capabilities", "make_request")),
    Scenario("requests", ("requests",), ("capabilities", "list_requests")),
    Scenario("requests show", ("requests", "show", "{r1}"), ("capabilities", "list_requests")),
    Scenario(
        "requests take",
        ("requests", "take", "{r1}"),
        ("capabilities", "list_requests", "download_answer", "delete_answer"),
        spoils=True,
        passes=("delete_answer",),
    ),
    Scenario(
        "requests revoke",
        ("requests", "revoke", "{r1}"),
        ("capabilities", "list_requests", "revoke_request"),
        spoils=True,
    ),
    Scenario(
        "answer",
        ("answer", "{request2}", "{password}"),
        ("open_request", "send_answer"),
        home="nowhere",
        spoils=True,
    ),
    Scenario(
        "audit", ("audit",), ("list_devices", "capabilities", "list_audit"), leaves=("audit-heads.json",)
    ),
    Scenario(
        "status",
        ("status",),
        ("list_backups", "capabilities", "show_retention", "list_audit", "list_requests"),
        refused=1,
    ),
    Scenario(
        "doctor",
        ("doctor",),
        ("list_backups", "capabilities", "show_retention", "list_audit", "list_requests"),
        refused=1,
    ),
)

NEVER_CALLED: Final = {
    "show_upload": "an announcement returns the state of an upload",
    "abort_upload": "an unfinished upload expires",
    "show_backup": "the list has every field",
    "show_share": "the list has every field",
    "show_request": "the list has every field",
}
"""Operations on paths that the client uses, for which it has no method, and why."""

WITHOUT_COMMAND: Final = {
    "change_backup": "no command changes the expiry of a backup",
    "show_status": "no command asks for the usage",
    "erase_cloud_without_code": "for clouds without the capability deletions",
    "show_sign_in": "tested with an evil issuer",
    "create_nonce": "tested with an evil issuer",
    "sign_in": "tested with an evil issuer",
    "step_up": "tested with an evil issuer",
    "set_owner": "tested with an evil issuer",
}
"""Operations that a method of the client calls, but no command of the table."""
