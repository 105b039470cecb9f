"""The authorization code flow with PKCE, as a client of the service's tests runs it."""

import base64
import hashlib
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person, UserAgent

REDIRECT: Final = "http://127.0.0.1:49152/callback"
VERIFIER: Final = "v" * 43
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def tokens_of(issuer: Issuer, client: str, nonce: str, person: Person, **parameters: str) -> dict[str, str]:
    """Sign a person in at an issuer and return the tokens of its answer."""
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": REDIRECT,
        "scope": "openid",
        "state": "s",
        "nonce": nonce,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "max_age": "300",
        **parameters,
    }
    returned = UserAgent(person).stop_before(f"{issuer.url}/auth?{urlencode(query)}")
    form = {
        "grant_type": "authorization_code",
        "code": dict(parse_qsl(urlsplit(returned).query))["code"],
        "client_id": client,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    url, body = f"{issuer.url}/token", urlencode(form)
    answer = urllib3.request("POST", url, body=body, headers=FORM, retries=False)
    assert answer.status == 200, answer.data
    found: dict[str, str] = answer.json()
    return found
