"""The pages that map controls to code: every requirement once, and everything they name exists."""

import re
from pathlib import Path
from typing import Final

import pytest

from audit.named_tests import ROOT, missing_tests, named_tests

FOLDER: Final = ROOT / "docs/security"
ASVS: Final = (FOLDER / "asvs.md").read_text(encoding="utf-8")
SOC2: Final = (FOLDER / "soc2.md").read_text(encoding="utf-8")
STATES: Final = {"met", "partly", "operator", "organisational", "no", "n/a"}
NAMED_PATH: Final = re.compile(r"`((?:client|service|infra|tests|docs|audit)/[\w./-]*)")
PROMISE: Final = re.compile(r"\bP-[A-Z]{3,}")

# The requirements of OWASP ASVS 5.0.0 at levels 1 and 2, by section.
ASVS_NUMBERS: Final = {
    "1.1": (1, 2),
    "1.2": (1, 2, 3, 4, 5, 6, 7, 8, 9),
    "1.3": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "1.4": (1, 2, 3),
    "1.5": (1, 2),
    "2.1": (1, 2, 3),
    "2.2": (1, 2, 3),
    "2.3": (1, 2, 3, 4),
    "2.4": (1,),
    "3.2": (1, 2),
    "3.3": (1, 2, 3, 4),
    "3.4": (1, 2, 3, 4, 5, 6),
    "3.5": (1, 2, 3, 4, 5),
    "3.7": (1, 2),
    "4.1": (1, 2, 3),
    "4.2": (1,),
    "4.3": (1, 2),
    "4.4": (1, 2, 3, 4),
    "5.1": (1,),
    "5.2": (1, 2, 3),
    "5.3": (1, 2),
    "5.4": (1, 2, 3),
    "6.1": (1, 2, 3),
    "6.2": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    "6.3": (1, 2, 3, 4),
    "6.4": (1, 2, 3, 4),
    "6.5": (1, 2, 3, 4, 5),
    "6.6": (1, 2, 3),
    "6.8": (1, 2, 3, 4),
    "7.1": (1, 2, 3),
    "7.2": (1, 2, 3, 4),
    "7.3": (1, 2),
    "7.4": (1, 2, 3, 4, 5),
    "7.5": (1, 2),
    "7.6": (1, 2),
    "8.1": (1, 2),
    "8.2": (1, 2, 3),
    "8.3": (1,),
    "8.4": (1,),
    "9.1": (1, 2, 3),
    "9.2": (1, 2, 3, 4),
    "10.1": (1, 2),
    "10.2": (1, 2),
    "10.3": (1, 2, 3, 4),
    "10.4": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "10.5": (1, 2, 3, 4, 5),
    "10.6": (1, 2),
    "10.7": (1, 2, 3),
    "11.1": (1, 2),
    "11.2": (1, 2, 3),
    "11.3": (1, 2, 3),
    "11.4": (1, 2, 3, 4),
    "11.5": (1,),
    "11.6": (1,),
    "12.1": (1, 2, 3),
    "12.2": (1, 2),
    "12.3": (1, 2, 3, 4),
    "13.1": (1,),
    "13.2": (1, 2, 3, 4, 5),
    "13.3": (1, 2),
    "13.4": (1, 2, 3, 4, 5),
    "14.1": (1, 2),
    "14.2": (1, 2, 3, 4),
    "14.3": (1, 2, 3),
    "15.1": (1, 2, 3),
    "15.2": (1, 2, 3),
    "15.3": (1, 2, 3, 4, 5, 6, 7),
    "16.1": (1,),
    "16.2": (1, 2, 3, 4, 5),
    "16.3": (1, 2, 3, 4),
    "16.4": (1, 2, 3),
    "16.5": (1, 2, 3),
    "17.1": (1,),
    "17.2": (1, 2, 3, 4),
    "17.3": (1, 2),
}
# The Trust Services Criteria of 2017.
SOC2_NUMBERS: Final = {
    "CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2,
    "A1": 3, "C1": 2, "PI1": 5, "P1": 1, "P2": 1, "P3": 2, "P4": 3, "P5": 2, "P6": 7, "P7": 1, "P8": 1,
}  # fmt: skip


def rows(page: str, number: str) -> list[list[str]]:
    """Return the cells of the rows whose first cell matches a pattern."""
    found = [line for line in page.splitlines() if re.match(rf"\| {number} \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


ASVS_ROWS: Final = rows(ASVS, r"\d+\.\d+\.\d+")
SOC2_ROWS: Final = rows(SOC2, r"[A-Z]+\d\.\d")


def test_every_requirement_of_the_asvs_is_listed_once_and_in_order() -> None:
    expected = [f"{section}.{number}" for section, numbers in ASVS_NUMBERS.items() for number in numbers]
    assert len(expected) == 253
    assert [row[0] for row in ASVS_ROWS] == expected


@pytest.mark.parametrize("row", ASVS_ROWS, ids=lambda row: row[0])
def test_each_requirement_has_a_state_and_evidence_or_a_reason(row: list[str]) -> None:
    _, level, requirement, state, evidence = row
    assert level in {"1", "2"}
    assert state in STATES
    assert requirement
    assert evidence
    if state == "met":
        is_page = re.search(r"\]\([\w./#-]+\)", evidence) is not None
        assert (
            PROMISE.search(evidence)
            or NAMED_PATH.search(evidence)
            or is_page
            or re.search(r"\bas \d+\.", evidence)
        )


def test_every_criterion_of_soc_2_is_listed_once_and_in_order() -> None:
    expected = [f"{group}.{n}" for group, count in SOC2_NUMBERS.items() for n in range(1, count + 1)]
    assert [row[0] for row in SOC2_ROWS] == expected


@pytest.mark.parametrize("row", SOC2_ROWS, ids=lambda row: row[0])
def test_each_criterion_says_what_code_shows_and_cannot_show(row: list[str]) -> None:
    assert len(row) == 4
    about, shows, cannot = (cell.strip(" |") for cell in row[1:])
    assert about
    assert shows == "nothing" or PROMISE.search(shows) or "`" in shows or "](" in shows or "owners" in shows
    assert cannot or row[0].startswith("PI1")


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.name)
def test_everything_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [path for path in NAMED_PATH.findall(text) if not (ROOT / path).exists()] == []
    assert missing_tests(text) == []


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", page.read_text(encoding="utf-8"))
    assert [
        link for link in links if link[1] not in headings((page.parent / link[0]) if link[0] else page)
    ] == []


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text).strip().lower().replace(" ", "-") for text in found}


def test_the_pages_name_many_tests() -> None:
    assert len(set(named_tests(ASVS))) > 60
    assert len(set(named_tests(SOC2))) > 25


def test_the_front_page_lists_every_suite_and_every_page() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    suites = {path.parent.name for path in (ROOT / "tests/security").glob("*/test_*.py")}
    assert set(re.findall(r"\]\(\.\./\.\./tests/security/(\w+)/\)", text)) == suites
    pages = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", text)) >= pages


def test_the_front_page_names_every_promise() -> None:
    model = (ROOT / "docs/spec/threat-model.md").read_text(encoding="utf-8")
    promises = set(re.findall(r"^\| (P-[A-Z-]+) \|", model, re.MULTILINE))
    assert set(re.findall(r"\bP-[A-Z-]+\b", (FOLDER / "README.md").read_text(encoding="utf-8"))) == promises
