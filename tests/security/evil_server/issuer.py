"""An issuer of sign-ins that is honest until an attack alters one kind of its answers.

The device does not verify the signatures of ID tokens, which is the cloud's part, so the issuer signs nothing.
"""

import base64
import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

import urllib3
from tests.security.evil_server.server import Listener, Raw, Seen
from tests.support.asgi import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

NONCE: Final = "a-nonce-of-the-cloud"
JSON: Final = {"content-type": "application/json"}
ENDPOINTS: Final = {"/.well-known/openid-configuration": "metadata", "/token": "tokens", "/device": "device"}


class EvilIssuer(Listener):
    """Serves the metadata, tokens and device codes of an issuer. `alter` changes the answers of `endpoint`."""

    def __init__(self) -> None:
        super().__init__()
        self.endpoint = ""
        self.alter: Callable[[Seen, Answer], Answer | Raw] | None = None
        self.nonce = ""  # of the latest request
        self.claims: Callable[[dict[str, Any]], object] = lambda claims: claims

    def respond(self, seen: Seen) -> Answer | Raw:
        name = ENDPOINTS.get(seen.path.partition("?")[0], "")
        if name == "device":
            self.nonce = parse_qs(seen.body.decode())["nonce"][0]
        if not name:
            return Answer(404, JSON, b"{}")
        answer = Answer(200, JSON, json.dumps(self.document(name)).encode())
        return self.alter(seen, answer) if self.alter and name == self.endpoint else answer

    def document(self, name: str) -> dict[str, Any]:
        """Return an honest answer."""
        if name == "metadata":
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "device_authorization_endpoint": f"{self.url}/device",
                "revocation_endpoint": f"{self.url}/revoke",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "prompt_values_supported": ["login", "consent"],
                "authorization_response_iss_parameter_supported": True,
            }
        if name == "device":
            return {
                "device_code": "device-code",
                "user_code": "ABCD-EFGH",
                "verification_uri": f"{self.url}/enter",
                "expires_in": 600,
                "interval": 5,
            }
        return {"id_token": self.token(), "refresh_token": "refresh", "access_token": "access"}

    def honest_claims(self) -> dict[str, Any]:
        """Return the claims of a token that answers the sign-in."""
        now = int(time.time())
        return {
            "iss": self.url,
            "sub": "owner",
            "aud": "satchel",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "azp": "satchel",
            "auth_time": now,
            "acr": "1",
            "amr": ["pwd", "otp"],
        }

    def token(self) -> str:
        """Return an ID token."""
        claims = self.claims(self.honest_claims())
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return ".".join(_base64url(part) for part in (b'{"alg":"RS256"}', payload, b"signature"))

    def answer_browser(self, url: str, **changes: str | None) -> None:
        """Answer as a browser that was sent to the issuer: redirect back to the device."""
        asked = {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}
        self.nonce = asked["nonce"]
        given = {"code": "code", "state": asked["state"], "iss": self.url, **changes}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        urllib3.request("GET", f"{asked['redirect_uri']}?{query}", retries=False, timeout=5.0)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
