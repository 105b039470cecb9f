"""Regions worth keeping: marked ones, declarations with their imports, blocks and cells."""

import json
import time
from dataclasses import replace

from satchel.models.discovery import distinct, regions_in
from satchel.models.discovery.marks import marked_regions

FILE = '''import os
import sys

LIMIT = 3


# Return the lines of a file.
def lines_of(path):
    with open(os.path.join(path, "x")) as file:
        found = []
        for line in file:
            found.append(line.strip())
        return found


class Report:
    """A report."""

    def __init__(self, title):
        self.title = title

    def show(self):
        print(self.title)
'''


def test_a_function_comes_with_its_comment_and_its_imports() -> None:
    region = next(one for one in regions_in(FILE, "python") if one.title == "lines_of")
    assert (region.first_line, region.last_line) == (7, 13)
    assert region.text.startswith("import os\n\n# Return the lines")
    assert "import sys" not in region.text
    assert region.reason == "a function, with its documentation, with its imports"


def test_a_class_is_a_region() -> None:
    assert "Report" in [one.title for one in regions_in(FILE, "python")]


def test_marked_regions_come_first_and_lose_their_indentation() -> None:
    text = "class A {\n  // [START read]\n  int a() {\n    return 1;\n  }\n  // [END read]\n}\n"
    first = regions_in(text, "java")[0]
    assert (first.title, first.first_line, first.last_line) == ("read", 3, 5)
    assert first.text == "int a() {\n  return 1;\n}\n"


def test_every_kind_of_mark_is_known() -> None:
    pairs = [
        ("# [START a]", "# [END a]"),
        ("// tag::a[]", "// end::a[]"),
        ("#region a", "#endregion"),
        ("// #region a", "// #endregion"),
        ("//! [a]", "//! [a]"),
        ("// ANCHOR: a", "// ANCHOR_END: a"),
        ("// js-docs-start a", "// js-docs-end a"),
        ("// #docregion a", "// #enddocregion a"),
        ("// @@@SNIPSTART a", "// @@@SNIPEND"),
        ("# STEP_START a", "# STEP_END"),
    ]
    for start, end in pairs:
        (mark,) = marked_regions([start, "x", end])
        assert (mark.name, mark.first_line, mark.last_line) == ("a", 2, 2)


def test_texts_that_repeat_each_other_count_once() -> None:
    body = "\n".join(f"    v{number} = call(a, {number})" for number in range(8))
    found = regions_in(f"def one(a):\n{body}\n\n\ndef two(a):\n{body}\n    return 1\n", "python")
    assert {"one", "two"} <= {one.title for one in found}
    copies = [replace(one, first_line=one.first_line + 100) for one in found]
    assert distinct([*found, *copies]) == found


def test_no_two_regions_have_nearly_the_same_lines() -> None:
    found = regions_in(FILE * 5, "python")
    pairs = [(one, other) for one in found for other in found if one is not other]
    assert len(found) > 10
    for one, other in pairs:
        shared = min(one.last_line, other.last_line) - max(one.first_line, other.first_line) + 1
        union = max(one.last_line, other.last_line) - min(one.first_line, other.first_line) + 1
        assert shared / union < 0.8


def test_scores_keep_the_order_of_the_list() -> None:
    scores = [one.score for one in regions_in(FILE * 3, "python")]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] < 0.95


def test_languages_without_a_parser_have_regions() -> None:
    scss = "// Licensed under MIT\n\n@use 'a';\n\n// Round corners\n@mixin round($r: 4px) {\n  @if $on {\n    border-radius: $r;\n  }\n}\n"
    assert ("Round corners", 5, 10) in [
        (one.title, one.first_line, one.last_line) for one in regions_in(scss, "scss")
    ]
    qml = "import QtQuick\n\nItem {\n    id: root\n\n    Text {\n        text: 'a'\n        color: 'red'\n        visible: true\n    }\n}\n"
    assert (6, 10) in [(one.first_line, one.last_line) for one in regions_in(qml, "")]


def test_prose_has_no_regions() -> None:
    assert regions_in("One paragraph\nof three\nlines.\n\nAnd\none\nmore.\n" * 4, "text") == []


def test_long_and_deep_texts_take_bounded_time() -> None:
    for text in (
        "{\n" * 30_000,
        "\n".join(" " * n + "a" for n in range(360)),
        "a\n\n" * 20_000,
        "/*\n" * 20_000,
    ):
        started = time.process_time()
        assert len(regions_in(text, "")) <= 200
        assert time.process_time() - started < 10


def test_code_blocks_are_named_by_their_heading() -> None:
    text = "# Use\n\n```python\nimport x\n\nx.run(1)\n```\n\n## More\n\n~~~\n$ a b\n$ c d\n~~~\n"
    regions = {one.title: one for one in regions_in(text, "markdown")}
    assert (regions["Use"].language, regions["Use"].first_line, regions["Use"].last_line) == ("python", 4, 6)
    assert regions["More"].language == ""


def test_cells_of_a_notebook() -> None:
    cells = [
        {"cell_type": "code", "source": ["import x\n", "y = x.a(1)\n", "print(y)\n"]},
        {"cell_type": "markdown"},
    ]
    (region,) = regions_in(json.dumps({"cells": cells}), "json", "a.ipynb")
    assert region.text == "import x\ny = x.a(1)\nprint(y)\n"
    assert regions_in("[" * 100_000, "json", "a.ipynb") == []
