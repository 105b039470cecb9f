"""The provider that the tests sign in at behaves as the tests of satchel assume."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import urllib3
from tests.oidc.issuer import CLIENTS, RESOURCE, SECOND_FACTOR, Issuer
from tests.oidc.user_agent import Person, UserAgent

REDIRECT = "http://127.0.0.1:49152/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorization(issuer: Issuer, **parameters: str) -> str:
    query = {
        "response_type": "code", "client_id": "satchel", "redirect_uri": REDIRECT, "scope": "openid",
        "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256", "max_age": "300",
        **parameters,
    }  # fmt: skip
    return f"{issuer.url}/auth?{urlencode(query)}"


def redeem(issuer: Issuer, **form: str) -> tuple[int, dict[str, Any]]:
    body = urlencode({"client_id": "satchel", "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **form})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = urllib3.request("POST", f"{issuer.url}/token", body=body, headers=headers, retries=False)
    return answer.status, answer.json()


def sign_in(issuer: Issuer, who: Person | UserAgent, **parameters: str) -> dict[str, Any]:
    agent = who if isinstance(who, UserAgent) else UserAgent(who)
    returned = agent.stop_before(authorization(issuer, **parameters))
    answer = dict(parse_qsl(urlsplit(returned).query))
    assert (answer["state"], answer["iss"]) == ("s", issuer.url)
    client = {"client_id": parameters.get("client_id", "satchel")}
    status, tokens = redeem(issuer, grant_type="authorization_code", code=answer["code"], **client)
    assert status == 200, tokens
    return tokens


def part(token: str, number: int) -> dict[str, Any]:
    piece = token.split(".")[number]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    return found


@pytest.mark.parametrize(("algorithm", "client"), CLIENTS.items())
def test_it_signs_with_each_algorithm(provider: Issuer, algorithm: str, client: str) -> None:
    token = sign_in(provider, Person(), client_id=client)["id_token"]
    assert part(token, 0)["alg"] == algorithm
    claims = part(token, 1)
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (
        provider.url,
        client,
        "ada",
        "n",
    )
    assert claims["amr"] == ["pwd"]
    assert abs(claims["auth_time"] - claims["iat"]) < 30


def test_it_asks_for_a_second_factor_and_says_so(provider: Issuer) -> None:
    person = Person(has_second_factor=True)
    claims = part(sign_in(provider, person, acr_values=SECOND_FACTOR)["id_token"], 1)
    assert claims["acr"] == SECOND_FACTOR
    assert "mfa" in claims["amr"]
    page = UserAgent(Person()).sign_in(authorization(provider, acr_values=SECOND_FACTOR))
    assert page.status == 401


def test_max_age_asks_again_unless_the_issuer_ignores_it(provider: Issuer) -> None:
    agent = UserAgent()
    asks = json.dumps({"id_token": {"auth_time": {"essential": True}}})

    def signed_in_at(**parameters: str) -> int:
        claims = part(sign_in(provider, agent, claims=asks, **parameters)["id_token"], 1)
        return int(claims["auth_time"])

    provider.set_clock(-600)
    old = signed_in_at()
    provider.set_clock(0)
    new = signed_in_at()
    assert new - old > 500
    provider.set_clock(600)
    provider.ignore_max_age()
    assert signed_in_at() == new
    assert signed_in_at(prompt="login") - new > 500


def test_refresh_tokens_rotate_and_their_reuse_ends_all_of_them(provider: Issuer) -> None:
    first = sign_in(provider, Person(), scope="openid offline_access", prompt="consent")["refresh_token"]
    status, tokens = redeem(provider, grant_type="refresh_token", refresh_token=first)
    assert status == 200
    assert tokens["refresh_token"] != first
    assert redeem(provider, grant_type="refresh_token", refresh_token=first)[1]["error"] == "invalid_grant"
    assert redeem(provider, grant_type="refresh_token", refresh_token=tokens["refresh_token"])[0] == 400


def test_new_keys_replace_the_old_ones(provider: Issuer) -> None:
    before = part(sign_in(provider, Person())["id_token"], 0)["kid"]
    provider.rotate_keys()
    after = part(sign_in(provider, Person())["id_token"], 0)["kid"]
    published = [each["kid"] for each in urllib3.request("GET", f"{provider.url}/jwks").json()["keys"]]
    assert before not in published
    assert after in published


@pytest.mark.parametrize("drops", [False, True])
def test_the_device_flow_passes_the_nonce_on_unless_told_otherwise(provider: Issuer, drops: bool) -> None:
    if drops:
        provider.drop_device_nonce()
    body = urlencode({"client_id": "satchel", "scope": "openid", "nonce": "n", "max_age": "300"})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    begun = urllib3.request("POST", f"{provider.url}/device/auth", body=body, headers=headers).json()
    grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": begun["device_code"],
    }
    assert redeem(provider, **grant)[1]["error"] == "authorization_pending"
    assert UserAgent().sign_in(begun["verification_uri_complete"]).status == 200
    status, tokens = redeem(provider, **grant)
    assert status == 200
    assert part(tokens["id_token"], 1).get("nonce") == (None if drops else "n")


def test_an_access_token_can_be_a_signed_jwt(provider: Issuer) -> None:
    token = sign_in(provider, Person(), resource=RESOURCE)["access_token"]
    assert part(token, 0)["typ"] == "at+jwt"


def test_a_person_can_refuse(provider: Issuer) -> None:
    returned = UserAgent(Person(refuses=True)).stop_before(authorization(provider))
    assert "error=access_denied" in returned


def test_two_issuers_have_different_keys(provider: Issuer, other_provider: Issuer) -> None:
    kids = [
        urllib3.request("GET", f"{each.url}/jwks").json()["keys"][0]["kid"]
        for each in (provider, other_provider)
    ]
    assert kids[0] != kids[1]


def test_metadata_answers_and_failures_can_be_changed(provider: Issuer) -> None:
    provider.change_metadata(issuer="https://other.example", device_authorization_endpoint=None)
    assert provider.metadata()["issuer"] == "https://other.example"
    assert "device_authorization_endpoint" not in provider.metadata()
    provider.change_token_response(id_token="changed", access_token=None)
    tokens = sign_in(provider, Person())
    assert tokens["id_token"] == "changed"
    assert "access_token" not in tokens
    provider.fail({"/jwks": 503})
    assert urllib3.request("GET", f"{provider.url}/jwks", retries=False).status == 503
    assert "GET /jwks" in provider.requests()
    provider.reset()
    assert provider.metadata()["issuer"] == provider.url


def test_iss_can_be_left_out(provider: Issuer) -> None:
    provider.drop_iss()
    returned = UserAgent().stop_before(authorization(provider))
    assert "iss" not in dict(parse_qsl(urlsplit(returned).query))
