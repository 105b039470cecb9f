"""docs/guides/recall.md: the examples print the output shown, on a device that remembers four days of work."""

from pathlib import Path

from tests.support.guide_examples import differences, examples
from tests.unit.memory.days import all_days, events_of

from satchel.memory import MemoryStore

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/recall.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) == 4
    with MemoryStore.create(tmp_path / "home") as memory:
        memory.add(events_of(all_days()))
    wrong = differences(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)
