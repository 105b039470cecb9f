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
    "starting": ("hello", "unlock", "job", "jobs", "cancel_job"),
    "finding": ("find", "filters"),
    "reading": ("read_piece", "read_file", "history", "compare"),
    "editing": (
        "edit_piece",
        "restore_revision",
        "remove_pieces",
        "accept_suggestion",
        "refuse_suggestion",
    ),
    "suggesting": ("suggest_tags", "similar", "related", "suggestions"),
}
MODULES: Final[dict[str, str]] = {name: module for module, names in _MODULES.items() for name in names}
"""The module of each operation. A test compares it with the table of operations."""


@cache
def find_endpoint(name: str) -> Endpoint:
    """Return the endpoint of an operation. NotFoundError if this version has none."""
    if name not in MODULES:
        raise NotFoundError(f"the operation {name!r} is not there", hint="reload the page")
    found: Endpoint = getattr(import_module(f"satchel.window.endpoints.{MODULES[name]}"), name)
    return found
