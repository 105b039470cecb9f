"""What a cloud can support beyond the first version of the protocol, by name.

Messages refuse unknown fields, so both sides ask before they send new ones:

- A client sends a new field only to a cloud that lists its capability (`GET /v1/capabilities`).
- A cloud sends a new field only in response to a request whose `Satchel-Capabilities` header names its capability.
  An earlier cloud ignores the header.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

HEADER: Final = "Satchel-Capabilities"
MAX_HEADER_CHARS: Final = 1000


class Capability(Enum):
    """A feature that both sides must know."""

    DURATIONS = "durations"
    """Relative expiries: `expires_in_s` in requests."""
    BACKUP_DEVICES = "backup-devices"
    """`device` in backups."""
    RETENTION = "retention"
    """The retention of backups: `/v1/retention`."""
    DELETIONS = "deletions"
    """Deleted backups wait and can be brought back; erasing at once takes a code of the operator."""
    SIGN_IN = "sign-in"
    """Sign-in at an issuer: `/v1/sign-in`, `/v1/account`, `/v1/owner`."""
    AUDIT = "audit"
    """The audit log: `/v1/audit`, and its latest entry in the status."""
    REQUESTS = "requests"
    """Requests for Pieces of other people: `/v1/requests`, and what waits of them in the status."""


ALL: Final = frozenset(Capability)
_BY_NAME: Final = {capability.value: capability for capability in Capability}


def parse_names(names: Iterable[str]) -> frozenset[Capability]:
    """Return the capabilities with these names; unknown names are skipped."""
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)


def parse_header(text: str) -> frozenset[Capability]:
    """Return the capabilities in the value of a `Satchel-Capabilities` header."""
    return parse_names(name.strip().lower() for name in text[:MAX_HEADER_CHARS].split(","))


def format_header(capabilities: Iterable[Capability]) -> str:
    """Return the value of the header that names these capabilities."""
    return ", ".join(sorted(capability.value for capability in capabilities))
