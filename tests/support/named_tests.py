"""Tests that documentation names as `file::function`, looked up in the syntax trees of the files."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NAMED: Final = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)`")


def named_tests(text: str) -> list[tuple[str, str]]:
    """Return the file and the function of every test that a text names."""
    return NAMED.findall(text)


@cache
def tests_of(file: str) -> frozenset[str]:
    """Return the names of the test functions of a file; none if the file does not exist."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_bytes())
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def missing_tests(text: str) -> list[str]:
    """Return the tests that a text names and that do not exist."""
    return [f"{file}::{name}" for file, name in named_tests(text) if name not in tests_of(file)]
