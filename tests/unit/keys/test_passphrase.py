"""Wrapping under a passphrase: what is authenticated, and what is refused before the costly derivation."""

import subprocess
import sys

import msgspec
import pytest

from satchel.errors import UsageError
from satchel.keys import passphrase
from satchel.keys.passphrase import Profile, unwrap, wrap

PROFILE = Profile(salt="ab" * 16)
PURPOSE, OWNER = "satchel/test", "0" * 32
WRAPPED = wrap(b"s" * 32, "open sesame", PROFILE, purpose=PURPOSE, owner=OWNER)


def test_a_wrapped_secret_round_trips() -> None:
    assert unwrap(WRAPPED, "open sesame", PROFILE, purpose=PURPOSE, owner=OWNER) == b"s" * 32


@pytest.mark.parametrize(
    ("phrase", "purpose", "owner", "profile"),
    [
        ("open sesam", PURPOSE, OWNER, PROFILE),
        ("", PURPOSE, OWNER, PROFILE),
        ("open sesame", "satchel/other", OWNER, PROFILE),
        ("open sesame", PURPOSE, "1" * 32, PROFILE),
        ("open sesame", PURPOSE, OWNER, Profile(salt="ac" * 16)),
        ("open sesame", PURPOSE, OWNER, Profile(salt="ab" * 16, passes=4)),
    ],
)
def test_any_other_input_does_not_unwrap(phrase: str, purpose: str, owner: str, profile: Profile) -> None:
    assert unwrap(WRAPPED, phrase, profile, purpose=purpose, owner=owner) is None


@pytest.mark.parametrize("at", [0, 31, 47])
def test_a_changed_byte_does_not_unwrap(at: int) -> None:
    changed = bytearray(WRAPPED)
    changed[at] ^= 1
    assert unwrap(bytes(changed), "open sesame", PROFILE, purpose=PURPOSE, owner=OWNER) is None


@pytest.mark.parametrize("phrase", ["", "x" * 1025, "ü" * 513])
def test_an_empty_or_oversized_passphrase_is_refused(phrase: str) -> None:
    with pytest.raises(UsageError, match="1 to 1024 bytes"):
        wrap(b"s" * 32, phrase, PROFILE, purpose=PURPOSE, owner=OWNER)


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": passphrase.MEMORY_KIB - 1},
        {"memory_kib": passphrase.MAX_MEMORY_KIB + 1},
        {"passes": passphrase.PASSES - 1},
        {"passes": passphrase.MAX_PASSES + 1},
        {"lanes": passphrase.LANES - 1},
        {"lanes": passphrase.MAX_LANES + 1},
        {"salt": "ab" * 15},
        {"salt": "AB" * 16},
        {"salt": "ab" * 16 + "\n"},
        {"extra": 1},
    ],
)
def test_parameters_outside_the_limits_are_refused(change: dict[str, object]) -> None:
    fields = msgspec.to_builtins(PROFILE) | change
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(fields), type=Profile)


def test_too_little_memory_is_reported_in_one_line() -> None:
    script = """
import resource
from satchel.errors import SatchelError
from satchel.keys.passphrase import Profile, wrap
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
try:
    wrap(bytes(32), "x", Profile(salt="00" * 16), purpose="p", owner="o")
except SatchelError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "a passphrase needs 256 MiB of memory, more than is available\n"


def test_each_profile_has_its_own_salt() -> None:
    assert Profile.fresh().salt != Profile.fresh().salt
    assert Profile.fresh(lambda length: b"\x01" * length).salt == "01" * 16
