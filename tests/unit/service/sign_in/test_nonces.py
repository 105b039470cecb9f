"""Nonces: made without a row, valid once and for half an hour, and only those of this cloud."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.database.schema import MIGRATIONS
from satchel_service.problems import ProblemError
from satchel_service.sign_in.nonces import (
    KEY_BYTES,
    NONCE_CHARS,
    RANDOM_BYTES,
    TTL_MS,
    make_nonce,
    read_nonce,
)
from satchel_service.sign_in.used_nonces import use_nonce

KEY, OTHER_KEY = bytes(KEY_BYTES), b"\1" * KEY_BYTES
RANDOM = bytes(RANDOM_BYTES)
NOW = 1_800_000_000_000
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_nonce_is_valid_until_it_expires() -> None:
    nonce = make_nonce(KEY, RANDOM, NOW)
    assert nonce.expires == NOW + TTL_MS
    assert len(nonce.text) == NONCE_CHARS
    assert read_nonce(KEY, nonce.text, NOW) == nonce.expires
    assert read_nonce(KEY, nonce.text, NOW + TTL_MS - 1) == nonce.expires
    assert read_nonce(KEY, nonce.text, NOW + TTL_MS) is None
    assert read_nonce(KEY, nonce.text, NOW - 1) is None, "made in the future"


def test_a_nonce_of_another_cloud_is_refused() -> None:
    assert read_nonce(OTHER_KEY, make_nonce(KEY, RANDOM, NOW).text, NOW) is None


@given(st.integers(0, NONCE_CHARS - 2), st.sampled_from(ALPHABET))
def test_a_nonce_with_another_character_is_refused(place: int, character: str) -> None:
    text = make_nonce(KEY, RANDOM, NOW).text
    changed = text[:place] + character + text[place + 1 :]
    assert (read_nonce(KEY, changed, NOW) is None) == (changed != text)


@given(st.text(max_size=100))
def test_any_other_text_is_refused(text: str) -> None:
    assert read_nonce(KEY, text, NOW) is None


def database() -> apsw.Connection:
    db = apsw.Connection("")
    for migration in MIGRATIONS:
        db.execute(migration)
    return db


def test_a_nonce_works_once_in_every_spelling() -> None:
    db, nonce = database(), make_nonce(KEY, RANDOM, NOW)
    use_nonce(db, nonce.text, nonce.expires, NOW)
    others = [nonce.text[:-1] + character for character in ALPHABET]
    spellings = [text for text in others if read_nonce(KEY, text, NOW)]
    assert len(spellings) > 1, "the last character has bits that mean nothing"
    for text in spellings:
        with pytest.raises(ProblemError, match="wrong-sign-in"):
            use_nonce(db, text, nonce.expires, NOW)


def test_expired_nonces_are_forgotten() -> None:
    db, first = database(), make_nonce(KEY, RANDOM, NOW)
    use_nonce(db, first.text, first.expires, NOW)
    later = make_nonce(KEY, b"\1" * RANDOM_BYTES, NOW + TTL_MS)
    use_nonce(db, later.text, later.expires, NOW + TTL_MS)
    assert db.execute("SELECT count(*) FROM nonces").get == 1
