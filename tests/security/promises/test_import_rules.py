"""The import rules that keep a promise fail the build when a module breaks them."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from audit.named_tests import ROOT

VERIFYING: Final = {
    "joserfc.errors.JoseError",
    "joserfc.jwk.import_key",
    "joserfc.jws.JWSRegistry",
    "joserfc.jws.deserialize_compact",
}
"""What the service may import of the JOSE library: nothing that decrypts, encrypts or signs."""

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


@pytest.mark.parametrize("rule", ["server-cannot-decrypt", "one-door-out", "one-door-to-onnxruntime"])
def test_the_import_rules_hold(tree: Path, rule: str) -> None:
    assert not broken_rule(tree, rule)


@pytest.mark.parametrize("name", ["cryptography.hazmat.primitives.ciphers", "satchel.age", "pyrage"])
@pytest.mark.parametrize("module", ["satchel_service/shares/bodies.py", "satchel_wire/messages.py"])
def test_a_cipher_in_the_service_fails_the_build(tree: Path, module: str, name: str) -> None:
    add_import(tree / "service" / module, name)
    assert broken_rule(tree, "server-cannot-decrypt")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("satchel_service/sign_in/issuer.py", "joserfc"),
        ("satchel_service/tokens/keys.py", "joserfc"),
        ("satchel_service/tokens/signatures.py", "cryptography.hazmat.primitives.ciphers.aead"),
        ("satchel_service/tokens/signatures.py", "jwcrypto"),
    ],
)
def test_the_jose_library_outside_its_module_and_ciphers_in_it_fail_the_build(
    tree: Path, module: str, name: str
) -> None:
    add_import(tree / "service" / module, name)
    assert broken_rule(tree, "server-cannot-decrypt")


def test_the_package_of_tokens_imports_only_what_verifies_signatures() -> None:
    package = ROOT / "service/satchel_service/tokens"
    found = {path.name: third_party_names(path) for path in package.glob("*.py")}
    assert {name: names for name, names in found.items() if names} == {"signatures.py": VERIFYING}
    called = {
        node.attr for node in ast.walk(parse(package / "signatures.py")) if isinstance(node, ast.Attribute)
    }
    assert not {name for name in called if "crypt" in name or "sign" in name.lower()} - {"signature"}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def third_party_names(path: Path) -> set[str]:
    """Return everything that a module imports from outside the standard library and the service, with its module."""
    found = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            found.add("__import__")
    own = {*sys.stdlib_module_names, "satchel_service"}
    return {name for name in found if name.partition(".")[0] not in own or name.startswith("importlib")}


@pytest.mark.parametrize("name", ["socket", "urllib3", "http.client"])
def test_a_connection_outside_the_one_package_fails_the_build(tree: Path, name: str) -> None:
    add_import(tree / "client/satchel/backup/listing.py", name)
    assert broken_rule(tree, "one-door-out")
