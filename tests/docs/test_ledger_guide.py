"""docs/guides/ledger.md: the examples print the output shown, on a device that is connected to a real cloud."""

import re
from pathlib import Path

from tests.support.guide_examples import differences_on_a_connected_device, examples

from satchel.ledger import ACCESS_KINDS
from satchel.outgoing.recording import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/ledger.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 7
    wrong = differences_on_a_connected_device(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


def test_every_kind_is_explained() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == {*KINDS, *ACCESS_KINDS}
