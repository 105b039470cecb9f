"""docs/guides/carrying.md and moving-in.md: the examples print the output shown."""

from pathlib import Path

import pytest
from tests.support.guide_examples import differences, examples

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"


@pytest.mark.parametrize(("guide", "count"), [("carrying.md", 6), ("moving-in.md", 8)])
def test_every_example_prints_the_output_shown(guide: str, count: int, tmp_path: Path) -> None:
    shown = examples((GUIDES / guide).read_text())
    assert len(shown) == count
    wrong = differences(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


def test_the_default_homes_are_those_of_the_systems() -> None:
    from platformdirs.macos import MacOS
    from platformdirs.unix import Unix

    page = (GUIDES / "carrying.md").read_text()
    for system in (Unix, MacOS):
        home = str(system("satchel", appauthor=False).user_data_path).replace(str(Path.home()), "~")
        assert f"`{home}`" in page
