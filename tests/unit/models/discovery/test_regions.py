"""Regions worth keeping: marked ones, declarations with their imports, blocks and cells."""

import json

from satchel.models.discovery import regions_in
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
    ]
    for start, end in pairs:
        (mark,) = marked_regions([start, "x", end])
        assert (mark.name, mark.first_line, mark.last_line) == ("a", 2, 2)


def test_near_duplicates_are_left_out() -> None:
    body = "\n".join(f"    v{number} = call(a, {number})" for number in range(8))
    text = f"def one(a):\n{body}\n\n\ndef two(b):\n{body.replace('a,', 'b,')}\n"
    assert [one.title for one in regions_in(text, "python")] == ["one"]


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
