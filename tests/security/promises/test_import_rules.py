"""The import rules that keep a promise fail the build when a module breaks them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from audit.named_tests import ROOT

PACKAGES: Final = ("client", "service", "infra")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the source tree, for a test to change."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_rule(tree: Path, rule: str) -> bool:
    """Check one import rule, as `make check` does."""
    paths = os.pathsep.join(str(tree / package) for package in PACKAGES)
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--contract", rule],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return "1 broken" in done.stdout


def add_import(module: Path, name: str) -> None:
    module.write_text(f"import {name}\n{module.read_text(encoding='utf-8')}", encoding="utf-8")


@pytest.mark.parametrize("rule", ["server-cannot-decrypt", "one-door-out"])
def test_the_import_rules_hold(tree: Path, rule: str) -> None:
    assert not broken_rule(tree, rule)


@pytest.mark.parametrize("name", ["cryptography.hazmat.primitives.ciphers", "satchel.age", "pyrage"])
@pytest.mark.parametrize("module", ["satchel_service/shares/bodies.py", "satchel_wire/messages.py"])
def test_a_cipher_in_the_service_fails_the_build(tree: Path, module: str, name: str) -> None:
    add_import(tree / "service" / module, name)
    assert broken_rule(tree, "server-cannot-decrypt")


@pytest.mark.parametrize("name", ["socket", "urllib3", "http.client"])
def test_a_connection_outside_the_one_package_fails_the_build(tree: Path, name: str) -> None:
    add_import(tree / "client/satchel/backup/listing.py", name)
    assert broken_rule(tree, "one-door-out")
