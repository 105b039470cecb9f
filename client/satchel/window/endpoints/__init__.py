"""The endpoints of the operations: each takes a `Call` and a request, and returns an answer.

A module is imported at the first call of one of its operations.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

from satchel.errors import NotFoundError

Endpoint = Callable[..., Any]

_MODULES: Final[dict[str, tuple[str, ...]]] = {
    "starting": ("hello", "unlock", "job", "jobs", "cancel_job", "prove_window"),
    "finding": ("find", "filters"),
    "reading": ("read_piece", "read_file", "history", "compare"),
    "editing": (
        "edit_piece",
        "restore_revision",
        "remove_pieces",
        "accept_suggestion",
        "refuse_suggestion",
    ),
    "adding": ("add_piece", "propose", "read_image"),
    "importing": ("import_kinds", "preview_import", "start_import"),
    "drafting": ("keep_draft", "drop_draft", "drafts", "read_draft", "set_preference"),
    "sharing": (
        "check_share",
        "publish_share",
        "shares",
        "share_link",
        "share_reports",
        "update_share",
        "rearm_share",
        "revoke_share",
    ),
    "requesting": ("requests", "make_request", "request_link", "take_answers", "revoke_request"),
    "backing_up": (
        "protection",
        "backups",
        "calendar",
        "set_retention",
        "start_backup",
        "start_verify",
        "backup_pieces",
        "delete_backups",
        "undelete_backups",
    ),
    "restoring": ("preview_restore", "start_restore", "undo_restore"),
    "settling": (
        "settings",
        "set_setting",
        "processing",
        "set_processing",
        "telemetry",
        "set_telemetry",
        "schedules",
        "preview_schedule",
        "add_schedule",
        "remove_schedule",
    ),
    "connecting": (
        "cloud",
        "start_connect",
        "start_sign_in",
        "start_disconnect",
        "sign_out",
        "devices",
        "start_add_device",
        "start_revoke_device",
    ),
    "remembering": (
        "memory_sources",
        "set_memory",
        "pause_memory",
        "timeline",
        "preview_forget_memory",
        "forget_memory",
    ),
    "records": ("ledger", "ledger_text", "verify_ledger", "forget_ledger", "audit_log"),
    "statistics": ("statistics",),
    "suggesting": ("suggest_tags", "similar", "related", "suggestions"),
}
MODULES: Final[dict[str, str]] = {name: module for module, names in _MODULES.items() for name in names}
"""The module of each operation. A test compares it with the table of operations."""


@cache
def find_endpoint(name: str) -> Endpoint:
    """Return the endpoint of an operation. NotFoundError if this version has none."""
    if name not in MODULES:
        raise NotFoundError(f"there is no operation {name!r}", hint="reload the page")
    found: Endpoint = getattr(import_module(f"satchel.window.endpoints.{MODULES[name]}"), name)
    return found
