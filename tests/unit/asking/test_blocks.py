"""Texts divided into the parts that make sense by themselves."""

from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.asking.blocks import MAX_LINES, blocks_of


def shown(text: str) -> list[str]:
    lines = text.splitlines()
    return ["\n".join(lines[block.start : block.end]) for block in blocks_of(lines)]


def test_declarations_with_their_comments_are_blocks() -> None:
    text = "import os\n\n# Reads.\n@cached\ndef read(x):\n\n    return x\n\ndef write(x):\n    pass\n"
    assert shown(text) == [
        "import os",
        "# Reads.\n@cached\ndef read(x):\n\n    return x",
        "def write(x):\n    pass",
    ]


def test_a_heading_goes_with_what_follows_and_a_fence_stays_whole() -> None:
    text = "# Title\n\nWords of\na paragraph.\n\n```sh\nmake\n\nmake test\n```\n\nMore.\n"
    assert shown(text) == ["# Title\n\nWords of\na paragraph.", "```sh\nmake\n\nmake test\n```", "More."]


def test_a_long_class_is_divided_and_its_parts_name_it() -> None:
    body = "\n\n".join(f"    def method_{number}(self):\n        return {number}" for number in range(30))
    lines = f"class Parser:\n{body}".splitlines()
    blocks = blocks_of(lines)
    assert len(blocks) > 10
    assert all(block.end - block.start <= MAX_LINES for block in blocks)
    assert blocks[-1].above == (0,)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["", "x", "  y", "\tz", "# h", "```", "}", "@a", "- i", "é" * 9]), max_size=60)
)
def test_blocks_are_in_order_and_hold_every_line_that_is_not_blank(lines: list[str]) -> None:
    blocks = blocks_of(lines)
    held = [number for block in blocks for number in range(block.start, block.end)]
    assert held == sorted(set(held))
    assert {number for number, line in enumerate(lines) if line.strip()} <= set(held)
