"""The public names are complete and imported lazily."""

import subprocess
import sys

import pytest

from satchel import keys


def test_every_public_name_exists() -> None:
    assert sorted(keys._MODULES) == keys.__all__ == sorted(keys.__all__)
    for name in keys.__all__:
        assert getattr(keys, name).__module__.startswith("satchel.keys.")


def test_an_unknown_name_is_an_attribute_error() -> None:
    name = "nothing_like_that"
    with pytest.raises(AttributeError, match=name):
        getattr(keys, name)


def test_checking_for_keys_imports_neither_ciphers_nor_the_keyring() -> None:
    script = """
import pathlib, sys
from satchel.keys import Vault
assert not Vault(pathlib.Path("/nonexistent")).exists()
print(sorted({"cryptography", "keyring", "mnemonic"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
