"""Malicious `.gitignore` files: the same paths match, in linear time, and a bad line does not affect others."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from satchel.exchange.folder.gitignore import linear_regex
from satchel.exchange.limits import MAX_IGNORE_FILE_BYTES, MAX_IGNORE_LINES, MAX_IGNORE_PATTERN_LETTERS

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

SEGMENTS = st.one_of(
    st.just("**"),
    st.lists(
        st.sampled_from(["*", "*", "?", "a", "b", ".", "[ab]", "[!a]", "[]a]", "\\*", "(", "{", "+"]),
        min_size=1,
        max_size=6,
    ).map("".join),
)
PATTERNS = st.tuples(
    st.sampled_from(["", "", "/", "!"]),
    st.lists(SEGMENTS, min_size=1, max_size=6).map("/".join),
    st.sampled_from(["", "", "/"]),
).map("".join)
PATHS = st.tuples(
    st.lists(st.text("aab.(*{+]\n", min_size=1, max_size=6), min_size=1, max_size=7).map("/".join),
    st.sampled_from(["", "/"]),
).map("".join)


@given(PATTERNS, PATHS)
@example("**/a/**/b", "a/b/a/b/")
@example("a*b*/**/b", "abb/ab/b")
@example("**/*a*/**/a*b*a", "a/a/a/aba/aba/x")
def test_a_linear_expression_matches_the_same_paths(pattern: str, path: str) -> None:
    regex, _ = GitIgnoreSpecPattern.pattern_to_regex(pattern)
    if regex is None:
        return
    plain = re.search(regex.replace("[^a]", "[^a/]"), path, re.DOTALL)  # as in git: see the test below
    ours = linear_regex(regex).search(path)
    assert (plain is None) == (ours is None)
    if plain and ours:
        assert plain.groupdict() == ours.groupdict()


@pytest.mark.tool("git")
def test_brackets_never_match_a_slash_as_in_git(tmp_path: Path, read_source: Read) -> None:
    write_rules(tmp_path, "x[!a]secret.txt\nx[+-9]y\nz[!a][!a]*[!a]\n")
    for place in ("x", "x/y", "z/b", "zb"):
        write_rules(tmp_path / place, "")
    (tmp_path / "zabc").write_text("s")
    (tmp_path / "zbcd").write_text("s")
    git = ["git", "-C", str(tmp_path), "-c", "core.excludesFile=/dev/null"]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.split()
    found = read_source(tmp_path)
    assert {*found.titles, *(item.where for item in found.skipped)} == set(listed)
    assert "x/secret.txt" in listed
    assert "zbcd" not in listed


NASTY = {
    "stars in a name": ("a*" * 30 + "b", "a" * 250),
    "stars and question marks": ("a*?" * 30 + "b", "a" * 250),
    "stars and brackets": ("[ab]*" * 30 + "[c]", "a" * 250),
    "stars doubled": ("a**" * 30 + "b", "a" * 250),
    "stars in many folders": ("*a*a*a*a*/" * 8 + "*b", "/".join(["a" * 200] * 9)),
    "folders at any depth": ("**/" + "*a*/**/" * 20 + "b", "/".join(["a" * 20] * 90)),
    "folders at any depth below one": ("a*/**/" * 20 + "b", "/".join(["a" * 20] * 90)),
}

MATCH = """
import sys
from pathlib import Path
from satchel.exchange.folder.gitignore import IgnoreRules
folder, path = Path(sys.argv[1]), Path(sys.argv[1]) / sys.argv[2]
print(IgnoreRules(folder, None).inside(folder).ignores(path, is_folder=False))
"""


@pytest.mark.parametrize("attack", NASTY)
def test_no_pattern_backtracks(attack: str, tmp_path: Path) -> None:
    pattern, path = NASTY[attack]
    (tmp_path / ".gitignore").write_text(f"{pattern}\n" * 10)
    code = [sys.executable, "-c", MATCH, str(tmp_path), path]
    # Backtracking would take years. This takes milliseconds; the limit allows for a busy machine.
    done = subprocess.run(code, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n"


def write_rules(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text(text)
    (folder / "secret.txt").write_text("s")


@pytest.mark.parametrize("line", ["foo\\", "[z-a]", "x" * (MAX_IGNORE_PATTERN_LETTERS + 1)])
def test_an_invalid_line_is_a_problem_and_the_others_apply(
    line: str, tmp_path: Path, read_source: Read
) -> None:
    write_rules(tmp_path, f"# mine\n{line}\nsecret.txt\n")
    found = read_source(tmp_path)
    assert found.titles == [".gitignore"]
    assert [item.where for item in found.problems] == [".gitignore line 2"]
    assert line not in found.problems[0].reason


def test_nested_sets_cause_no_warning(tmp_path: Path, read_source: Read) -> None:
    write_rules(tmp_path, "[[:alpha:]]*\n")
    assert not read_source(tmp_path).problems


def test_lines_after_the_limit_are_a_problem(tmp_path: Path, read_source: Read) -> None:
    write_rules(tmp_path, "#\n" * (MAX_IGNORE_LINES - 1) + "secret.txt\n.gitignore\n")
    found = read_source(tmp_path)
    assert found.titles == [".gitignore"]
    assert [item.where for item in found.problems] == [f".gitignore line {MAX_IGNORE_LINES + 1}"]


def test_a_file_over_the_limit_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    write_rules(tmp_path, "#" * (MAX_IGNORE_FILE_BYTES + 1))
    assert [(item.where, item.reason) for item in read_source(tmp_path).problems] == [
        (".gitignore", "it is larger than 1 MiB")
    ]


def test_each_problem_is_reported_once_with_its_file_and_line(tmp_path: Path, read_source: Read) -> None:
    (tmp_path / ".git").mkdir()
    write_rules(tmp_path, "\\\n")
    write_rules(tmp_path / "in", "\\\n")
    write_rules(tmp_path / "in" / "deep", "\n\\\n")
    (tmp_path / "in" / "deeper").mkdir()
    assert [item.where for item in read_source(tmp_path / "in").problems] == [
        "../.gitignore line 1",
        ".gitignore line 1",
        "deep/.gitignore line 2",
    ]
