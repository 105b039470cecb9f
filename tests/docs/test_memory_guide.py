"""docs/guides/memory.md: the examples print the output shown, in a home directory of their own."""

from pathlib import Path

import pytest
from tests.support.guide_examples import differences, examples

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/memory.md").read_text()
SETUP = (
    'export HOME="$PWD" GIT_CONFIG_GLOBAL="$PWD/.gitconfig"',
    "git config --global user.email ann@example.org && git config --global user.name Ann",
    "git init -q parser && git -C parser commit -q --allow-empty -m 'Parse headers'",
    "mkdir notes && echo 'folded lines' > notes/headers.md",
    "satchel init --quiet",
)


@pytest.mark.tool("git")
def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 19
    wrong = differences(shown, tmp_path, SETUP)
    assert not wrong, "\n\n".join(wrong)
