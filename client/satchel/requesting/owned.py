"""The owner's requests: list them with what they ask for, and open their answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from satchel.errors import IntegrityError
from satchel.ids import by_prefix
from satchel.requesting.answer import Answer, open_answer
from satchel.requesting.identity import request_identity, request_key
from satchel.requesting.link import RequestLink
from satchel.requesting.sheet import Sheet, open_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.cloud.client import CloudClient
    from satchel.keys.derive import OwnerKeys
    from satchel_wire.messages import Answer as Receipt
    from satchel_wire.messages import OwnedRequest


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """A request as the cloud reports it, and its sheet; None if it was not made with these keys."""

    request: "OwnedRequest"
    sheet: Sheet | None

    @property
    def waiting(self) -> "tuple[Receipt, ...]":
        """The receipts of the answers that no device has taken."""
        return tuple(receipt for receipt in self.request.received if receipt.taken is None)

    @property
    def title(self) -> str:
        """What was asked for, in words for a table or a Piece."""
        return (self.sheet.text if self.sheet else "") or "an answer"


def asked_requests(client: "CloudClient", owner: "OwnerKeys") -> list[AskedRequest]:
    """List the owner's requests with their sheets, newest first."""
    return [AskedRequest(request, _sheet(request, owner)) for request in client.requests()]


def find_request(requests: "Sequence[AskedRequest]", prefix: str) -> AskedRequest:
    """Return the request whose id begins with `prefix`. Raise UsageError if several do, NotFoundError if none does."""
    return by_prefix(
        requests, prefix, id_of=lambda asked: asked.request.id, what="request", command="satchel requests"
    )


def link_of(request_id: str, *, origin: str, owner: "OwnerKeys") -> RequestLink:
    """Return the link of an owner's request."""
    return RequestLink(origin, request_id, request_key(owner.request_seed, request_id))


def download(client: "CloudClient", owner: "OwnerKeys", request_id: str, receipt: "Receipt") -> Answer:
    """Download and open an answer; it stays in the cloud. Raise IntegrityError if it is not what the receipt says."""
    sealed = client.answer(request_id, receipt)
    return open_answer(
        sealed,
        request_identity(owner.request_seed, request_id),
        request_id=request_id,
        answer_id=receipt.id,
    )


def _sheet(request: "OwnedRequest", owner: "OwnerKeys") -> Sheet | None:
    key = request_key(owner.request_seed, request.id)
    try:
        return open_sheet(request.sheet, key, request_id=request.id)
    except IntegrityError:
        return None
