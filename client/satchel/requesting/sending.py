"""Answers a link for another person, without a store, keys or an account."""

import hashlib
from typing import TYPE_CHECKING, Final

from satchel.cloud.problems import EndedError, WrongProofError
from satchel.errors import IntegrityError, NotFoundError, RefusedError
from satchel.requesting.answer import receipt_of
from satchel.requesting.sheet import Sheet, open_sheet
from satchel_wire.messages import RequestProof

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel.requesting.link import RequestLink
    from satchel_wire.messages import RequestSheet

ID_BYTES: Final = 16


def read_request(client: "CloudClient", link: "RequestLink") -> tuple[Sheet, "RequestSheet"]:
    """Return what a link asks for, and its limits. Nothing is used up.

    Raise NotFoundError if the request is unknown or has ended, RefusedError if the key is wrong, and IntegrityError if
    the sheet does not authenticate.
    """
    try:
        limits = client.open_request(link.request_id, RequestProof(proof=link.key.proof))
    except WrongProofError as exc:
        raise RefusedError(
            "the link's key does not belong to this request", hint="check the link; nothing was sent"
        ) from exc
    except EndedError:
        raise
    except NotFoundError as exc:
        raise NotFoundError(
            f"there is no request {link.request_id!r} at {link.origin!r}, or it has ended",
            hint="check the link, or ask for a new one",
        ) from exc
    return open_sheet(limits.sheet, link.key, request_id=link.request_id), limits


def send_answer(client: "CloudClient", link: "RequestLink", answer_id: str, sealed: bytes) -> str:
    """Send a sealed answer and return its receipt. Sending the same answer again is harmless.

    Raise IntegrityError if the cloud confirms other bytes than were sent.
    """
    receipt = client.send_answer(link.request_id, answer_id, sealed, link.key.proof)
    digest = hashlib.sha256(sealed).digest()
    if receipt.sha256 != digest:
        raise IntegrityError(
            "the cloud confirms another answer than was sent", hint="ask the person who sent you the link"
        )
    return receipt_of(digest)
