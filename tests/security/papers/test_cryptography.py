"""docs/security/cryptography.md lists every primitive that a module of the client or the service uses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from audit.named_tests import ROOT

PAGE: Final = (ROOT / "docs/security/cryptography.md").read_text(encoding="utf-8")
PACKAGES: Final = ("cryptography", "blake3", "joserfc", "mnemonic")
STANDARD: Final = ("hashlib", "hmac", "random", "secrets")
RANDOM: Final = ("urandom", "SystemRandom")
FORBIDDEN: Final = ("Crypto", "nacl", "pyrage", "jwt", "pickle", "marshal", "shelve")


def modules() -> list[Path]:
    return sorted(path for base in ("client", "service") for path in (ROOT / base).rglob("*.py"))


def used(path: Path) -> Iterator[str]:
    """Return the primitives that a module uses, as the page names them."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.partition(".")[0] in PACKAGES:
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names) if module in STANDARD:
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name == "ssl" or alias.name in PACKAGES)
            case ast.Attribute(attr=name) if name in RANDOM:
                yield "os.urandom" if name == "urandom" else name
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in STANDARD:
                yield f"{module}.{name}"


def listed() -> set[str]:
    table = PAGE.split("\n## Primitives\n")[1].split("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row[2])}


def test_every_use_of_a_primitive_is_in_the_inventory() -> None:
    found = {name for path in modules() for name in used(path)}
    assert found == listed()


def test_no_module_imports_another_cipher_or_a_format_that_runs_code() -> None:
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Import(names=names):
                    imported = [alias.name.partition(".")[0] for alias in names]
                case ast.ImportFrom(module=str(module)):
                    imported = [module.partition(".")[0]]
                case _:
                    continue
            found += [f"{path.relative_to(ROOT)}: {name}" for name in imported if name in FORBIDDEN]
    assert found == []
