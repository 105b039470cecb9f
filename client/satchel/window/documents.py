"""What commands print with --json, as messages of the window: the fields that the page shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from satchel.pieces.model import moment

Message = TypeVar("Message", bound=msgspec.Struct)


def shown(document: Mapping[str, Any], message: type[Message], /, **more: object) -> Message:
    """Return a document as a message, with further fields. Fields that the message lacks are left out."""
    return msgspec.convert({**document, **more}, message)


def text_of(time: datetime | None) -> str | None:
    """Return a time as the page gets it."""
    return None if time is None else moment(time)
