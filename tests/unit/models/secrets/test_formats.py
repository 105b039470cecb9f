"""The table of token formats: every format is found, alone and at its places, and none is found in other words.

Tokens are made when a test runs. A failure names the format, never the token.
"""

import hashlib
from random import Random

import pytest

from models.secrets.planted import planted
from models.secrets.tokens import example_of
from satchel.models.secrets import scan_text
from satchel.models.secrets.checksums import CHECKSUMS
from satchel.models.secrets.formats import Format, table
from satchel.models.secrets.randomness import FILE
from satchel.models.secrets.shapes import ALPHABETS, parse

FORMATS = table()
PREFIXED = [one for one in FORMATS if one.shape.prefixes[0] and not one.needs_near]


def label(one: Format) -> str:
    return f"{one.rule}-{FORMATS.index(one)}"


def test_the_table_covers_over_200_providers_and_gives_their_documentation() -> None:
    assert len({one.provider for one in FORMATS}) >= 200
    assert all(one.docs.startswith("https://") and one.kind for one in FORMATS)


def test_every_shape_is_bounded() -> None:
    assert all(one.shape.most <= 2_500 for one in FORMATS)


@pytest.mark.parametrize("one", PREFIXED, ids=label)
def test_a_token_with_a_prefix_is_found_wherever_it_stands(one: Format) -> None:
    random = Random(label(one))
    found = 0
    for _ in range(5):
        token = example_of(one.shape, random, one.checksum)
        secrets = scan_text(f"see {token}\n")
        found += any(secret.value == token for secret in secrets)
        leaks = any(token in repr(secret) or token in secret.redacted for secret in secrets)
        assert not leaks, one.what
    assert found >= 4, one.what  # a random token may count through an alphabet or have no digit


def test_most_tokens_are_found_as_values_of_names() -> None:
    random = Random(5)
    missed = [
        one.what
        for one in FORMATS
        for _ in range(3)
        if not scan_text(planted(one.provider, example_of(one.shape, random, one.checksum), random))
    ]
    assert len(missed) <= 0.04 * 3 * len(FORMATS), sorted(set(missed))


@pytest.mark.parametrize("checksum", ["crc32", "crc32-hex"])
def test_a_right_checksum_is_certain_and_a_wrong_one_is_not(checksum: str) -> None:
    one = next(each for each in FORMATS if each.checksum == checksum)
    token = example_of(one.shape, Random(1), checksum)
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert CHECKSUMS[checksum](token)
    assert not CHECKSUMS[checksum](wrong)
    (right,), (other,) = scan_text(token), scan_text(wrong)
    assert right.confidence > 0.95 > other.confidence


def test_the_checksum_of_github_is_crc32_in_base_62() -> None:
    # zlib.crc32(b"a") is 3904355907, which has these digits in base 62.
    from satchel.models.secrets.checksums import base62_crc32

    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for char in base62_crc32("a"):
        number = number * 62 + digits.index(char)
    assert number == 3904355907


def test_bech32_and_base58_checksums_follow_their_specifications() -> None:
    from satchel.age import X25519Identity

    assert CHECKSUMS["bech32"](str(X25519Identity.generate()))
    assert not CHECKSUMS["bech32"]("AGE-SECRET-KEY-1" + "Q" * 58)
    key = b"\x80" + bytes(range(32))
    data = key + hashlib.sha256(hashlib.sha256(key).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABETS["base58"][digit] + text
    assert CHECKSUMS["base58"](text)
    assert not CHECKSUMS["base58"](text[::-1])


def test_a_prefix_alone_is_no_token() -> None:
    for one in PREFIXED:
        for prefix in one.shape.prefixes:
            assert not scan_text(f"tokens begin with {prefix} and more\n"), one.what
            assert not scan_text(f"{prefix}{'x' * 40}\n"), one.what


def test_an_alphabet_must_be_known() -> None:
    with pytest.raises(KeyError):
        parse("a_{base63:3}")


def test_the_weights_are_those_of_the_list_of_hashes() -> None:
    lines = FILE.with_name("SHA256SUMS").read_text().splitlines()
    assert f"{hashlib.sha256(FILE.read_bytes()).hexdigest()}  {FILE.name}" in lines


def test_training_gives_the_same_weights() -> None:
    from models.secrets.training import trained

    assert trained().encode() == FILE.read_bytes()
