"""Keys of an issuer: sizes, curves, purposes, and numbers in their only form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.loopback_issuer import ALGORITHMS, SigningKey, b64url, number, shared_key

from satchel_service.tokens.compact import Header
from satchel_service.tokens.keys import (
    encode_key_set,
    find_key,
    has_roca_fingerprint,
    parse_key,
    parse_key_set,
)
from satchel_service.tokens.strict_json import TokenError

RSA, EC, ED = (shared_key(algorithm).jwk for algorithm in ALGORITHMS)
MODULUS = int.from_bytes(bytes(255) + b"\x01") | 1 << 2047


@pytest.mark.parametrize("jwk", [RSA, EC, ED], ids=ALGORITHMS)
@pytest.mark.parametrize("without", ["alg", "use", "kid", None])
def test_a_key_is_accepted_with_what_issuers_leave_out(jwk: dict[str, Any], without: str | None) -> None:
    key = parse_key({name: value for name, value in jwk.items() if name != without})
    assert key is not None
    assert (key.algorithm, key.key_id) == (jwk["alg"], None if without == "kid" else "key-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"use": 1},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"key_ops": []},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": None},
        {"kty": "RSA1"},
        {"kty": None},
        {"kid": ""},
        {"kid": 7},
        {"kid": "x" * 501},
    ],
    ids=str,
)
@pytest.mark.parametrize("jwk", [RSA, EC, ED], ids=ALGORITHMS)
def test_a_key_for_anything_else_is_skipped(jwk: dict[str, Any], changes: dict[str, Any]) -> None:
    assert parse_key({**jwk, **changes}) is None


@pytest.mark.parametrize("operations", [["verify"], ["sign", "verify"]])
def test_a_key_that_verifies_among_other_things_is_accepted(operations: list[str]) -> None:
    assert parse_key({**RSA, "key_ops": operations}) is not None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"n": number((1 << 2046) + 1)}, id="2047 bits"),
        pytest.param({"n": number((1 << 8192) + 1)}, id="8193 bits"),
        pytest.param({"n": number(MODULUS - 1)}, id="even"),
        pytest.param({"n": "AA" + RSA["n"]}, id="leading zeros"),
        pytest.param({"n": RSA["n"] + "="}, id="padding"),
        pytest.param({"n": ""}, id="empty"),
        pytest.param({"n": None}, id="missing"),
        pytest.param({"n": 7}, id="number"),
        pytest.param({"e": "AQ"}, id="exponent 1"),
        pytest.param({"e": "Ag"}, id="exponent 2"),
        pytest.param({"e": "AAEAAQ"}, id="exponent with a leading zero"),
        pytest.param({"e": number((1 << 32) + 1)}, id="exponent of 33 bits"),
        pytest.param({"e": ""}, id="exponent empty"),
    ],
)
def test_a_weak_or_malformed_rsa_key_is_skipped(changes: dict[str, Any]) -> None:
    assert parse_key({**RSA, **changes}) is None


@pytest.mark.parametrize("exponent", ["Aw", "AQAB"])
def test_the_usual_exponents_are_accepted(exponent: str) -> None:
    assert parse_key({**RSA, "e": exponent}) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": None},
        {"x": b64url(bytes(31))},
        {"x": b64url(bytes(33))},
        {"x": ""},
        {"x": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("jwk", [EC, ED], ids=["ES256", "EdDSA"])
def test_other_curves_and_lengths_are_skipped(jwk: dict[str, Any], changes: dict[str, Any]) -> None:
    assert parse_key({**jwk, **changes}) is None


@pytest.mark.parametrize("curve", ["Ed448", "X25519"])
def test_other_curves_of_the_type_okp_are_skipped(curve: str) -> None:
    assert parse_key({**ED, "crv": curve}) is None


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"])
def test_a_secret_key_is_refused_whatever_its_type(member: str) -> None:
    for jwk in (RSA, EC, ED, {"kty": "oct"}, {"kty": "new"}):
        with pytest.raises(TokenError, match="secret"):
            parse_key({**jwk, member: "AA"})


def test_keys_that_were_made_by_a_broken_generator_are_found() -> None:
    product = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89):
        product *= prime
    for prime in (97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167):
        product *= prime
    for factor in range(5):
        modulus = ((7919 + factor) << 1800) // product * product + pow(65537, 4321 + factor, product)
        assert has_roca_fingerprint(modulus)
    assert not any(has_roca_fingerprint(modulus) for modulus in range(MODULUS, MODULUS + 20_000, 2))


def test_keys_are_stored_and_read_back() -> None:
    keys = tuple(key for jwk in (RSA, {**EC, "kid": "b"}, {**ED, "kid": "c"}) if (key := parse_key(jwk)))
    assert len(keys) == 3
    assert parse_key_set(encode_key_set(keys)) == keys


def test_a_token_finds_its_key() -> None:
    other = SigningKey.new("ES256", "key-1")
    keys = tuple(key for jwk in (RSA, {**EC, "kid": "b"}) if (key := parse_key(jwk)))
    assert find_key(keys, Header("RS256", "key-1")) == keys[0]
    assert find_key(keys, Header("RS256", None)) == keys[0]
    assert find_key(keys, Header("RS256", "b")) is None, "a key of another algorithm"
    assert find_key(keys, Header("ES256", "key-1")) is None
    assert find_key(keys, Header("EdDSA", None)) is None
    same = parse_key({**other.jwk, "kid": "c"})
    assert same is not None
    with pytest.raises(TokenError, match="several"):
        find_key((*keys, same), Header("ES256", None))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["kty", "crv", "n", "e", "x", "y", "kid", "alg", "use", "key_ops", "k", "d"]),
    JSON
    | st.sampled_from([RSA["n"], "AQAB", EC["x"], EC["y"], "RSA", "EC", "OKP", "P-256", "Ed25519", "sig"]),
)


@given(MEMBERS)
def test_anything_else_is_skipped_or_refused(jwk: dict[str, Any]) -> None:
    try:
        key = parse_key(jwk)
    except TokenError:
        return
    if key is not None:
        assert parse_key(key.to_jwk()) == key


@given(st.binary(max_size=300))
def test_any_bytes_are_a_key_set_or_an_error(data: bytes) -> None:
    with pytest.raises(TokenError):
        parse_key_set(data)
