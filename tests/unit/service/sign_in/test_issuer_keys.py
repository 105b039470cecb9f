"""The issuer's keys: fetched rarely, kept across restarts, renewed for unknown keys without storms."""

import json
import os
import threading
from typing import Any

import pytest
from tests.support.asgi import Answer, Call
from tests.support.loopback_issuer import JWKS, METADATA, LoopbackIssuer, SigningKey, number, shared_key
from tests.unit.service.conftest import MakeCloud
from tests.unit.service.sign_in.conftest import MakeSignIn, SigningIn

FETCHED = [METADATA, JWKS]


@pytest.fixture
def owned(signing_in: SigningIn) -> SigningIn:
    """A cloud with an owner, whose keys have just been fetched."""
    signing_in.claim()
    assert signing_in.issuer.requests == FETCHED
    signing_in.issuer.requests.clear()
    return signing_in


def race(signing_in: SigningIn, tokens: list[str]) -> list[Answer]:
    """Send sign-ins at once."""
    json_type = {"content-type": "application/json"}
    bodies = [json.dumps(signing_in.proof(token)).encode() for token in tokens]
    return signing_in.cloud.loopback.race(Call("POST", "/v1/sign-in", json_type, [body]) for body in bodies)


def replace_keys(issuer: LoopbackIssuer, name: str = "key-2") -> None:
    issuer.keys = [shared_key("ES256", name)]


def test_keys_are_fetched_once_an_hour(owned: SigningIn) -> None:
    for _ in range(5):
        assert owned.sign_in().status == 201
    owned.cloud.clock.advance(minutes=59)
    assert owned.sign_in().status == 201
    assert owned.issuer.requests == []
    owned.cloud.clock.advance(minutes=1)
    assert owned.sign_in().status == 201
    assert owned.issuer.requests == FETCHED


def test_a_cold_start_needs_no_request(owned: SigningIn, make_cloud: MakeCloud) -> None:
    signing_in = restarted(owned, make_cloud)
    assert signing_in.sign_in().status == 201
    assert owned.issuer.requests == []


def restarted(signing_in: SigningIn, make_cloud: MakeCloud) -> SigningIn:
    """Start the cloud again, on another machine."""
    cloud, clock = signing_in.cloud, signing_in.cloud.clock
    cloud.loopback.__exit__(None, None, None)
    again = make_cloud(token=cloud.device.token, **signing_in.issuer.settings)
    again.clock.ms = clock.ms
    object.__setattr__(again.environment, "entropy", os.urandom)  # the usual one repeats itself in each cloud
    signing_in.issuer.now = lambda: again.clock() / 1000
    return SigningIn(again, signing_in.issuer)


def test_new_keys_of_the_issuer_are_found(owned: SigningIn) -> None:
    owned.cloud.clock.advance(minutes=2)
    replace_keys(owned.issuer)
    assert owned.sign_in().status == 201
    assert owned.issuer.requests == FETCHED


def test_a_key_that_the_issuer_removed_is_refused_once_the_keys_are_renewed(owned: SigningIn) -> None:
    old = owned.issuer.keys[0]
    replace_keys(owned.issuer)
    assert owned.sign_in(key=old).status == 201, "within the hour it is not known"
    owned.cloud.clock.advance(hours=1)
    answer = owned.sign_in(key=old)
    assert (answer.status, answer.problem) == (503, "unavailable")
    owned.cloud.clock.advance(minutes=3)
    token = owned.id_token(key=old, iat=owned.cloud.clock() // 1000 - 200)
    assert owned.sign_in(token).problem in ("unavailable", "wrong-sign-in")


def test_an_issuer_that_names_no_key_may_replace_it(owned: SigningIn) -> None:
    assert owned.sign_in(header={"kid": None}).status == 201
    owned.cloud.clock.advance(minutes=2)
    owned.issuer.keys = [shared_key("RS256", "another")]
    assert owned.sign_in(header={"kid": None}).status == 201
    assert owned.issuer.requests == FETCHED


def test_unknown_keys_cause_one_request_a_minute(owned: SigningIn) -> None:
    eve = shared_key("RS256", "eve")
    owned.cloud.clock.advance(minutes=1)
    for second in range(120):
        answer = owned.sign_in(key=eve, header={"kid": f"key-of-{second}"})
        assert answer.problem in ("unavailable", "wrong-sign-in", "too-many")
        owned.cloud.clock.advance(seconds=1)
    assert owned.issuer.requests == FETCHED * 2


def test_a_storm_of_unknown_keys_at_once_causes_one_request(owned: SigningIn) -> None:
    eve = shared_key("ES256", "eve")
    owned.cloud.clock.advance(minutes=1)
    tokens = [owned.id_token(key=eve, header={"kid": f"key-{place}"}) for place in range(30)]
    answers = race(owned, [*tokens, owned.id_token()])
    assert {answer.status for answer in answers[:-1]} == {503}
    assert answers[-1].status == 201, "the owner signs in meanwhile"
    assert owned.issuer.requests == FETCHED


def test_the_minute_counts_across_restarts(owned: SigningIn, make_cloud: MakeCloud) -> None:
    eve = shared_key("ES256", "eve")
    owned.cloud.clock.advance(minutes=1)
    assert owned.sign_in(key=eve).status == 503
    for _ in range(3):
        owned.cloud.clock.advance(seconds=10)
        owned = restarted(owned, make_cloud)
        assert owned.sign_in(key=eve).status == 503
    assert owned.issuer.requests == FETCHED


def test_tokens_that_fail_another_check_cause_no_request(owned: SigningIn) -> None:
    owned.cloud.clock.advance(minutes=5)
    for changes in (
        {"aud": "another"},
        {"iss": "https://other.example.com"},
        {"nonce": "x" * 75},
        {"exp": 1},
        {"header": {"kid": "key-2", "typ": "at+jwt"}},
        {"header": {"kid": "key-2", "alg": "HS256"}},
    ):
        token = owned.id_token(**{"header": {"kid": "key-2"}, **changes})
        assert owned.sign_in(token).problem == "wrong-sign-in"
    assert owned.issuer.requests == []


def test_a_key_that_is_too_new_can_be_tried_again(owned: SigningIn) -> None:
    """The issuer replaces its keys seconds after they were fetched."""
    owned.cloud.clock.advance(seconds=10)
    replace_keys(owned.issuer)
    token = owned.id_token()
    answer = owned.sign_in(token)
    assert (answer.status, answer.headers["retry-after"]) == (503, "50")
    owned.cloud.clock.advance(seconds=50)
    assert owned.sign_in(token).status == 201


def test_an_unknown_key_is_wrong_once_the_keys_are_newer_than_the_token(owned: SigningIn) -> None:
    token = owned.id_token(key=shared_key("ES256", "eve"))
    owned.cloud.clock.advance(seconds=61)
    answer = owned.sign_in(token)
    assert answer.problem == "wrong-sign-in"
    assert "no key" in answer.json()["detail"]
    assert owned.issuer.requests == FETCHED


def test_an_issuer_that_is_down_does_not_matter_for_a_day(owned: SigningIn) -> None:
    owned.issuer.answers = {METADATA: (500, {}, b"")}
    owned.cloud.clock.advance(hours=23, minutes=59)
    assert owned.sign_in().status == 201
    owned.cloud.clock.advance(minutes=2)
    answer = owned.sign_in()
    assert (answer.status, answer.problem) == (503, "unavailable")
    assert "cannot be fetched" in answer.json()["detail"]
    owned.issuer.answers = {}
    owned.cloud.clock.advance(seconds=int(answer.headers["retry-after"]))
    assert owned.sign_in().status == 201


def test_a_failing_issuer_is_left_alone_for_a_while(signing_in: SigningIn) -> None:
    signing_in.issuer.answers = {METADATA: (503, {}, b"")}
    code = signing_in.cloud.operators_code()
    for _ in range(10):
        assert signing_in.sign_in(code=code).status == 503
        signing_in.cloud.clock.advance(seconds=1)
    assert signing_in.issuer.requests == [METADATA]
    signing_in.issuer.answers = {}
    signing_in.cloud.clock.advance(seconds=5)
    assert signing_in.sign_in(code=code).status == 201, "the code was not used up"


def test_an_issuer_that_hangs_holds_nobody_else_up(owned: SigningIn) -> None:
    reached, release = threading.Event(), threading.Event()

    def wait(_: str) -> None:
        reached.set()
        assert release.wait(60)

    owned.cloud.clock.advance(minutes=1)
    owned.issuer.before_answer = wait
    unknown = owned.id_token(key=shared_key("ES256", "eve"))
    known = owned.id_token()

    async def both() -> tuple[Answer, Answer]:
        import asyncio

        def call(token: str) -> Call:
            body = json.dumps(owned.proof(token)).encode()
            return Call("POST", "/v1/sign-in", {"content-type": "application/json"}, [body])

        first = asyncio.create_task(owned.cloud.loopback._call(call(unknown)))
        assert await asyncio.to_thread(reached.wait, 60)
        second = await owned.cloud.loopback._call(call(known))
        assert not first.done()
        release.set()
        return await first, second

    unknown_answer, known_answer = owned.cloud.loopback.run(both())
    assert (unknown_answer.status, known_answer.status) == (503, 201)


BAD_METADATA: list[dict[str, Any]] = [
    {"issuer": "https://other.example.com"},
    {"issuer": None},
    {"jwks_uri": None},
    {"jwks_uri": "http://issuer.example.com/jwks"},
    {"jwks_uri": "file:///etc/passwd"},
    {"jwks_uri": "https://user@issuer.example.com/jwks"},
    {"jwks_uri": ["https://issuer.example.com/jwks"]},
    {"jwks_uri": "https://issuer.example.com/" + "x" * 3000},
]


@pytest.mark.parametrize("metadata", BAD_METADATA, ids=lambda each: str(each)[:60])
def test_wrong_metadata_is_refused(signing_in: SigningIn, metadata: dict[str, Any]) -> None:
    signing_in.issuer.metadata = metadata
    answer = signing_in.sign_in()
    assert answer.problem == "unavailable"
    assert answer.json()["detail"].startswith("the keys of the issuer cannot be fetched: the ")
    assert signing_in.issuer.requests == [METADATA]


def test_the_issuer_in_the_metadata_is_compared_exactly(signing_in: SigningIn) -> None:
    signing_in.issuer.metadata = {"issuer": signing_in.issuer.url + "/"}
    assert signing_in.sign_in().problem == "unavailable"


def private_jwk() -> dict[str, Any]:
    key = SigningKey.new("ES256", "leaked")
    secret = key.private.private_numbers().private_value  # type: ignore[union-attr]
    return {**key.jwk, "d": number(secret, 32)}


BAD_KEYS: dict[str, object] = {
    "list": [],
    "text": "text",
    "no keys": {},
    "keys as text": {"keys": "text"},
    "empty": {"keys": []},
    "a number": {"keys": [1]},
    "only a secret": {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "key-1", "alg": "HS256"}]},
    "a secret too": {"keys": [shared_key("RS256").jwk, {"kty": "oct", "k": "c2VjcmV0"}]},
    "a private key": {"keys": [shared_key("RS256").jwk, private_jwk()]},
    "only for encryption": {"keys": [{**shared_key("RS256").jwk, "use": "enc"}]},
    "101 keys": {"keys": [shared_key("RS256").jwk] * 101},
}


@pytest.mark.parametrize("keys", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key_set_is_refused(signing_in: SigningIn, keys: object) -> None:
    signing_in.issuer.answers = {JWKS: (200, {}, json.dumps(keys).encode())}
    assert signing_in.sign_in(code=signing_in.cloud.operators_code()).problem == "unavailable"


def test_two_keys_with_one_name_are_refused(signing_in: SigningIn) -> None:
    signing_in.issuer.keys = [shared_key("ES256"), SigningKey.new("ES256", "key-1")]
    answer = signing_in.sign_in(code=signing_in.cloud.operators_code())
    assert "several keys" in answer.json()["detail"]


def test_keys_for_other_purposes_are_skipped(signing_in: SigningIn) -> None:
    keys = [
        {**shared_key("RS256", "enc").jwk, "use": "enc", "alg": "RSA-OAEP"},
        {**shared_key("RS256", "ps").jwk, "alg": "PS256"},
        {"kty": "EC", "crv": "P-521", "kid": "other", "x": "AA", "y": "AA"},
        {"kty": "new", "kid": "other"},
        shared_key("RS256").jwk,
    ]
    signing_in.issuer.answers = {JWKS: (200, {}, json.dumps({"keys": keys}).encode())}
    signing_in.claim()


def test_the_issuer_of_other_settings_has_no_keys_and_no_owner(
    owned: SigningIn, make_cloud: MakeCloud
) -> None:
    with LoopbackIssuer([shared_key("ES256", "other")]) as other:
        owned.cloud.loopback.__exit__(None, None, None)
        cloud = make_cloud(token=owned.cloud.device.token, **other.settings)
        object.__setattr__(cloud.environment, "entropy", os.urandom)
        other.now = lambda: cloud.clock() / 1000
        signing_in = SigningIn(cloud, other)
        assert cloud.stranger.call("GET", "/v1/sign-in").json()["needs_code"] is True
        assert signing_in.sign_in().problem == "wrong-code"
        assert signing_in.sign_in(owned.issuer.id_token(nonce=signing_in.nonce())).problem == "wrong-sign-in"
        swapped = owned.issuer.id_token(nonce=signing_in.nonce(), iss=other.url)
        assert signing_in.sign_in(swapped).problem in ("unavailable", "wrong-sign-in")
        signing_in.claim()


def test_a_clock_that_goes_back_does_not_stop_sign_ins(make_sign_in: MakeSignIn) -> None:
    signing_in = make_sign_in()
    signing_in.cloud.clock.advance(days=2)
    signing_in.claim()
    signing_in.cloud.clock.advance(days=-2)
    assert signing_in.sign_in().status == 201
