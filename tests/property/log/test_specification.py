"""docs/spec/log.md says what the code does."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.property.log.without import WITHOUT

from satchel_service.log.format import NOBODY, Kind, emptied
from satchel_service.log.journal import PATIENCE_S, STALE_S
from satchel_service.log.policy import STANDARD

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "spec" / "log.md").read_text()
HOUR_MS: Final = 60 * 60 * 1000


def section(number: int) -> str:
    """Return the text of one section."""
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def table(number: int) -> list[list[str]]:
    """Return the cells of a section's table, without its head."""
    rows = [line.strip("|").split("|") for line in section(number).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_the_rules_that_the_page_calls_needed_are_those_that_are_taken_away() -> None:
    assert sorted(rule for rule, _ in table(12)) == sorted(WITHOUT)


def test_every_rule_is_told_in_the_section_that_is_named() -> None:
    for _, place in table(12):
        assert re.search(rf"(\*\*{place} |## {place}\. )", PAGE), place


def test_the_numbers_are_those_of_the_policy() -> None:
    numbers = {
        name: [int(digits.replace(",", "")) for digits in re.findall(r"[\d,]*\d", number)]
        for _, number, names in table(11)
        for name in [names.replace("`", "")]
    }
    assert numbers == {
        "retention_ms": [STANDARD.retention_ms // HOUR_MS],
        "snapshot_entries": [STANDARD.snapshot_entries],
        "snapshot_age_ms": [STANDARD.snapshot_age_ms // (24 * HOUR_MS)],
        "bytes_per_entry": [STANDARD.bytes_per_entry],
        "batch_bytes": [STANDARD.batch_bytes],
        "first_read_ahead, read_ahead": [STANDARD.first_read_ahead, STANDARD.read_ahead],
        "truncate_entries": [STANDARD.truncate_entries],
        "attempts": [STANDARD.attempts],
    }


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_entry_is_told(kind: Kind) -> None:
    assert f"{int(kind)} {kind.name.lower()}" in section(2)
    assert f"**{kind.name.lower()}**" in section(2)


def test_the_sizes_and_times_in_the_text_are_right() -> None:
    assert f"({len(emptied(1, NOBODY).encode())} bytes)" in section(6)
    assert f"for {PATIENCE_S:.0f} s" in section(5)
    assert f"for {STALE_S:.0f} s" in section(5)
