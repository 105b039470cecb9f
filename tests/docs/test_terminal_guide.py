"""docs/guides/terminal.md: the examples print the output shown."""

from pathlib import Path

import pytest
from tests.support.guide_examples import differences, examples

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/terminal.md").read_text()


@pytest.mark.tool("bash")
def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 8
    wrong = differences(shown, tmp_path, ('export HOME="$PWD"', "satchel init --quiet"))
    assert not wrong, "\n\n".join(wrong)
