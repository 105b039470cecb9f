"""docs/guides/backups.md: the examples print the output shown, on a device that is connected to a real cloud."""

from pathlib import Path

from tests.support.guide_examples import differences_on_a_connected_device, examples

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "backups.md"


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE.read_text())
    assert len(shown) > 8
    wrong = differences_on_a_connected_device(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)
