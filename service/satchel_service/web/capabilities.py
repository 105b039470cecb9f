"""Responses to clients of every version: fields that a client does not know are left out.

A client names the capabilities that it knows in its `Satchel-Capabilities` header; earlier ones send none.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from satchel_wire.capabilities import HEADER, Capability, parse_header
from satchel_wire.messages import Backup, BackupList, Message, Status

M = TypeVar("M", bound=Message)

# The fields of responses that came with a capability. Each has a default, which is not encoded.
FIELDS: Final[Mapping[type[Message], Mapping[str, Capability]]] = {
    Backup: {
        "device": Capability.BACKUP_DEVICES,
        "is_held": Capability.RETENTION,
        "deletion": Capability.DELETIONS,
    },
    BackupList: {"deleted": Capability.DELETIONS},
    Status: {
        "deletions": Capability.DELETIONS,
        "grace_s": Capability.DELETIONS,
        "audit": Capability.AUDIT,
        "requests": Capability.REQUESTS,
        "answers": Capability.REQUESTS,
    },
}


def knows(request: Request, capability: Capability) -> bool:
    """Return whether the client knows a capability."""
    return capability in parse_header(request.headers.get(HEADER, ""))


def only_known(request: Request, message: M) -> M:
    """Return the message without the fields that the client does not know."""
    return _only_known(message, parse_header(request.headers.get(HEADER, "")))


def _only_known(message: M, known: frozenset[Capability]) -> M:
    unknown = [name for name, needed in FIELDS.get(type(message), {}).items() if needed not in known]
    defaults = {field.name: field.default for field in msgspec.structs.fields(type(message))}
    changes: dict[str, Any] = {name: defaults[name] for name in unknown}
    if isinstance(message, BackupList):
        changes["backups"] = tuple(_only_known(backup, known) for backup in message.backups)
    return msgspec.structs.replace(message, **changes) if changes else message
