"""Links of Markdown by CommonMark's rules, and addresses in code."""

import pytest
from tests.support.growth import require_linear

from satchel.models.interface import Subject
from satchel.models.links import addresses_in, links_in_markdown, open_model

MARKDOWN = {
    "[a](https://x.org/a_(b)_c)": ["https://x.org/a_(b)_c"],
    "[a](<https://x.org/a b> 'title')": ["https://x.org/a b"],
    '[a]( https://x.org "t")': ["https://x.org"],
    "[a](https://x.org": ["https://x.org"],
    "<https://x.org/?a=1>": ["https://x.org/?a=1"],
    "see www.x.org/a.": ["http://www.x.org/a"],
    "(https://x.org/a_(b)).": ["https://x.org/a_(b)"],
    "https://x.org/a&amp;b": ["https://x.org/a&b"],
    "[a][r]\n\n[r]: https://x.org": ["https://x.org"],
    "[R]\n\n[r]:\n  <https://x.org> 'title'": ["https://x.org"],
    "[unused]: https://x.org": [],
    "![a](https://x.org/a.png)": [],
    "[![a](https://x.org/a.png)](https://y.org)": ["https://y.org"],
    "`https://x.org`": [],
    "``a ` https://x.org`` https://y.org": ["https://y.org"],
    "```\nhttps://x.org\n```\nhttps://y.org": ["https://y.org"],
    "text\n\n    https://x.org\n": [],
    "[a\\](https://x.org)": ["https://x.org"],
    '<a href="https://x.org">': [],
    "[`a.b()`]\n\n[`a.b()`]: https://x.org": ["https://x.org"],
}


@pytest.mark.parametrize("text", MARKDOWN, ids=range(len(MARKDOWN)))
def test_markdown(text: str) -> None:
    assert links_in_markdown(text) == MARKDOWN[text]


def test_addresses_in_code_end_at_quotes() -> None:
    text = "url = f\"https://x.org/{name}\"  # see https://y.org/z, and 'www.z.org'\n"
    assert [one for _, one in addresses_in(text, is_code=True)] == [
        "https://x.org/",
        "https://y.org/z",
        "www.z.org",
    ]


def test_badges_and_examples_are_less_sure() -> None:
    text = "[a](https://img.shields.io/x) [b](https://docs.python.org/3/)"
    found = open_model().suggest(Subject(text, language="markdown"))
    assert [one.value for one in found] == ["https://docs.python.org/3/", "https://img.shields.io/x"]
    assert found[0].confidence > 0.5 > found[1].confidence


@pytest.mark.parametrize(
    "unit", ["[", "[a](", "](", "`", "<a:", "![", "[a]:", "https://", "www.a.", "(", "<!--", "``` "]
)
def test_no_text_takes_long(unit: str) -> None:
    require_linear(links_in_markdown, unit, 32_768)
