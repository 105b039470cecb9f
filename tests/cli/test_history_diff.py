"""`satchel history --diff`: the fields and lines that each revision changed."""

import random
import re
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from satchel.store.revision_diff import MAX_COMPARED_LINES, diff


@pytest.fixture
def edited(cli: Cli) -> tuple[Cli, str]:
    piece = cli.save("a\nb\nc\n", "--title", "One")
    cli.ok("edit", piece, "-", stdin=b"a\nB\nc\n")
    cli.ok("edit", piece, "--title", "Two", "--tag", "x")
    return cli, piece


def test_changes_are_shown_newest_first(edited: tuple[Cli, str]) -> None:
    cli, piece = edited
    lines = cli.ok("history", piece, "--diff").lines
    headings = [line for line in lines if line.startswith("revision ")]
    assert [line.partition(",")[0] for line in headings] == ["revision 3", "revision 2", "revision 1"]
    assert all(re.search(r", \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", line) for line in headings)
    assert "title: One → Two" in lines
    assert "tags: (none) → x" in lines
    at = lines.index("-b")
    assert lines[at - 4 : at + 3] == ["--- content", "+++ content", "@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]


def test_one_revision_can_be_chosen(edited: tuple[Cli, str]) -> None:
    cli, piece = edited
    text = cli.ok("history", piece, "--diff", "--revision", "2").text
    assert "+B" in text
    assert "Two" not in text
    assert cli.run("history", piece, "--diff", "--revision", "9").code == 3


@pytest.mark.parametrize(
    "options", [["--revision", "2"], ["--diff", "--restore", "1"], ["--restore", "1", "--revision", "1"]]
)
def test_options_that_do_not_fit_are_refused(edited: tuple[Cli, str], options: list[str]) -> None:
    cli, piece = edited
    assert cli.run("history", piece, *options).code == 2


def test_the_document_has_changes_and_lines(edited: tuple[Cli, str]) -> None:
    cli, piece = edited
    newest, middle, first = cli.json("history", piece, "--diff")["revisions"]
    assert newest["changed"] == {"title": ["One", "Two"], "tags": ["", "x"]}
    assert newest["diff"] == []
    assert middle["diff"][-4:] == [" a", "-b", "+B", " c"]
    assert (first["revision"], first["changed"]["title"]) == (1, ["", "One"])


def test_a_terminal_gets_colours_and_no_control_characters(cli: Cli) -> None:
    piece = cli.save("plain\n")
    cli.ok("edit", piece, "-", stdin="\u202e\u200bevil\x1b[31m\n".encode())
    text = cli.ok("history", piece, "--diff", terminal=True).text
    assert "\x1b[32m+\\x202e\\x200bevil\\x1b[31m\x1b[0m" in text


def test_further_files_are_compared(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("one\n")
    piece = cli.save("main\n")
    cli.ok("edit", piece, "--add-file", str(tmp_path / "b.txt"))
    (tmp_path / "b.txt").write_text("two\n")
    cli.ok("edit", piece, "--add-file", str(tmp_path / "b.txt"))
    newest, middle, _ = cli.json("history", piece, "--diff")["revisions"]
    assert newest["diff"] == ["--- b.txt", "+++ b.txt", "@@ -1 +1 @@", "-one", "+two"]
    assert middle["diff"][:2] == ["--- /dev/null", "+++ b.txt"]


def applied(before: str, hunks: list[str]) -> str:
    """Apply a unified diff, checking each line that it keeps or removes."""
    old, new, at = before.splitlines(), [], 0
    for line in hunks:
        start = re.match(r"@@ -(\d+)(,0)?", line)
        if start:
            first = int(start[1]) - (start[2] is None)
            new += old[at:first]
            at = first
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            new += [line[1:]] if line[0] == " " else []
            at += 1
    return "".join(f"{line}\n" for line in new + old[at:])


def test_a_diff_leads_from_one_text_to_the_other() -> None:
    words = random.Random(7)
    for _ in range(200):
        old = [f"line {words.randrange(9)}\n" for _ in range(words.randrange(40))]
        new = list(old)
        for _ in range(words.randrange(4)):
            at = words.randrange(40)
            new[at : at + words.randrange(3)] = ["new\n"] * words.randrange(3)
        assert applied("".join(old), diff("".join(old), "".join(new))) == "".join(new)


def test_line_numbers_count_from_the_start_of_the_text() -> None:
    before = "".join(f"{number}\n" for number in range(1000))
    assert diff(before, before.replace("500\n", "x\n"))[0] == "@@ -498,7 +498,7 @@"


def test_a_missing_newline_at_the_end_is_shown() -> None:
    assert diff("a\n", "a") == ["@@ -1 +1 @@", "-a", "+a\n\\ no newline at the end"]


@pytest.mark.parametrize("text", ["x\n", "x{}\n"])
def test_a_large_difference_is_summed_up(text: str) -> None:
    before = "".join(f"{number}\n" for number in range(50_000))
    after = "".join(text.format(number) for number in range(60_000))
    assert diff(before, after) == ["(50,000 lines replaced by 60,000, from line 1)"]
    assert len(diff(before, before.replace("25000\n", "x\n"))) == 9
    assert MAX_COMPARED_LINES <= 1000
