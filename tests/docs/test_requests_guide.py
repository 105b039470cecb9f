"""docs/guides/requests.md: the examples print the output shown, on a device that is connected to a real cloud."""

import re
from pathlib import Path

from tests.support.guide_examples import differences_on_a_connected_device, examples

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/guides/requests.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 8
    wrong = differences_on_a_connected_device(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


def test_every_message_of_the_table_is_in_the_client() -> None:
    rows = re.findall(r"^\| \d \| (.+?) \| .* \|$", PAGE, re.MULTILINE)
    sources = "".join(path.read_text() for path in (ROOT / "client" / "satchel").rglob("*.py"))
    messages = [row.partition(" …")[0] for row in rows]
    assert len(messages) > 5
    assert [message for message in messages if f'"{message}' not in sources] == []
