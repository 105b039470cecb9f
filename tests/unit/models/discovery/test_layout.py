"""The layout of texts of any language."""

from satchel.models.discovery.layout import Item, layout_of


def shape(text: str) -> list[object]:
    """Return the first and last lines of the items, nested as they are."""

    def of(item: Item) -> object:
        lines = (item.lead_line, item.last_line)
        return (lines, [of(one) for one in item.items]) if item.items else lines

    return [of(item) for item in layout_of(text.splitlines()).root.items]


def test_a_block_ends_with_the_line_that_closes_it() -> None:
    assert shape("f() {\n  a;\n  b;\n}\ng() {\n  c;\n}\n") == [
        ((1, 4), [(2, 2), (3, 3)]),
        ((5, 7), [(6, 6)]),
    ]


def test_branches_belong_to_one_item() -> None:
    for text in (
        "if a:\n  b\nelif c:\n  d\nelse:\n  e\n",
        "if (a)\n{\n  b\n}\nelse\n{\n  c\n}\n",
        "begin\n  a\nrescue X\n  b\nend\n",
        "call(\n  a,\n)\n",
        "class A {\npublic:\n  int a;\nprivate:\n  int b;\n};\n",
    ):
        layout = layout_of(text.splitlines())
        assert [(one.first_line, one.last_line) for one in layout.root.items] == [(1, text.count("\n"))]


def test_comments_and_decorators_lead_what_is_directly_below() -> None:
    assert shape("// about a\n@Test\nvoid a() {\n  b;\n}\n\n// alone\n\nc;\n") == [
        ((1, 5), [(4, 4)]),
        (7, 7),
        (9, 9),
    ]
    assert shape("/*\n  About\n*/\na;\n") == [(1, 4)]


def test_entries_of_a_list_stand_below_their_key() -> None:
    assert shape("steps:\n- name: a\n  run: b\n- name: c\nother: d\n") == [
        ((1, 4), [((2, 3), [(3, 3)]), (4, 4)]),
        (5, 5),
    ]


def test_paragraphs_are_parted_by_blank_lines() -> None:
    layout = layout_of("a\nb\n\nc {\n\n  d\n}\ne\n".splitlines())
    groups = [[(one.first_line, one.last_line) for one in group] for group in layout.root.paragraphs()]
    assert groups == [[(1, 1), (2, 2)], [(4, 7), (8, 8)]]


def test_kinds_of_lines() -> None:
    text = "// Copyright\n\npackage a;\nimport b;\n@Test\nvoid c() {\n#include <x>\n---\n# d\n"
    assert layout_of(text.splitlines()).kinds == (
        "comment",
        "",
        "package",
        "import",
        "decorator",
        "code",
        "import",
        "rule",
        "comment",
    )
