"""Prepares a request before anything is sent: its link, its sealed sheet and the message to the cloud.

Pure: the caller passes in time and randomness.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from satchel.requesting.identity import request_key
from satchel.requesting.link import RequestLink
from satchel.requesting.sheet import Sheet, seal_sheet
from satchel_wire.messages import RequestTerms

if TYPE_CHECKING:
    from datetime import datetime

    from satchel.keys.derive import OwnerKeys

ID_BYTES: Final = 16
Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """When a request ends, how many answers it takes, and the largest sealed answer in bytes.

    A duration begins when the cloud gets the request, by its clock. None means no expiry.
    """

    expires: "datetime | timedelta | None"
    answers: int
    answer_bytes: int


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request to make. `link` is for the people who answer."""

    link: RequestLink
    terms: RequestTerms


def plan_request(
    text: str, limits: RequestLimits, *, origin: str, owner: "OwnerKeys", now: "datetime", entropy: Entropy
) -> RequestPlan:
    """Prepare a new request for what `text` names; it may be empty."""
    request_id = entropy(ID_BYTES).hex()
    key = request_key(owner.request_seed, request_id)
    sheet = Sheet(request_id, text, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    terms = RequestTerms(
        proof_sha256=key.proof_sha256,
        sheet=seal_sheet(sheet, key, entropy=entropy),
        answers=limits.answers,
        answer_bytes=limits.answer_bytes,
        expires=None if isinstance(limits.expires, timedelta) else limits.expires,
        expires_in_s=int(limits.expires.total_seconds()) if isinstance(limits.expires, timedelta) else None,
    )
    return RequestPlan(RequestLink(origin, request_id, key), terms)
