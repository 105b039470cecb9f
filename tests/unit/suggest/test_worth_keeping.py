"""What is worth keeping of a text: the whole or its best parts, none twice."""

from satchel.suggest.worth_keeping import worth_keeping

USAGE = "import acme\n\nclient = acme.Client()\nprint(client.get('hello'))  # => world\n"
LIBRARY = "\n\n".join(
    f"def _step_{number}(self, value):\n"
    + "".join(f"    self._v{n} = value + {n + number}\n" for n in range(40))
    for number in range(5)
)


def test_a_short_text_is_kept_as_a_whole() -> None:
    (one,) = worth_keeping(USAGE, "python", "usage.py")
    assert (one.title, one.first_line, one.last_line, one.text) == ("usage.py", 1, 4, USAGE)
    assert one.worth > 0.8
    assert one.reason.startswith("the whole text, ")


def test_a_long_text_has_parts_that_share_no_lines() -> None:
    found = worth_keeping(LIBRARY, "python", "steps.py")
    assert [one.worth for one in found] == sorted((one.worth for one in found), reverse=True)
    lines = [line for one in found for line in range(one.first_line, one.last_line + 1)]
    assert len(found) > 3
    assert len(lines) == len(set(lines))
    assert "_step_0" in [one.title for one in found]


def test_code_blocks_of_a_document_are_judged() -> None:
    text = f"# Use\n\n```python\n{USAGE}```\n\n" + "Some words about it.\n" * 130
    (one,) = worth_keeping(text, "markdown", "README.md")
    assert (one.title, one.language, one.first_line, one.last_line) == ("Use", "python", 4, 7)


def test_an_empty_text_has_nothing_to_keep() -> None:
    assert worth_keeping(" \n", "", "") == []
