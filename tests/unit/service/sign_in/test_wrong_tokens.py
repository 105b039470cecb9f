"""ID tokens of every wrong kind are refused, each beside a near-miss that is valid. All are signed with real keys."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.asgi import Answer
from tests.support.loopback_issuer import (
    ALGORITHMS,
    CLIENT_ID,
    LoopbackIssuer,
    SigningKey,
    b64url,
    shared_key,
)
from tests.unit.service.sign_in.conftest import MakeSignIn, SigningIn

from satchel_service.tokens.compact import MAX_CHARS

MINUTE = 60
Changes = dict[str, Any]


@pytest.fixture
def owned(signing_in: SigningIn) -> SigningIn:
    """A cloud with an owner."""
    signing_in.claim()
    return signing_in


def refusal(answer: Answer) -> str:
    assert (answer.status, answer.problem) == (403, "wrong-sign-in"), answer.body
    return str(answer.json()["detail"])


def test_a_valid_token_is_accepted(owned: SigningIn) -> None:
    assert owned.sign_in().status == 201


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_is_accepted(make_sign_in: MakeSignIn, issuer: LoopbackIssuer, algorithm: str) -> None:
    issuer.keys = [shared_key(algorithm)]
    make_sign_in().claim()


WRONG_HEADERS: list[tuple[Changes, str]] = [
    ({"alg": "none"}, "algorithm"),
    ({"alg": "None"}, "algorithm"),
    ({"alg": "HS256"}, "algorithm"),
    ({"alg": "RS384"}, "algorithm"),
    ({"alg": "PS256"}, "algorithm"),
    ({"alg": "ES384"}, "algorithm"),
    ({"alg": "Ed25519"}, "algorithm"),
    ({"alg": "rs256"}, "algorithm"),
    ({"alg": None}, "algorithm"),
    ({"alg": ["RS256"]}, "algorithm"),
    ({"alg": 1}, "algorithm"),
    ({"typ": "at+jwt"}, "typ"),
    ({"typ": "application/at+jwt"}, "typ"),
    ({"typ": "logout+jwt"}, "typ"),
    ({"typ": "dpop+jwt"}, "typ"),
    ({"typ": ""}, "typ"),
    ({"typ": ["JWT"]}, "typ"),
    ({"typ": "JWT "}, "typ"),
    ({"crit": ["exp"], "exp": 1}, "crit"),
    ({"crit": []}, "crit"),
    ({"b64": False, "crit": ["b64"]}, "crit"),
    ({"b64": True}, "b64"),
    ({"zip": "DEF"}, "zip"),
    ({"enc": "A256GCM"}, "enc"),
    ({"kid": ""}, "kid"),
    ({"kid": 1}, "kid"),
    ({"kid": "x" * 501}, "kid"),
]


@pytest.mark.parametrize(("header", "check"), WRONG_HEADERS, ids=lambda each: str(each)[:40])
def test_a_wrong_header_is_refused(owned: SigningIn, header: Changes, check: str) -> None:
    before = len(owned.issuer.requests)
    assert check in refusal(owned.sign_in(header=header))
    assert len(owned.issuer.requests) == before, "without a request to the issuer"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "jwt"},
        {"kid": None},
        {"x5t": "thumbprint", "pi.atm": "an extension of the issuer's", "cty": "x"},
    ],
    ids=str,
)
def test_an_unusual_header_is_accepted(owned: SigningIn, header: Changes) -> None:
    assert owned.sign_in(header=header).status == 201


WRONG_CLAIMS: list[tuple[Changes, str]] = [
    ({"iss": "https://other.example.com"}, "iss"),
    ({"iss": None}, "iss"),
    ({"iss": ["x"]}, "iss"),
    ({"aud": "another"}, "aud"),
    ({"aud": CLIENT_ID.upper()}, "aud"),
    ({"aud": None}, "aud"),
    ({"aud": []}, "aud"),
    ({"aud": {CLIENT_ID: 1}}, "aud"),
    ({"aud": [CLIENT_ID, "another"]}, "azp"),
    ({"aud": [CLIENT_ID, 1], "azp": CLIENT_ID}, "aud"),
    ({"aud": [CLIENT_ID] * 101, "azp": CLIENT_ID}, "aud"),
    ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "azp"),
    ({"azp": "another"}, "azp"),
    ({"azp": [CLIENT_ID]}, "azp"),
    ({"azp": ""}, "azp"),
    ({"exp": None}, "exp"),
    ({"exp": "2099-01-01"}, "exp"),
    ({"exp": True}, "exp"),
    ({"exp": 10**30}, "exp"),
    ({"exp": -1}, "exp"),
    ({"iat": None}, "iat"),
    ({"iat": "now"}, "iat"),
    ({"nbf": "now"}, "nbf"),
    ({"nonce": ""}, "nonce"),
    ({"nonce": "x" * 75}, "nonce"),
    ({"nonce": ["x"]}, "nonce"),
    ({"sub": None}, "sub"),
    ({"sub": ""}, "sub"),
    ({"sub": "x" * 256}, "sub"),
    ({"sub": 1}, "sub"),
    ({"sub": "ad\u00e4"}, "sub"),
    ({"sub": "a\x1b[31m"}, "sub"),
    ({"typ": "Bearer"}, "typ"),
    ({"typ": "Refresh"}, "typ"),
    ({"typ": "id"}, "typ"),
    ({"scope": "openid"}, "scope"),
    ({"scp": ["openid"]}, "scp"),
    ({"auth_time": "now"}, "auth_time"),
]


@pytest.mark.parametrize(("claims", "check"), WRONG_CLAIMS, ids=lambda each: str(each)[:40])
def test_a_wrong_claim_is_refused(owned: SigningIn, claims: Changes, check: str) -> None:
    before = len(owned.issuer.requests)
    detail = refusal(owned.sign_in(**claims))
    assert detail.startswith(check)
    assert len(owned.issuer.requests) == before, "without a request to the issuer"
    for value in claims.values():
        assert not (isinstance(value, str) and len(value) > 3 and value in detail), "no value of the token"


def test_a_token_without_a_nonce_is_refused(owned: SigningIn) -> None:
    """An issuer that signs access tokens like ID tokens puts no nonce into them."""
    assert refusal(owned.sign_in(owned.issuer.id_token())).startswith("nonce")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"azp": CLIENT_ID},
        {"typ": "ID"},
        {"sub": "ada", "email": "ada@example.com", "groups": ["x"] * 100},
        {"amr": "pwd", "acr": 1},
    ],
    ids=str,
)
def test_unusual_claims_are_accepted(owned: SigningIn, claims: Changes) -> None:
    assert owned.sign_in(**claims).status == 201


@pytest.mark.parametrize(
    ("claim", "accepted_s", "refused_s"),
    [("exp", -59, -60), ("iat", 60, 61), ("nbf", 60, 61), ("auth_time", 60, 61)],
)
def test_times_have_a_minute_of_leeway(owned: SigningIn, claim: str, accepted_s: int, refused_s: int) -> None:
    now = owned.cloud.clock() // 1000
    owned.cloud.clock.ms = now * 1000
    assert owned.sign_in(owned.id_token(**{claim: now + accepted_s})).status == 201
    assert refusal(owned.sign_in(owned.id_token(**{claim: now + refused_s}))).startswith(claim)


def test_a_token_for_another_audience_setting(make_sign_in: MakeSignIn) -> None:
    signing_in = make_sign_in(SATCHEL_OIDC_AUDIENCE="api")
    signing_in.claim(aud="api", azp=CLIENT_ID)
    assert refusal(signing_in.sign_in()).startswith("aud")
    assert refusal(signing_in.sign_in(aud="api", azp="api")).startswith("azp")


def resigned(owned: SigningIn, key: SigningKey, **header: Any) -> str:  # noqa: ANN401  any header
    """Return a token with valid claims and another key's signature."""
    return owned.id_token(key=key, header={"kid": "key-1", **header})


def test_a_token_of_another_key_with_the_same_name_is_refused(owned: SigningIn) -> None:
    assert "signature" in refusal(owned.sign_in(resigned(owned, shared_key("RS256", "other"))))


def test_a_key_inside_the_token_is_never_used(owned: SigningIn) -> None:
    eve = shared_key("RS256", "eve")
    for header in (
        {"jwk": eve.jwk},
        {"jku": f"{owned.issuer.url}/eve"},
        {"x5u": f"{owned.issuer.url}/eve"},
        {"x5c": ["MIIB"]},
    ):
        assert "signature" in refusal(owned.sign_in(resigned(owned, eve, **header)))
        assert owned.sign_in(header=header).status == 201, "it is ignored in a token of the issuer"
    assert "/eve" not in owned.issuer.requests


def test_a_token_of_another_type_of_key_is_refused(owned: SigningIn) -> None:
    owned.issuer.keys += [shared_key("ES256", "key-2")]
    owned.cloud.clock.advance(hours=2)
    assert owned.sign_in(key=owned.issuer.keys[1]).status == 201
    token = owned.id_token(key=shared_key("ES256", "key-2"), header={"kid": "key-1"})
    answer = owned.sign_in(token)
    assert answer.problem in ("unavailable", "wrong-sign-in")


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(owned: SigningIn) -> None:
    """The confusion of RS256 with HS256: the public key is no secret."""
    import hashlib
    import hmac

    secret = base64.urlsafe_b64decode(owned.issuer.keys[0].jwk["n"] + "==")
    header, claims = {"alg": "HS256", "kid": "key-1"}, owned.issuer.claims(nonce=owned.nonce())
    signed = f"{b64url(json.dumps(header).encode())}.{b64url(json.dumps(claims).encode())}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    assert "algorithm" in refusal(owned.sign_in(f"{signed}.{b64url(mac)}"))


def pieces(token: str) -> list[str]:
    return token.split(".")


REBUILT: list[tuple[str, Callable[[str], str]]] = [
    ("no signature", lambda token: ".".join([*pieces(token)[:2], ""])),
    ("two parts", lambda token: ".".join(pieces(token)[:2])),
    ("four parts", lambda token: token + "."),
    ("five parts, as if encrypted", lambda token: token + ".x.y"),
    ("padding", lambda token: ".".join([pieces(token)[0] + "=", *pieces(token)[1:]])),
    ("padded signature", lambda token: token + "=="),
    ("a space", lambda token: token + " "),
    ("a line break", lambda token: token.replace(".", ".\n", 1)),
    ("standard base64", lambda token: token.replace("-", "+").replace("_", "/") + "+"),
    ("a cut signature", lambda token: token[:-4]),
    ("a longer signature", lambda token: token + "AAAA"),
    ("another payload", lambda token: ".".join([pieces(token)[0], b64url(b"{}"), pieces(token)[2]])),
    ("a payload that is a list", lambda token: ".".join([pieces(token)[0], b64url(b"[]"), pieces(token)[2]])),
    ("the serialization as JSON", lambda token: json.dumps({"payload": pieces(token)[1], "signatures": []})),
]


@pytest.mark.parametrize(("rebuild"), [each for _, each in REBUILT], ids=[name for name, _ in REBUILT])
def test_any_other_form_of_a_valid_token_is_refused(owned: SigningIn, rebuild: Callable[[str], str]) -> None:
    token = owned.id_token()
    refusal(owned.sign_in(rebuild(token)))
    assert owned.sign_in(token).status == 201, "the token itself is valid"


def test_stray_bits_in_the_signature_are_refused(owned: SigningIn) -> None:
    """The last character of 256 bytes has four bits that mean nothing."""
    token = owned.id_token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    assert "stray bits" in refusal(owned.sign_in(token[:-1] + alphabet[last ^ 1]))


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"RS256","alg":"RS256","kid":"key-1"}', None),
        (None, b'{"sub":"eve","sub":"ada"}'),
        (b'{"alg":"RS256","kid":"key-1","x":NaN}', None),
        (None, b'{"exp":Infinity}'),
        (None, b"\xef\xbb\xbf{}"),
        (None, b'{"x":"\xff"}'),
        (None, b"[" * 3000),
        (None, b'{"x":' + b"9" * 5000 + b"}"),
        (b"", b""),
    ],
    ids=lambda each: str(each)[:30],
)
def test_json_with_two_meanings_is_refused(
    owned: SigningIn, header: bytes | None, payload: bytes | None
) -> None:
    key = owned.issuer.keys[0]
    claims = json.dumps(owned.issuer.claims(nonce=owned.nonce())).encode()
    first = b'{"alg":"RS256","kid":"key-1"}' if header is None else header
    second = claims if payload is None else payload
    signed = f"{b64url(first)}.{b64url(second)}"
    token = f"{signed}.{b64url(key.sign(signed.encode()))}"
    assert any(word in refusal(owned.sign_in(token)) for word in ("JSON", "header"))


def test_the_size_of_a_token_is_bounded(owned: SigningIn) -> None:
    room = MAX_CHARS - len(owned.id_token(padding="")) - 4
    fits = owned.id_token(padding="x" * (room * 3 // 4))
    assert MAX_CHARS - 64 < len(fits) <= MAX_CHARS
    assert owned.sign_in(fits).status == 201
    assert owned.sign_in(fits + "x" * 64).problem == "invalid"


def test_wrong_sign_ins_are_limited_and_the_owner_passes(owned: SigningIn) -> None:
    problems = [owned.sign_in("a.b.c").problem for _ in range(25)]
    assert problems[:20] == ["wrong-sign-in"] * 20
    assert set(problems[20:]) == {"too-many"}
    assert owned.sign_in(sub="eve").problem == "too-many"
    assert owned.sign_in().status == 201
    owned.cloud.clock.advance(seconds=1)
    assert owned.sign_in("a.b.c").problem == "wrong-sign-in"


def test_a_nonce_of_another_cloud_is_refused(owned: SigningIn) -> None:
    """Two clouds with one issuer and one client id: the nonce binds a token to one of them."""
    from satchel_service.sign_in.nonces import make_nonce

    nonce = make_nonce(b"\1" * 32, bytes(16), owned.cloud.clock())
    assert refusal(owned.sign_in(nonce=owned.nonces.bind(nonce.text))).startswith("nonce")


def test_a_nonce_expires(owned: SigningIn) -> None:
    nonce = owned.nonce()
    owned.cloud.clock.advance(minutes=29)
    assert owned.sign_in(nonce=nonce).status == 201
    other = owned.nonce()
    owned.cloud.clock.advance(minutes=30)
    assert refusal(owned.sign_in(nonce=other)).startswith("nonce")


def test_no_token_is_logged(owned: SigningIn) -> None:
    accepted, wrong = owned.id_token(), owned.id_token(aud="another")
    owned.sign_in(accepted)
    owned.sign_in(wrong)
    log = owned.cloud.log.getvalue().decode()
    assert '"operation":"sign_in"' in log
    for token in (accepted, wrong):
        assert not any(piece in log for piece in token.split("."))
    assert not re.search(
        r"\bada\b", log
    )  # the subject; three such letters also occur within a random request id
