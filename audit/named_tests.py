"""Tests that documentation names as `file::function`, looked up in the syntax trees of the files."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
NAMED: Final = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)`")


def named_tests(text: str) -> list[tuple[str, str]]:
    """Return the file and the function of every test that a text names."""
    return NAMED.findall(text)


@cache
def tests_of(file: str) -> Mapping[str, str]:
    """Return the test functions of a file with their place for pytest; none if the file does not exist.

    A class that pytest does not collect is a base of others, in this file: the place of its tests is the file.
    """
    path = ROOT / file
    return dict(_functions(ast.parse(path.read_bytes()), file)) if path.is_file() else {}


def _functions(scope: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.ClassDef):
            is_collected = node.name.startswith("Test")
            for name, found in _functions(node, f"{place}::{node.name}"):
                yield name, found if is_collected else place
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, f"{place}::{node.name}"


def missing_tests(text: str) -> list[str]:
    """Return the tests that a text names and that do not exist."""
    return [f"{file}::{name}" for file, name in named_tests(text) if name not in tests_of(file)]


def places(text: str) -> list[str]:
    """Return the place for pytest of every test that a text names, sorted."""
    return sorted({tests_of(file)[name] for file, name in named_tests(text) if name in tests_of(file)})
