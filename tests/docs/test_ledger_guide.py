"""docs/guides/ledger.md: the examples print the output shown, on a device that is connected to a real cloud."""

import re
from pathlib import Path

from tests.support.guide_examples import differences, examples
from tests.support.service import ServiceProcess

from satchel.outgoing.recording import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/ledger.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 7
    with ServiceProcess(tmp_path / "cloud") as service:
        setup = [
            "satchel init --quiet",
            f"satchel connect {service.url} --pair {service.pairing_code} --label laptop --quiet",
        ]
        wrong = differences(shown, tmp_path, setup)
    assert not wrong, "\n\n".join(wrong)


def test_every_kind_is_explained() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == set(KINDS)
