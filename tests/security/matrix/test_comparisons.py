"""No secret is compared byte by byte: secrets are looked up by their hash, or compared in constant time."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import satchel_service

SOURCE: Final = Path(satchel_service.__file__).parent
PACKAGES: Final = ("callers.py", "devices", "shares", "sign_in", "web")  # they receive what strangers send
SECRET: Final = re.compile(r"token|proof|(^|_)code($|_)|secret|nonce|digest|sha256|hmac|signature|password")
HARMLESS: Final[Mapping[str, str]] = {
    "grant_key(code_sha256) not in await self._listed_grants()": "a hash in a set of hashes",
    "digest in self._digests": "the public hash of a sealed body",
    "row.id in self._ids or row.body_sha256 in self._digests": "public ids and hashes",
    "row.body_sha256 in self._digests": "the public hash of a sealed body",
    "problem.code not in OUTCOMES": "the code of a problem",
    "problem.code in REFUSALS": "the code of a problem",
    "problem.code is ProblemCode.WRONG_CODE": "the code of a problem",
    "len(text) != NONCE_CHARS": "a length",
    "len(proof) != PROOF_BYTES": "a length",
    "claims.get('typ', ID_TOKEN) != ID_TOKEN": "the type of a token",
    "self.account_digest != owner.account.digest": "digests of accounts, both stored",
}


def comparisons() -> Iterator[tuple[str, str]]:
    """Yield each comparison of something whose name says that it is secret, with its place."""
    for package in PACKAGES:
        found = SOURCE / package
        for path in [found] if found.is_file() else sorted(found.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Compare) and compares_bytes(node) and SECRET.search(names_in(node)):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", ast.unparse(node)


def compares_bytes(node: ast.Compare) -> bool:
    """Whether a comparison can stop at the first difference; `is` and comparisons with constants cannot leak."""
    operators = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
    constants = [part for part in (node.left, *node.comparators) if isinstance(part, ast.Constant)]
    return any(isinstance(each, operators) for each in node.ops) and not constants


def names_in(node: ast.AST) -> str:
    """Return the names in an expression, joined by spaces."""
    found = ast.walk(node)
    names = [
        part.id if isinstance(part, ast.Name) else part.attr
        for part in found
        if isinstance(part, (ast.Name, ast.Attribute))
    ]
    return " ".join(name.lower() for name in names)


def test_no_secret_is_compared_byte_by_byte() -> None:
    assert [(place, text) for place, text in comparisons() if text not in HARMLESS] == []


def test_the_check_finds_such_a_comparison() -> None:
    node = ast.parse("token_sha256 == row.token_sha256", mode="eval").body
    assert isinstance(node, ast.Compare)
    assert compares_bytes(node)
    assert SECRET.search(names_in(node))


def test_proofs_and_digests_are_compared_in_constant_time() -> None:
    for path, call in (
        ("shares/share_opening.py", "hmac.compare_digest(hashlib.sha256(proof).digest(), row.proof_sha256)"),
        ("web/requests.py", "hmac.compare_digest(state.digest(), self._expected[name])"),
    ):
        assert call in (SOURCE / path).read_text()
