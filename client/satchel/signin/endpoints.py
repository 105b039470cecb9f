"""Requests to the endpoints of an issuer: exchanging a code, refreshing, revoking.

Nothing follows a redirect, every answer is bounded, and a code or token is sent only to the issuer that gave it.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final, TypeVar
from urllib.parse import urlencode

import msgspec

from satchel.errors import UnreachableError
from satchel.outgoing.transport import Request
from satchel.signin.authorization import IssuerRefusedError, issuer_error
from satchel.signin.id_token import MAX_TOKEN_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from satchel.errors import SatchelError
    from satchel.outgoing.transport import Response, Transport
    from satchel.signin.issuer import Metadata
    from satchel_wire.messages import SignInInfo

T = TypeVar("T")
MAX_ANSWER_BYTES: Final = 128 << 10
MAX_REFRESH_TOKEN_CHARS: Final = 16 << 10
FORM: Final = "application/x-www-form-urlencoded"
NOT_SUPPORTED: Final = frozenset({"unsupported_token_type"})


class _Tokens(msgspec.Struct, frozen=True, kw_only=True):
    id_token: Annotated[str, msgspec.Meta(max_length=MAX_TOKEN_BYTES)] | None = None
    refresh_token: Annotated[str, msgspec.Meta(max_length=MAX_REFRESH_TOKEN_CHARS)] | None = None


class _Failure(msgspec.Struct, frozen=True, kw_only=True):
    error: Annotated[str, msgspec.Meta(max_length=1000)]
    error_description: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave. The issuer may leave the ID token out only if it refreshes. The access token is not kept: satchel has no use for it."""

    id_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """How this application identifies itself: by its id, and by a published secret where the issuer wants one."""

    client_id: str
    client_secret: str | None = None

    @classmethod
    def of(cls, info: "SignInInfo") -> "Client":
        """Return the client that a cloud names."""
        return cls(info.client_id, info.client_secret)

    def fields(self) -> dict[str, str]:
        """Return the fields of a form that identify the client."""
        secret = {"client_secret": self.client_secret} if self.client_secret else {}
        return {"client_id": self.client_id, **secret}


def redeem_code(
    metadata: "Metadata",
    client: Client,
    transport: "Transport",
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
) -> Tokens:
    """Exchange an authorization code. Never repeated: a code works once."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        **client.fields(),
    }
    return ask_for_tokens(metadata, transport, form)


def refresh(metadata: "Metadata", client: Client, transport: "Transport", token: str) -> Tokens:
    """Exchange a refresh token, which may end it. Never repeated: reuse looks like theft to the issuer."""
    return ask_for_tokens(
        metadata, transport, {"grant_type": "refresh_token", "refresh_token": token, **client.fields()}
    )


def revoke(metadata: "Metadata", client: Client, transport: "Transport", token: str) -> bool:
    """Revoke a refresh token (RFC 7009). Return False if the issuer has no endpoint for it."""
    if metadata.revocation_endpoint is None:
        return False
    form = {"token": token, "token_type_hint": "refresh_token", **client.fields()}
    response = post_form(metadata.revocation_endpoint, form, transport, is_repeatable=True)
    if response.status >= 400:
        failure = failure_of(response, metadata.issuer)
        if isinstance(failure, IssuerRefusedError) and failure.code in NOT_SUPPORTED:
            return False
        raise failure
    return True


def ask_for_tokens(metadata: "Metadata", transport: "Transport", form: "Mapping[str, str]") -> Tokens:
    """Send a token request. Raise IssuerRefusedError for an error code, UnreachableError for any other answer."""
    response = post_form(metadata.token_endpoint, form, transport)
    if response.status != 200:
        raise failure_of(response, metadata.issuer)
    found = decode(response, _Tokens, metadata.issuer)
    return Tokens(found.id_token or None, found.refresh_token or None)


def post_form(
    url: str, form: "Mapping[str, str]", transport: "Transport", *, is_repeatable: bool = False
) -> "Response":
    """Post a form to an endpoint of the issuer."""
    headers = {"Content-Type": FORM, "Accept": "application/json"}
    body = urlencode(form).encode()
    request = Request(
        "POST", url, body, headers, MAX_ANSWER_BYTES, is_repeatable=is_repeatable, kind="sign-in"
    )
    return transport.send(request)


def decode(response: "Response", kind: type[T], issuer: str) -> T:
    """Decode an answer of the issuer."""
    try:
        return msgspec.json.decode(response.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _foreign(response, issuer) from exc


def failure_of(response: "Response", issuer: str) -> "SatchelError":
    """Return the error for an answer that is not a success."""
    try:
        found = msgspec.json.decode(response.body, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _foreign(response, issuer)
    return issuer_error(issuer, found.error, found.error_description)


def _foreign(response: "Response", issuer: str) -> UnreachableError:
    return UnreachableError(
        f"the issuer {issuer!r} sent an answer that satchel does not understand (status {response.status})",
        hint="try again in a moment; if this persists, ask the issuer's operator",
    )
