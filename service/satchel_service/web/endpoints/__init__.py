"""One function per operation, named after its id: decode, call the core, encode.

Each module is imported when one of its operations is first requested, so a cloud that wakes up for one request loads
only what it needs.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud

Endpoint = Callable[[Request, Cloud], Awaitable[Response]]

MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "devices": ("pair", "create_pairing", "list_devices", "revoke_device"),
    "sign_in": ("show_sign_in", "create_nonce", "sign_in", "step_up", "show_account", "set_owner"),
    "uploads": ("announce_upload", "show_upload", "abort_upload", "put_part", "complete_upload"),
    "backups": (
        "download_archive",
        "list_backups",
        "commit_backup",
        "show_backup",
        "change_backup",
        "delete_backup",
        "undelete_backup",
        "erase_backups",
        "show_retention",
        "set_retention",
        "preview_retention",
    ),
    "shares": (
        "list_shares",
        "publish_share",
        "show_share",
        "change_share",
        "revoke_share",
        "rearm_share",
        "list_reports",
    ),
    "openings": ("share_info", "open_share", "share_page", "share_raw", "report_page", "report_share"),
    "requests": (
        "list_requests",
        "make_request",
        "show_request",
        "revoke_request",
        "open_request",
        "send_answer",
        "download_answer",
        "delete_answer",
        "request_page",
    ),
    "owner": (
        "show_status",
        "capabilities",
        "list_audit",
        "erase_cloud",
        "erase_cloud_without_code",
        "openapi",
    ),
    "health": ("live", "ready"),
}
MODULE_OF: Final = {name: module for module, names in MODULES.items() for name in names}


@cache
def endpoint(operation_id: str) -> Endpoint:
    """Return the function that serves an operation."""
    found: Endpoint = getattr(import_module(f"{__name__}.{MODULE_OF[operation_id]}"), operation_id)
    return found
