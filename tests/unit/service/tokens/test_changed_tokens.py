"""A token that was changed anywhere is refused: signed data, signature, and the spelling of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.loopback_issuer import ALGORITHMS, b64url, shared_key

from satchel_service.tokens.compact import Token
from satchel_service.tokens.keys import PublicKey, parse_key
from satchel_service.tokens.signatures import verify
from satchel_service.tokens.strict_json import TokenError, decode_base64url

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TOKENS = {
    algorithm: shared_key(algorithm).token({"alg": algorithm, "kid": "key-1"}, {"sub": "ada", "n": "x" * 20})
    for algorithm in ALGORITHMS
}


def public(algorithm: str) -> PublicKey:
    key = parse_key(shared_key(algorithm).jwk)
    assert key is not None
    return key


def is_accepted(text: str, key: PublicKey) -> bool:
    try:
        verify(Token.parse(text), key)
    except TokenError:
        return False
    return True


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_token_itself_is_accepted(algorithm: str) -> None:
    assert is_accepted(TOKENS[algorithm], public(algorithm))


@given(st.sampled_from(ALGORITHMS), st.data())
def test_one_changed_character_is_refused(algorithm: str, data: st.DataObject) -> None:
    token = TOKENS[algorithm]
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from([*ALPHABET, ".", "=", " ", "\n", "\u00e4"]))
    changed = token[:place] + character + token[place + 1 :]
    assert is_accepted(changed, public(algorithm)) == (changed == token)


@given(st.sampled_from(ALGORITHMS), st.data())
def test_a_removed_or_added_character_is_refused(algorithm: str, data: st.DataObject) -> None:
    token = TOKENS[algorithm]
    place = data.draw(st.integers(0, len(token)))
    assert not is_accepted(
        token[:place] + data.draw(st.sampled_from(ALPHABET)) + token[place:], public(algorithm)
    )
    assert place == len(token) or not is_accepted(token[:place] + token[place + 1 :], public(algorithm))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(256), b"\xff" * 64, b"\xff" * 256])
def test_a_constant_signature_is_refused(algorithm: str, signature: bytes) -> None:
    signed = TOKENS[algorithm].rpartition(".")[0]
    assert not is_accepted(f"{signed}.{b64url(signature)}", public(algorithm))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_another_algorithm_is_refused(algorithm: str) -> None:
    for other in ALGORITHMS:
        assert is_accepted(TOKENS[algorithm], public(other)) == (other == algorithm)


def test_an_ecdsa_signature_in_der_is_refused() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    signed = TOKENS["ES256"].rpartition(".")[0]
    private = shared_key("ES256").private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    der = private.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert not is_accepted(f"{signed}.{b64url(der)}", public("ES256"))


@given(st.binary(max_size=100))
def test_base64url_has_one_spelling(data: bytes) -> None:
    assert decode_base64url(b64url(data), "it") == data


@given(st.text(alphabet=[*ALPHABET, "=", "+", "/", "\n"], max_size=30))
def test_any_text_decodes_to_bytes_that_encode_to_it_or_is_refused(text: str) -> None:
    try:
        data = decode_base64url(text, "it")
    except TokenError:
        return
    assert b64url(data) == text


@given(st.text(max_size=200))
def test_any_text_is_a_token_or_an_error(text: str) -> None:
    with pytest.raises(TokenError):
        Token.parse(text)
