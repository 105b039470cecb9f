"""docs/guides/telemetry.md: the examples print the output shown, and the question is the one that satchel asks."""

from pathlib import Path

import pytest
from tests.support.guide_examples import differences, examples

from satchel.cli.consent_question import ASKED_AFTER, QUESTION, REAL_USE_PIECES
from satchel.telemetry.crash_files import MOST_KEPT

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/guides/telemetry.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "DO_NOT_TRACK"):
        monkeypatch.delenv(name, raising=False)
    shown = examples(PAGE)
    assert len(shown) >= 12
    wrong = differences(shown, tmp_path, ["satchel init --quiet"])
    assert not wrong, "\n\n".join(wrong)


def test_the_question_of_the_page_is_asked() -> None:
    assert f"> {QUESTION} [y/N]\n" in PAGE
    assert f"has {REAL_USE_PIECES} Pieces" in PAGE
    assert f"newest {MOST_KEPT} are kept" in PAGE
    assert all(f"`{name}`" in PAGE.split("## The question")[1].split("\n>")[0] for name in ASKED_AFTER)


def test_the_document_of_the_page_is_the_golden_one() -> None:
    golden = (ROOT / "tests/golden/telemetry/telemetry-1.json").read_text()
    assert f"```json\n{golden}```\n" in PAGE
