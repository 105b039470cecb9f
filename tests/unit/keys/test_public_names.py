"""The package's short list of names is complete, and loads late."""

import subprocess
import sys

import pytest

from satchel import keys


def test_every_public_name_is_there() -> None:
    assert sorted(keys._MODULES) == keys.__all__ == sorted(keys.__all__)
    for name in keys.__all__:
        assert getattr(keys, name).__module__.startswith("satchel.keys.")


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    name = "nothing_like_that"
    with pytest.raises(AttributeError, match=name):
        getattr(keys, name)


def test_asking_whether_there_are_keys_loads_neither_ciphers_nor_the_keyring() -> None:
    script = """
import pathlib, sys
from satchel.keys import Vault
assert not Vault(pathlib.Path("/nonexistent")).exists()
print(sorted({"cryptography", "keyring", "mnemonic"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
