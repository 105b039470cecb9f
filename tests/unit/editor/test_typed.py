"""The text before the cursor."""

import pytest

from satchel.editor.typed import MAX_QUESTION_CHARS, read_typed, word_around


@pytest.mark.parametrize(
    ("line", "prefixes"),
    [
        ("for", ("for",)),
        ("    for-e", ("for-e", "e")),
        ("x.log", ("x.log", "log")),
        ("print(par", ("par",)),
        ("!", ("!",)),
        ("x = ", ()),
        ("'text", ("text",)),
        ("größe", ("größe",)),
        ("y" * 61, ()),
        ("", ()),
    ],
)
def test_prefixes_end_at_the_cursor(line: str, prefixes: tuple[str, ...]) -> None:
    assert read_typed(line, "python").prefixes == prefixes


@pytest.mark.parametrize(
    ("line", "language", "text", "stays"),
    [
        ("    # read a csv file", "python", "read a csv file", True),
        ("// retry with backoff", "go", "retry with backoff", True),
        ("  -- join two tables", "sql", "join two tables", True),
        ("<!-- a modal dialog", "html", "a modal dialog", True),
        ("? retry with backoff", "go", "retry with backoff", False),
        ("  ?retry with backoff", "markdown", "retry with backoff", False),
    ],
)
def test_a_comment_and_a_question_mark_ask(line: str, language: str, text: str, stays: bool) -> None:
    question = read_typed(line, language).question
    assert question is not None
    assert (question.text, question.stays) == (text, stays)
    assert question.start == len(line) - len(line.lstrip())


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("# Title of the page", "markdown"),
        ("#include <stdio.h>", "c"),
        ("# todo", "python"),
        ("x = read(a)  # two words", "python"),
        (f"# {'long words ' * MAX_QUESTION_CHARS}", "python"),
    ],
)
def test_other_lines_do_not_ask(line: str, language: str) -> None:
    assert read_typed(line, language).question is None


def test_the_word_around_a_column_is_found_with_its_start() -> None:
    assert word_around("y = split_pairs(x)", 8) == (4, "split_pairs")
    assert word_around("y = split_pairs(x)", 15) == (4, "split_pairs")
    assert word_around("see satchel://piece/01ABC.", 6) == (4, "satchel://piece/01ABC")
    assert word_around("a  b", 2) is None
    assert word_around(" " * 10_000 + "word", 10_002) == (10_000, "word")
