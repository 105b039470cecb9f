"""The metadata of an issuer (OpenID Connect Discovery 1.0, RFC 8414), read and checked.

The cloud names the issuer, so its name and all its endpoints are checked before anything is sent to them.
"""

import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from satchel.errors import RefusedError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request

if TYPE_CHECKING:
    from satchel.outgoing.transport import Response, Transport

DISCOVERY: Final = "/.well-known/openid-configuration"
MAX_METADATA_BYTES: Final = 256 << 10
MAX_URL_CHARS: Final = 2000
_URL: Final = re.compile(r"(https?://[^/?#@\\]+)(/[!-~]*|)")
_OPERATOR: Final = "ask the cloud's operator to check SATCHEL_OIDC_ISSUER"

Url = Annotated[str, msgspec.Meta(max_length=MAX_URL_CHARS)]
Names = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=200)], ...], msgspec.Meta(max_length=1000)]


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The members of an issuer's metadata that signing in uses. Others are ignored."""

    issuer: Url
    authorization_endpoint: Url
    token_endpoint: Url
    device_authorization_endpoint: Url | None = None
    revocation_endpoint: Url | None = None
    response_types_supported: Names
    code_challenge_methods_supported: Names = ()
    prompt_values_supported: Names | None = None
    authorization_response_iss_parameter_supported: bool = False

    @property
    def prompt_for_another(self) -> str:
        """The `prompt` that lets the person choose another account."""
        return "login" if self.can_ask_again else "select_account"

    @property
    def can_ask_again(self) -> bool:
        """Whether the issuer may know `prompt=login`."""
        return self.prompt_values_supported is None or "login" in self.prompt_values_supported


def check_issuer(url: str, cloud: Origin) -> None:
    """Raise RefusedError unless an issuer's name is an https URL, or both it and the cloud are on this computer."""
    _check_url(url, f"the issuer {url[:MAX_URL_CHARS]!r} of the cloud", allow_loopback=cloud.is_loopback)
    if "?" in url or "#" in url:
        raise RefusedError(f"the issuer {url!r} of the cloud has a query", hint=_OPERATOR)


def discover(url: str, cloud: Origin, transport: "Transport") -> Metadata:
    """Return the metadata of the issuer that a cloud names.

    Raise RefusedError if it is not safe to use, UnreachableError if it cannot be read.
    """
    check_issuer(url, cloud)
    address = f"{url.removesuffix('/')}{DISCOVERY}"
    response = transport.send(Request("GET", address, response_bytes=MAX_METADATA_BYTES, kind="sign-in"))
    metadata = _decode(response, url)
    _check(metadata, url, cloud)
    return metadata


def check_endpoint(url: str, name: str, issuer: str, cloud: Origin) -> None:
    """Raise RefusedError unless an address that the issuer names is safe to use."""
    _check_url(url, f"the {name} of the issuer {issuer!r}", allow_loopback=cloud.is_loopback)


def _decode(response: "Response", url: str) -> Metadata:
    if response.status != 200:
        raise UnreachableError(
            f"the issuer {url!r} has no OpenID configuration (status {response.status})",
            hint=f"try again in a moment; if this persists, {_OPERATOR}",
        )
    try:
        return msgspec.json.decode(response.body, type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise UnreachableError(
            f"the issuer {url!r} sent a configuration that cannot be used: {_reason(exc)}", hint=_OPERATOR
        ) from exc


def _reason(error: Exception) -> str:
    """Return why a document is invalid. Messages about its form quote nothing of it but names of members."""
    return str(error)[:200] if isinstance(error, msgspec.ValidationError) else "it is not valid JSON"


def _check(metadata: Metadata, url: str, cloud: Origin) -> None:
    if metadata.issuer != url:
        raise RefusedError(
            f"the metadata of the issuer {url!r} names another issuer: {metadata.issuer[:200]!r}",
            hint=f"do not sign in; {_OPERATOR}, which must be exactly what the issuer calls itself",
        )
    endpoints = {
        name: value
        for name, value in msgspec.structs.asdict(metadata).items()
        if name.endswith("_endpoint") and value is not None
    }
    for name, value in endpoints.items():
        check_endpoint(value, name, url, cloud)
    if "code" not in metadata.response_types_supported:
        raise _unsupported(url, "the authorization code flow")
    if "S256" not in metadata.code_challenge_methods_supported:
        raise _unsupported(url, "PKCE with S256")


def _check_url(url: str, what: str, *, allow_loopback: bool) -> None:
    match = _URL.fullmatch(url)
    if match is None or len(url) > MAX_URL_CHARS or "#" in url:
        raise RefusedError(f"{what} is not an https URL", hint=f"do not sign in; {_OPERATOR}")
    try:
        origin = Origin.parse(match[1])
    except UsageError as exc:
        raise RefusedError(
            f"{what} does not use TLS or names no host", hint=f"do not sign in; {_OPERATOR}"
        ) from exc
    if origin.scheme == "http" and not allow_loopback:
        raise RefusedError(
            f"{what} is on this computer, and the cloud is not", hint=f"do not sign in; {_OPERATOR}"
        )


def _unsupported(url: str, what: str) -> RefusedError:
    return RefusedError(
        f"the issuer {url!r} does not announce {what}",
        hint="the cloud's operator must choose an issuer that supports it",
    )
