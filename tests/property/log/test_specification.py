"""docs/spec/log.md agrees with the code."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.property.log.moving_mutants import MOVING_MUTANTS
from tests.property.log.mutants import MUTANTS

from satchel_service.log.format import NO_WRITER, Kind, emptied_entry
from satchel_service.log.journal import CONFIRM_AFTER_S, STORE_TIMEOUT_S
from satchel_service.log.policy import DEFAULT

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "spec" / "log.md").read_text()
HOUR_MS: Final = 60 * 60 * 1000


def section(number: int) -> str:
    """Return the text of one section."""
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def table(number: int) -> list[list[str]]:
    """Return the cells of a section's table, without its header."""
    rows = [line.strip("|").split("|") for line in section(number).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_rule_listed_as_necessary_has_a_mutant() -> None:
    assert sorted(rule for rule, _ in table(12)) == sorted(MUTANTS)


def test_every_rule_of_a_move_listed_as_necessary_has_a_mutant() -> None:
    assert sorted(rule for rule, place in rules_of_moves()) == sorted(MOVING_MUTANTS)


def rules_of_moves() -> list[tuple[str, str]]:
    """Return the rules and sections of the table at the end of section 14."""
    return [(row[0], row[1]) for row in table(14) if len(row) == 2 and row[1].startswith("14.")]


def test_every_rule_is_stated_in_the_section_listed() -> None:
    for _, place in [*table(12), *rules_of_moves()]:
        assert re.search(rf"(\*\*{place} |## {place}\. )", PAGE), place


def test_the_listed_numbers_are_those_of_the_policy() -> None:
    numbers = {
        name: [int(digits.replace(",", "")) for digits in re.findall(r"[\d,]*\d", number)]
        for _, number, names in table(11)
        for name in [names.replace("`", "")]
    }
    assert numbers == {
        "retention_ms": [DEFAULT.retention_ms // HOUR_MS],
        "snapshot_entries": [DEFAULT.snapshot_entries],
        "snapshot_age_ms": [DEFAULT.snapshot_age_ms // (24 * HOUR_MS)],
        "bytes_per_entry": [DEFAULT.bytes_per_entry],
        "batch_bytes": [DEFAULT.batch_bytes],
        "first_read_ahead, read_ahead": [DEFAULT.first_read_ahead, DEFAULT.read_ahead],
        "truncate_entries": [DEFAULT.truncate_entries],
        "attempts": [DEFAULT.attempts],
    }


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_entry_is_specified(kind: Kind) -> None:
    assert f"{int(kind)} {kind.name.lower()}" in section(2)
    assert f"**{kind.name.lower()}**" in section(2)


def test_the_sizes_and_times_in_the_text_are_correct() -> None:
    assert f"({len(emptied_entry(1, NO_WRITER).encode())} bytes)" in section(6)
    assert f"for {STORE_TIMEOUT_S:.0f} s" in section(5)
    assert f"for {CONFIRM_AFTER_S:.0f} s" in section(5)
