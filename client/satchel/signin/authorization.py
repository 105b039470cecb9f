"""The authorization request that the browser opens, and the answer that it brings back (RFC 6749, RFC 7636, RFC 9207)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

from satchel.errors import RefusedError, SatchelError, UnreachableError

if TYPE_CHECKING:
    from satchel.signin.issuer import Metadata
    from satchel_wire.messages import SignInInfo

CALLBACK: Final = "/callback"
"""Issuers compare the path of a redirect exactly, so it is fixed."""

CLAIMS: Final = '{"id_token":{"auth_time":{"essential":true},"amr":null}}'
"""Some issuers tell the time and the means of a sign-in only if they are asked for them."""

OFFLINE: Final = "offline_access"
SECRET_BYTES: Final = 32
MAX_CODE_CHARS: Final = 8192
MAX_QUOTED_CHARS: Final = 200

# The meaning of an error code (RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6; RFC 8628, 3.5), and a hint.
_REFUSED: Final[dict[str, tuple[str, str]]] = {
    "access_denied": ("the sign-in was denied or cancelled", "sign in again, or ask the issuer's administrator"),
    "login_required": ("it wants you to sign in, but did not ask", "sign in at the issuer in a browser, then try again"),
    "interaction_required": ("it wants to ask you something, but did not", "sign in at the issuer in a browser, then try again"),
    "consent_required": ("it wants your consent, but did not ask", "sign in at the issuer in a browser, then try again"),
    "account_selection_required": ("it wants you to choose an account", "sign out at the issuer in a browser, then try again"),
    "unauthorized_client": ("the application must not sign in this way", "the cloud's operator must allow this grant for the client"),
    "invalid_client": ("it does not know the application", "the cloud's operator must check SATCHEL_OIDC_CLIENT_ID and SATCHEL_OIDC_CLIENT_SECRET"),
    "invalid_scope": ("it refuses the scopes", "the cloud's operator must check SATCHEL_OIDC_SCOPES"),
    "invalid_grant": ("the authorization is used, expired or revoked", "sign in again"),
    "invalid_request": ("it refuses the request", "the cloud's operator must check the client's settings at the issuer"),
    "unsupported_response_type": ("it refuses the code flow", "the cloud's operator must allow it for the client"),
    "unsupported_grant_type": ("it refuses this kind of sign-in", "the cloud's operator must allow it for the client"),
    "unmet_authentication_requirements": ("the required second factor is missing", "set it up in your account at the issuer"),
    "expired_token": ("the code was not entered in time", "start again"),
}  # fmt: skip
_UNREACHABLE: Final = frozenset({"server_error", "temporarily_unavailable"})

Entropy = Callable[[int], bytes]


class IssuerRefusedError(RefusedError):
    """The issuer answered with an error code of OAuth."""

    def __init__(self, message: str, *, hint: str, code: str) -> None:
        super().__init__(message, hint=hint)
        self.code = code


@dataclass(frozen=True, slots=True)
class Attempt:
    """The random values of one sign-in. Its repr hides them."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)

    @classmethod
    def create(cls, nonce: str, entropy: Entropy) -> Self:
        """Make an attempt with a nonce that is bound to the cloud's address."""
        return cls(_base64url(entropy(SECRET_BYTES)), _base64url(entropy(SECRET_BYTES)), nonce)

    @property
    def challenge(self) -> str:
        """The PKCE challenge of the verifier (S256)."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    def is_answered_by(self, parameters: Mapping[str, str]) -> bool:
        """Return whether an authorization response belongs to this attempt."""
        return hmac.compare_digest(parameters.get("state", "").encode(), self.state.encode())


def request_parameters(info: "SignInInfo", nonce: str) -> dict[str, str]:
    """Return the parameters that the code flow and the device flow share."""
    parameters = {
        "client_id": info.client_id,
        "scope": " ".join(info.scopes),
        "nonce": nonce,
        "max_age": str(info.max_age_s),
        "claims": CLAIMS,
    }
    if info.acr_values:
        parameters["acr_values"] = " ".join(info.acr_values)
    return parameters


def authorization_url(
    metadata: "Metadata", info: "SignInInfo", attempt: Attempt, redirect_uri: str, *, prompt: str = ""
) -> str:
    """Return the address that the browser opens. `prompt` is empty, `login` or `consent`."""
    parameters = request_parameters(info, attempt.nonce) | {
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": attempt.state,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    if prompt:
        parameters["prompt"] = prompt
    separator = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{separator}{urlencode(parameters)}"


def default_prompt(info: "SignInInfo") -> str:
    """Return the prompt of a first sign-in: OpenID Connect gives refresh tokens only after asking for consent."""
    return "consent" if OFFLINE in info.scopes else ""


def read_answer(parameters: Mapping[str, str], metadata: "Metadata") -> str:
    """Return the code of an authorization response. Raise RefusedError or UnreachableError if it has none.

    The issuer in the response, where there is one, must be the one that was asked (RFC 9207): otherwise the code of
    one issuer could be sent to another.
    """
    named = parameters.get("iss")
    if named is None and metadata.authorization_response_iss_parameter_supported:
        raise RefusedError(
            f"the answer of the issuer {metadata.issuer!r} does not name the issuer",
            hint="it may come from another issuer, so it was not used; try again",
        )
    if named is not None and named != metadata.issuer:
        raise RefusedError(
            f"the answer comes from the issuer {one_line_of(named, MAX_QUOTED_CHARS)!r} instead of {metadata.issuer!r}",
            hint="it was not used; another page may have interfered: close other sign-in pages and try again",
        )
    if "error" in parameters:
        raise issuer_error(metadata.issuer, parameters["error"], parameters.get("error_description", ""))
    code = parameters.get("code", "")
    if not 0 < len(code) <= MAX_CODE_CHARS:
        raise RefusedError(f"the answer of the issuer {metadata.issuer!r} has no code", hint="try again")
    return code


def issuer_error(issuer: str, code: str, description: str) -> SatchelError:
    """Return the exception for an error that the issuer reports, on one line."""
    said = one_line_of(description, MAX_QUOTED_CHARS)
    detail = f" ({said!r})" if said else ""
    if code in _UNREACHABLE:
        return UnreachableError(f"the issuer {issuer!r} failed{detail}", hint="try again in a moment")
    meaning, hint = _REFUSED.get(
        code, (f"it reports {one_line_of(code, MAX_QUOTED_CHARS)!r}", "ask the cloud's operator")
    )
    message = f"the issuer {issuer!r} did not sign you in: {meaning}{detail}"
    return IssuerRefusedError(message, hint=hint, code=code)


def one_line_of(text: str, limit: int) -> str:
    """Return text of an issuer without control characters and line breaks, at most `limit` characters of it."""
    visible = "".join(character if character.isprintable() else " " for character in text[: 10 * limit])
    return " ".join(visible.split())[:limit]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
