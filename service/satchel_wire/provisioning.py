"""The messages between a device and a provisioner: the service that makes a cloud for each owner.

A provisioner also serves the operations `capabilities`, `show_sign_in` and `create_nonce` of `satchel_wire.operations`.
It names the capability `provision`, which a cloud never does. It keeps nothing between requests: the ticket says who
asks, and each `advance_cloud` request does the next part of the work.
"""

from typing import Annotated, Final, Literal

import msgspec

from satchel_wire.messages import Message, Nonce
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode as P

PROVISION: Final = "provision"  # among the names that `GET /v1/capabilities` lists
CLOUDS: Final = "/v1/clouds"
CLOUD_REMOVAL: Final = "/v1/clouds/removal"
CLOUD_ADVANCE: Final = "/v1/clouds/advance"
MAX_TOKEN_CHARS: Final = 16_384
MAX_TICKET_CHARS: Final = 2_048

IdToken = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TOKEN_CHARS, description="an ID token")]
Ticket = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=MAX_TICKET_CHARS,
        description="proof of a sign-in for this one purpose, valid for an hour; opaque to the device",
    ),
]
CloudState = Literal["creating", "ready", "removing", "gone", "failed"]


class CloudRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/clouds`: ask for the owner's cloud; `POST /v1/clouds/removal`: ask for its removal.

    `nonce` is one of this provisioner; the ID token carries it bound to the provisioner's address. A removal takes a sign-in of the last five minutes.
    """

    id_token: IdToken
    nonce: Nonce


class AdvanceRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/clouds/advance`: continue what the ticket is for."""

    ticket: Ticket


class CloudProgress(Message, frozen=True, kw_only=True):
    """How far a creation or a removal is.

    `step` says in a few words what comes next. Ask again after `retry_after_s` seconds while the state is `creating` or
    `removing`. `url` is the address of the cloud. `detail` explains `failed`; asking again may succeed.
    """

    state: CloudState
    name: Annotated[str, msgspec.Meta(pattern=r"^c[a-z2-7]{25}$", max_length=26)]
    url: Annotated[str, msgspec.Meta(max_length=300)]
    ticket: Ticket
    step: Annotated[str, msgspec.Meta(max_length=200)] = ""
    detail: Annotated[str, msgspec.Meta(max_length=500)] = ""
    retry_after_s: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0


WITH_SIGN_IN: Final = (P.WRONG_SIGN_IN, P.SECOND_FACTOR, P.NOT_OWNER, P.TOO_MANY, P.QUOTA)

PROVISIONER_OPERATIONS: Final = (
    Operation(
        "request_cloud",
        "POST",
        CLOUDS,
        "Ask for the owner's cloud: create it, or find it",
        202,
        "CloudRequest",
        "CloudProgress",
        public=True,
        problems=WITH_SIGN_IN,
    ),
    Operation(
        "remove_cloud",
        "POST",
        CLOUD_REMOVAL,
        "Take the owner's cloud down: its host name and access first, then its data",
        202,
        "CloudRequest",
        "CloudProgress",
        public=True,
        problems=(*WITH_SIGN_IN, P.NOT_FOUND, P.FRESH_SIGN_IN),
    ),
    Operation(
        "advance_cloud",
        "POST",
        CLOUD_ADVANCE,
        "Continue a creation or a removal",
        200,
        "AdvanceRequest",
        "CloudProgress",
        public=True,
        problems=(P.NOT_SIGNED_IN, P.TOO_MANY, P.QUOTA),
    ),
)
